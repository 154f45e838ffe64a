"""A run of the linter made by hand, with one of everything that outputs have to show, and any run that can exist."""

from hypothesis import strategies as st

from audit.errors import Problem
from audit.lint.finding import LintedFile, LintFinding, LintRun, StaleEntry, Suppressed
from audit.model.finding import Citation, Severity
from audit.model.script import Place

_SHA = "5d41402abc4b2a76b9719d911017c592" * 2

VIOLENCE = Citation(
    "cba2026.redline-violence",
    "依据：《金融机构个人消费类贷款催收工作指引（试行）》第三章（行业指引）（大意，非原文）：严禁散布隐私、非法获取个人信息，以及恐吓、辱骂、欺诈、威胁、暴力、涉黑等方式催收。",
    "Under 《金融机构个人消费类贷款催收工作指引（试行）》第三章（行业指引） [industry guideline; in substance, not the original words]: "
    "No spreading of private matters, unlawful obtaining of personal data, intimidation, insult, fraud, threat, violence, gang methods.",
    "paraphrase",
    "0c4de60fd57fe7c2ffd35ab3c1eb37bfbc8e1147c40c90232c2572cfb8fae7e1",
)
DISCLOSURE = Citation(
    "nifa2018.no-disclosure",
    "依据：《互联网金融逾期债务催收自律公约（试行）》（行业自律公约）（大意，非原文）：除法律法规另有规定外，不得向债务人以外的人透露债务人负债、逾期、违约等信息。",
    "Under 《互联网金融逾期债务催收自律公约（试行）》（行业自律公约） [self-regulatory pact; in substance, not the original words]: "
    "The debtor's debts, arrears or default are not disclosed to anyone else, unless law provides otherwise.",
    "paraphrase",
    "76412ac1fb9edbeb9bb09a4b2f79f399618c2b8559439d7f97ce9c2c9555a277",
)
PEACE = Citation(
    "civ.1033",
    "可能涉及《中华人民共和国民法典》第1033条：“(一)以电话、短信、即时通讯工具…侵扰他人的私人生活安宁”",
    "May touch 《中华人民共和国民法典》第1033条 [law; verbatim]: “(一)以电话、短信、即时通讯工具…侵扰他人的私人生活安宁” – "
    "no disturbing of private peace by phone, message, chat.",
    "verbatim",
    "0d7734b6b531cddae045ccf9b9b00e784dfa572f0aba9232bb804aae8293f719",
)
IDENTIFY = Citation(
    "nifa2018.identify-institution",
    "依据：《互联网金融逾期债务催收自律公约（试行）》（行业自律公约）（大意，非原文）：催收人员应当第一时间表明所代表机构的名称；外访时主动出示证件和借款信息。",
    "Under 《互联网金融逾期债务催收自律公约（试行）》（行业自律公约） [self-regulatory pact; in substance, not the original words]: "
    "The collector states at once the name of the institution represented.",
    "paraphrase",
    "607cf5989949828ec96f25927abbef99fe2a8af1eb59b77e37cfe8b9501618b3",
)

# name, message, suggestion in Chinese and English, and the clauses, by rule.
_RULES = {
    "threat.exposure/tell-people": (
        ("暗示告诉身边人", "Hint at telling others"),
        (
            "坐席以联系家人、单位、熟人或公开场合相要挟。",
            "The agent hints that family, employer or acquaintances will hear of the debt.",
        ),
        (
            "不要以联系他人作为催收手段。可以说“这件事我们只和您本人沟通”。",
            "Do not use contact with others as a means. Say that the matter is discussed with the debtor only.",
        ),
        (VIOLENCE, DISCLOSURE, PEACE),
    ),
    "identity.refused/name-or-staff-number": (
        ("拒绝表明身份或工号", "Refusing to identify"),
        (
            "对方询问公司、姓名、工号或委托手续，坐席拒绝说明。",
            "Asked for company, name, staff number or mandate, the agent refuses.",
        ),
        (
            "请立即说明，例如“我是受某某银行委托的某某公司，工号1287，官网可以核实”。",
            "Answer at once with company, mandate and staff number, and say where this can be verified.",
        ),
        (IDENTIFY,),
    ),
    "privacy.illegal_source/claimed-tracking": (
        ("自称掌握非法信息", "Claim of unlawfully obtained data"),
        (
            "坐席自称通过定位、通话记录、流水等掌握对方信息，这些信息不可能合法取得。",
            "The agent claims location, call records, bank data or the like, which cannot lawfully be had.",
        ),
        ("可以说“我们只使用您在合同中留下的联系方式”。", "Say that only the contact data in the contract are used."),
        (VIOLENCE,),
    ),
}


def finding(
    source: str,
    quote: str,
    *,
    path: str = "话术/M3 开场.md",
    line: int = 12,
    severity: Severity = Severity.CRITICAL,
    cell: str | None = None,
    suppressed: Suppressed | None = None,
    rule: str = "threat.exposure/tell-people",
    fingerprint: str = "9f86d081884c7d65",
) -> LintFinding:
    """A finding whose `quote` stands once in `source`, the line `line` of a file."""
    name, message, suggestion, clauses = _RULES[rule]
    start = source.index(quote)
    return LintFinding(
        path=path,
        start=Place(line, start + 1),
        end=Place(line, start + len(quote) + 1),
        label=rule.partition("/")[0],
        rule=rule,
        severity=severity,
        quote=quote,
        name={"zh": name[0], "en": name[1]},
        message={"zh": message[0], "en": message[1]},
        suggestion={"zh": suggestion[0], "en": suggestion[1]},
        clauses=clauses,
        fingerprint=fingerprint,
        confidence=0.85,
        cell=cell,
        source=source,
        suppressed=suppressed,
    )


THREAT = finding("坐席：{{客户姓名}}，再不还我们就通知你的家人和单位。", "通知你的家人和单位")
AGAIN = finding("坐席：最后一次，通知你的家人和单位。", "通知你的家人和单位", line=30, severity=Severity.MAJOR)
MINOR = finding(
    "坐席：工号？不方便告诉您。",
    "不方便告诉您",
    line=3,
    severity=Severity.MINOR,
    rule="identity.refused/name-or-staff-number",
    fingerprint="60303ae22b998861",
)
IN_SHEET = finding(
    "我们查了你的通话记录\n知道你在哪",
    "查了你的通话记录",
    path="话术/外呼.xlsx",
    line=3,
    cell="联系人话术!B3",
    severity=Severity.INFO,
    rule="privacy.illegal_source/claimed-tracking",
    fingerprint="fd61a03af4f77d87",
)
COMMENTED = finding(
    "坐席：通知你的家人。",
    "通知你的家人",
    line=40,
    suppressed=Suppressed("comment", "培训反例"),
    fingerprint="a4ac914c09d7c097",
)
KNOWN = finding(
    "坐席：告诉你父母。", "告诉你父母", line=41, suppressed=Suppressed("baseline"), fingerprint="ef2d127de37b942b"
)

RUN = LintRun(
    files=(
        LintedFile("话术/M3 开场.md", (MINOR, THREAT, AGAIN, COMMENTED, KNOWN)),
        LintedFile("话术/外呼.xlsx", (IN_SHEET,)),
        LintedFile("话术/回访.md"),
        LintedFile("话术/坏.txt", problem=Problem("CA109", "话术/坏.txt")),
    ),
    version="0.1.0",
    pack_sha256=_SHA,
    policy="default",
    stale=(StaleEntry("话术/回访.md", "threat.vague/consequences"),),
)
CLEAN = LintRun((LintedFile("话术/回访.md"),), "0.1.0", _SHA, "default")


def run_of(*findings: LintFinding) -> LintRun:
    """One file's run with these findings."""
    return LintRun((LintedFile(findings[0].path, findings),), "0.1.0", _SHA, "default")


# Words that have harmed readers of reports: terminals, runners, parsers, browsers, sheets.
HOSTILE = (
    "",
    "\x1b[2J\x1b]0;标题\x07",
    "::error file=x::伪造\n::set-output name=a::b",
    "100%\r\n%0A",
    "]]><!-- & <script>alert('1')</script>",
    "| a | `b` ``c`` @octocat #12 [点我](javascript:alert(1)) ![](http://x/y.png)",
    "\u202e反向\u2066\u2069\u200b\ufeff",
    "\ud83d坏\udc80",
    "{0} {{客户姓名}} [a](b)",
    "👨\u200d👩\u200d👧 e\u0301 ⚠\ufe0f 한",
    "\x00\x0b\x85\u2028\u2029\ufffe",
    "a\tb\t",
    "\\|\\`",
    "</details>" * 30,
    "长" * 3000,
)

texts = st.one_of(st.text(max_size=20), st.sampled_from(HOSTILE))
# What the system hands out as file names: any bytes but NUL, those that are not UTF-8 as low surrogates.
paths = st.one_of(
    st.binary(min_size=1, max_size=12)
    .filter(lambda raw: b"\0" not in raw)
    .map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.sampled_from(["a/b.md", "/话术/开场.docx", "x:y,z%.md", "a\nb.md", "\u202e.xlsx", "../上/级.yaml"]),
)
words = st.dictionaries(st.sampled_from(["zh", "en"]), texts)
places = st.tuples(st.integers(1, 40), st.integers(1, 60)).map(lambda pair: Place(*pair))
citations = st.builds(Citation, texts, texts, texts, st.sampled_from(["verbatim", "paraphrase"]), st.just(_SHA))
suppressions = st.none() | st.builds(Suppressed, st.sampled_from(["comment", "baseline"]), texts)
problems = st.builds(lambda where: Problem("CA109", where), paths)
stale = st.builds(StaleEntry, paths, texts)


@st.composite
def findings(draw: st.DrawFn, path: str) -> LintFinding:
    """Any finding in the file `path`; its places need not be in the source that it shows."""
    start, end = sorted([draw(places), draw(places)])
    label = draw(texts)
    return LintFinding(
        path=path,
        start=start,
        end=end,
        label=label,
        rule=f"{label}/{draw(texts)}",
        severity=draw(st.sampled_from(Severity)),
        quote=draw(texts),
        name=draw(words),
        message=draw(words),
        suggestion=draw(words),
        clauses=tuple(draw(st.lists(citations, max_size=2))),
        fingerprint=draw(texts),
        confidence=draw(st.floats(0, 1)),
        cell=draw(st.none() | texts),
        source=draw(texts),
        suppressed=draw(suppressions),
    )


@st.composite
def linted_files(draw: st.DrawFn) -> LintedFile:
    path = draw(paths)
    if draw(st.booleans()):
        return LintedFile(path, tuple(draw(st.lists(findings(path), max_size=3))))
    return LintedFile(path, problem=draw(problems))


runs = st.builds(
    LintRun,
    files=st.lists(linted_files(), max_size=3, unique_by=lambda file: file.path).map(tuple),
    version=st.just("0.1.0"),
    pack_sha256=st.just(_SHA),
    policy=st.just("default"),
    stale=st.lists(stale, max_size=2).map(tuple),
)
