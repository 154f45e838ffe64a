import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.i18n import set_language
from audit.model.call import Source
from audit.model.finding import Severity
from audit.model.report import CallReport
from audit.report import call_html
from audit.report.page import printable
from audit.report.redaction import Redactor
from tests.report import calls
from tests.report.pages import Element, assert_inert, digest, policy, read_page
from tests.report.strategies import call_reports


def first_on(page: Element) -> Element:
    """The first thing a reader sees."""
    (body,) = page.all("body")
    return next(child for child in body.children if isinstance(child, Element))


def page_of(report: CallReport, folder: Path) -> Element:
    path = folder / "calls" / "page.html"
    call_html.write(report, path)
    return read_page(path)


@given(call_reports())
@settings(deadline=None)
def test_no_text_of_a_call_can_run_load_or_break_anything(
    tmp_path_factory: pytest.TempPathFactory, report: CallReport
) -> None:
    page = page_of(report, tmp_path_factory.mktemp("page"))
    assert_inert(page)


@given(call_reports())
@settings(deadline=None)
def test_the_dialogue_shows_every_character_of_every_turn_but_what_is_masked(
    tmp_path_factory: pytest.TempPathFactory, report: CallReport
) -> None:
    turns = tuple(replace(turn, index=i) for i, turn in enumerate(report.call.turns))
    call = replace(report.call, turns=turns)
    page = page_of(replace(report, call=call), tmp_path_factory.mktemp("page"))
    redactor = Redactor(call)
    shown = [bubble.text(without="ref") for bubble in page.all("p", "bubble")]
    # A browser and our reader alike take CR LF for LF; `printable` has no CR left.
    assert shown == [printable(redactor.turn(turn.index)) for turn in turns]


def test_hostile_text_in_every_field_is_only_text(tmp_path: Path, hostile_report: CallReport) -> None:
    page = page_of(hostile_report, tmp_path)
    assert_inert(page)
    assert "<script>document.title='pwned'</script>" in page.text()
    assert "{{7*7}}" in page.text()
    for reordering in "\u202e\u2028\udc80\x07":
        assert reordering not in page.text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_within_the_page_leads_somewhere_and_ids_are_unique(
    tmp_path: Path, all_reports: list[CallReport], lang: str
) -> None:
    set_language(lang)
    for report in all_reports:
        page = page_of(report, tmp_path)
        ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        links = {a.attributes["href"].removeprefix("#") for a in page.all("a")}
        assert links <= set(ids)
        assert len(list(page.all("article", "card"))) == len(report.findings)


def test_identifiers_and_the_debtors_name_are_nowhere_on_the_page(tmp_path: Path, threat_report: CallReport) -> None:
    text = page_of(threat_report, tmp_path).text()
    for secret in ("13800138000", "110101199003074477", "张伟"):
        assert secret not in text
    assert "138＊＊＊＊8000" in text


def test_facts_skipped_notes_and_extra_columns_are_masked_too(tmp_path: Path, off_hours_report: CallReport) -> None:
    finding = off_hours_report.findings[0]
    why = replace(finding.why, facts={"number": "13900139000"}, matched=("13700137000",))
    metadata = replace(off_hours_report.call.metadata, extra={"备注": "回电13600136000", "姓名": "王芳"})
    report = replace(
        off_hours_report,
        call=replace(off_hours_report.call, metadata=metadata),
        findings=(replace(finding, why=why),),
        audit=replace(off_hours_report.audit, skipped=("x: 13500135000",)),
    )
    text = page_of(report, tmp_path).text()
    for secret in ("13900139000", "13700137000", "13600136000", "13500135000", "王芳"):
        assert secret not in text


def test_verdict_and_score_stand_on_top(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (top,) = page.all("header", "masthead")
    assert "违规" in top.text()
    assert str(threat_report.score) in top.text()


def test_a_self_harm_signal_comes_before_everything_else(tmp_path: Path, threat_report: CallReport) -> None:
    first = first_on(page_of(threat_report, tmp_path))
    assert first.attributes["class"] == "urgent"
    for part in ("我真的不想活了", "立即通知专人", "立即通知值班主管", "第 10 轮", "12356"):
        assert part in first.text()


def test_a_self_harm_signal_stands_on_top_of_a_call_without_a_breach(tmp_path: Path, threat_report: CallReport) -> None:
    signals = tuple(finding for finding in threat_report.findings if finding.is_signal)
    page = page_of(replace(threat_report, findings=signals), tmp_path)
    assert first_on(page).attributes["class"] == "urgent"


def test_self_harm_that_waits_for_a_listener_is_urgent_and_said_to_be_unconfirmed(
    tmp_path: Path, threat_report: CallReport
) -> None:
    (signal,) = [finding for finding in threat_report.findings if finding.label == "signal.self_harm"]
    waiting = replace(signal, why=replace(signal.why, review=("needs_listener",)))
    text = first_on(page_of(replace(threat_report, findings=(waiting,)), tmp_path)).text()
    assert "可能流露轻生念头" in text and "先行处置" in text


def test_no_page_is_urgent_without_talk_of_suicide(tmp_path: Path, review_report: CallReport) -> None:
    assert not list(page_of(review_report, tmp_path).all(css="urgent"))


def test_a_signal_says_that_its_duty_was_ignored_and_what_came_of_it(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (card,) = [c for c in page.all("article") if "signal.complaint/example" in c.text()]
    (duty,) = card.all("p", "duty-ignored")
    text = " ".join(duty.text().split())
    assert "第 7 轮、第 9 轮 都没有做到：坐席告知投诉渠道" in text
    assert "由 提示 升为 一般" in text
    assert "应对 请说出投诉电话并登记。" in card.text()


def test_a_signal_says_in_which_turn_the_agent_answered(tmp_path: Path, threat_report: CallReport) -> None:
    (signal,) = [finding for finding in threat_report.findings if finding.label == "signal.complaint"]
    why = replace(signal.why, facts={"duty": "answered", "answered_in_turn": "6"}, absent=())
    page = page_of(replace(threat_report, findings=(replace(signal, why=why),)), tmp_path)
    (duty,) = page.all("p", "duty-answered")
    assert "第 7 轮" in duty.text()
    assert not list(page.all("p", "duty-ignored"))


def test_a_severity_that_the_policy_sets_is_not_said_to_be_raised(tmp_path: Path, threat_report: CallReport) -> None:
    (signal,) = [finding for finding in threat_report.findings if finding.label == "signal.complaint"]
    page = page_of(replace(threat_report, findings=(replace(signal, severity=Severity.INFO),)), tmp_path)
    assert list(page.all("p", "duty-ignored")) and not list(page.all(css="raised"))


def test_an_omission_says_what_was_not_heard_and_where_it_was_searched(
    tmp_path: Path, threat_report: CallReport
) -> None:
    page = page_of(threat_report, tmp_path)
    (card,) = [c for c in page.all("article") if "process.no_recording_notice/example" in c.text()]
    (evidence,) = card.all("dl", "evidence")
    text = " ".join(evidence.text().split())
    assert text == "未听到告知通话录音 搜索范围第 1 轮 至 第 5 轮 00:00–00:32；第 3 轮已谈到债务"
    assert "recording_notice" not in card.text().replace("process.no_recording_notice", "")
    assert "合规说法 开场说“本次通话将被录音”。" in card.text()


def test_a_document_is_named_once_for_all_its_clauses(tmp_path: Path, review_report: CallReport) -> None:
    title = calls.CIVIL.zh.partition("》")[0] + "》"
    second = replace(calls.CIVIL, key="nifa2018.targets", zh=f"{title}第13条（大意，非原文）：不得骚扰无关人员。")
    finding = replace(review_report.findings[0], clauses=(calls.CIVIL, calls.HOURS, second, calls.CIVIL))
    page = page_of(replace(review_report, findings=(finding,)), tmp_path)
    text = page.text()
    assert text.count(title) == 1
    assert text.count("第16条") == text.count("第13条") == text.count("GB/T 45251-2025") == 1


def test_who_listens_is_marked_where_it_changes(tmp_path: Path, threat_report: CallReport) -> None:
    (turns,) = page_of(threat_report, tmp_path).all("ol", "turns")
    rows = [child for child in turns.children if isinstance(child, Element)]
    marks = {i: row.text() for i, row in enumerate(rows) if "hears" in row.attributes["class"].split()}
    assert marks == {0: "听者：债务人 · 未表明身份", 3: "听者：债务人 · 已表明身份"}


def test_labels_that_were_not_judged_and_rules_that_lacked_something_are_named(
    tmp_path: Path, threat_report: CallReport
) -> None:
    (scope,) = page_of(threat_report, tmp_path).all("section", "scope")
    (threats,) = [row for row in scope.all("div") if row.text().startswith("威胁")]
    assert "威胁家人" in threats.text(without="unjudged") and "暴力威胁" not in threats.text(without="unjudged")
    assert "暴力威胁" in threats.text()
    assert "缺少是否接通：失联前联系第三人" in scope.text()


def test_a_page_says_that_signals_were_not_judged_instead_of_that_there_are_none(
    tmp_path: Path, clean_report: CallReport
) -> None:
    assert "没有信号。" in page_of(clean_report, tmp_path).text()
    unjudged = replace(clean_report, audit=replace(clean_report.audit, judged=("insult.curse",)))
    text = page_of(unjudged, tmp_path).text()
    assert "没有信号。" not in text and "没有审核信号" in text


def test_what_waits_for_a_listener_does_not_look_like_an_accusation(tmp_path: Path, review_report: CallReport) -> None:
    page = page_of(review_report, tmp_path)
    (card,) = page.all("article", "card-review")
    assert not list(card.all(css="chip-major"))
    assert [badge.text() for badge in card.all(css="badge-review")] == ["需人工听音"]
    (waiting,) = page.all("section", "waiting")
    assert [c.attributes["id"] for c in waiting.all("article")] == [card.attributes["id"]]
    assert "尚未认定" in waiting.text()
    assert "没有可独立成立的发现" in page.text()
    assert not list(page.all("mark", "said-major"))


def test_a_card_says_what_who_when_why_how_sure_and_by_which_clause(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (card,) = [c for c in page.all("article", "card-critical") if "威胁家人" in c.text()]
    text = card.text()
    for part in (
        "严重", "你女儿在育才小学三年级二班", "坐席", "00:39–00:45", "变相威胁", "高 0.95", "原文", "大意，非原文",
        "第16条", "threat.family/example", "育才小学", "句式",
    ):  # fmt: skip
        assert part in text


def test_what_was_recognised_and_what_was_meant_are_both_shown(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (card,) = [c for c in page.all("article") if "threat.exposure/example" in c.text()]
    assert "报你通讯录" in card.text() and "爆你通讯录" in card.text() and "同音" in card.text()


def test_findings_about_the_whole_call_show_their_facts(tmp_path: Path, off_hours_report: CallReport) -> None:
    text = page_of(off_hours_report, tmp_path).text()
    for part in ("整通通话", "上限", "有效通话（按债务人）", "2026-03-02 22:04:00+08:00", "GB/T 45251-2025"):
        assert part in text


def test_words_under_two_findings_take_the_colour_of_the_gravest(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    marks = [(m.text(), m.attributes["class"]) for m in page.all("mark")]
    assert ("再不还就报你通讯录，", "said-major") in marks
    assert ("让你全村都知道", "said-major") in marks
    assert ("你是个老赖", "said-minor") in marks


def test_the_clean_page_says_so_and_runs_no_script(tmp_path: Path, clean_report: CallReport) -> None:
    page = page_of(clean_report, tmp_path)
    assert "未发现违规" in page.text()
    assert not list(page.all("script")) and not list(page.all("audio")) and not list(page.all("button"))
    assert "script-src 'none'" in policy(page)


def test_the_script_is_the_one_that_the_policy_allows(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (script,) = page.all("script")
    assert f"script-src {digest(script.text())};" in policy(page)


@given(name=st.text(st.characters(exclude_characters="/\0\\", exclude_categories=["Cs"]), min_size=1, max_size=20))
@settings(deadline=None)
def test_the_player_finds_the_recording_whatever_its_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("out")
    recording = folder / "录音" / name
    source = Source(str(recording), "", "recording")
    url = call_html.recording_url(source, folder / "calls" / "page.html")
    assert url is not None
    address = urljoin((folder / "calls" / "page.html").as_uri(), url)
    assert not urlsplit(address).query and not urlsplit(address).fragment
    assert unquote(urlsplit(address).path) == os.path.normpath(recording)


def test_a_file_name_that_is_no_unicode_still_plays(tmp_path: Path, threat_report: CallReport) -> None:
    source = replace(threat_report.call.source, path=str(tmp_path / "\udcc4\udce3.wav"))
    assert call_html.recording_url(source, tmp_path / "calls" / "page.html") == "../%C4%E3.wav"


def test_each_time_plays_its_moment(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    starts = {float(b.attributes["data-at"]) for b in page.all("button", "play")}
    assert {turn.time.start_s for turn in threat_report.call.turns if turn.time} <= starts
    assert {f.time.start_s for f in threat_report.findings if f.time} <= starts


def test_the_page_speaks_english_when_asked(tmp_path: Path, threat_report: CallReport) -> None:
    set_language("en")
    page = page_of(threat_report, tmp_path)
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    for part in ("Violation", "Threat against family", "Check who speaks", "Speaks of suicide", "Gist, not verbatim"):
        assert part in page.text()


def test_the_same_report_gives_the_same_page(tmp_path: Path, threat_report: CallReport) -> None:
    for name in ("a", "b"):
        call_html.write(threat_report, tmp_path / f"{name}.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_colour_is_never_the_only_sign_of_severity(tmp_path: Path, threat_report: CallReport) -> None:
    words = {Severity.CRITICAL: "严重", Severity.MAJOR: "重大", Severity.MINOR: "一般", Severity.INFO: "提示"}
    page = page_of(threat_report, tmp_path)
    for severity, word in words.items():
        cards = list(page.all("article", f"card-{severity}"))
        assert cards
        assert all(word in card.text() for card in cards)


def test_recogniser_doubts_and_an_unsure_role_are_marked_at_the_turn(tmp_path: Path, threat_report: CallReport) -> None:
    page = page_of(threat_report, tmp_path)
    (turn,) = page.all("li", "turn-unknown")
    assert [badge.text() for badge in turn.all(css="badge-review")] == ["角色待核", "疑似识别循环"]
