"""Scripts a second of `callaudit lint`, start to verdict of one script, and peak memory, beside `ruff check` on as much Python.

    pip install -e ".[dev]"
    python benchmarks/lint.py [--files 2000] [--rounds 3]

Invented scripts of 2 kB (markdown, text, yaml, csv; every twentieth with a breach) and as many Python files of that size. Every
measurement is a process of its own from its start to its exit code, with one worker and with one a core; the tools take turns in each
round. Medians of the rounds, and how many times ruff's time without its cache it is. `first run` has an empty cache folder, so that the rules are
compiled; `cold` has compiled rules and no result; `cached` has all results. Peak memory is the largest process's, and at least that of this
script, which starts them.

No other linter of prose is measured: the packages of `vale` on PyPI and npm fetch its program from elsewhere, and Debian has none.
"""

import argparse
import csv
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SIZE = 2000
BREACHES_EVERY = 20

_OPENINGS = (
    "您好，这里是{org}客服中心，我是{staff}，工号{number}。本次通话会录音，请问您是{name}{title}吗？",
    "{greeting}，我是{org}的工作人员{staff}，工号{number}，通话全程录音。请问是{name}{title}本人吗？",
    "{greeting}，{org}委托我与您联系，我的工号是{number}，为保证服务质量通话将被录音，请问您是{name}本人吗？",
)
_FACTS = (
    "您在我行的{product}本期应还{amount}元，到期日是{due}，目前已过去{days}天，想了解一下没有按时还上的原因。",
    "系统显示您的{product}有{amount}元尚未还上，逾期{days}天，您看{when}方便处理吗？",
    "跟您核对一下：{product}，应还{amount}元，还款日{due}。对这个金额您有疑问吗？",
)
# What a debtor may say, and answers to it; prefaces and ends are drawn freely.
_TALKS = (
    (
        ("我{when}工资才发。", "公司这个月晚发{n}天工资。", "现在手里没有钱。"),
        (
            "我给您登记{when}再联系，到期前会发短信提醒。",
            "您可以先还最低还款额，其余部分按合同计息。",
            "可以申请分{n}期，需要提交材料，结果以审批为准。",
        ),
    ),
    (
        ("我失业{n}个月了。", "店里关门了，没有收入。", "家里人住院，钱都花了。"),
        (
            "您方便时把证明材料发到官方公众号，我们为您申请延期。",
            "困难客户有专门的方案，批准之前以原账单为准。",
            "请先照顾好家里，材料{n}个工作日内补交都可以。",
        ),
    ),
    (
        ("这笔钱不是我借的。", "金额不对，我还过{n}期。", "利息怎么算的？"),
        (
            "我为您登记异议，核实期间不会再催您付款，{n}个工作日内书面答复。",
            "明细可以在官方App的账单页查看，也可以让客服{hotline}寄一份给您。",
            "利率写在您签的合同第{n}条，我把条款念给您听。",
        ),
    ),
    (
        ("你们会不会找我单位？", "不要告诉我家里人。", "会不会上门？"),
        (
            "不会的，您的信息我们依法保密，不会向您的单位或者家人透露。",
            "我们只和您本人联系，未经您同意不会安排人员上门。",
            "请放心，我们没有您同事的号码，也不会去问。",
        ),
    ),
    (
        ("不还会怎么样？", "你们要告我吗？", "会坐牢吗？"),
        (
            "逾期信息会如实报送征信系统，可能影响您今后办理贷款。",
            "这是民事纠纷，不会因为欠款本身坐牢。如果协商不成，机构可能依法起诉，以法院通知为准。",
            "我们还是希望先和您商量一个双方都能接受的办法。",
        ),
    ),
    (
        ("怎么还款？", "能转到你微信吗？", "卡号发我。"),
        (
            "请登录官方App还款，或者到任一网点柜台办理，我个人不能收款。",
            "只有合同上写的对公账户可以收款，请不要转给任何个人。",
            "官方热线{hotline}可以核实账户，您先核实再付款。",
        ),
    ),
    (
        ("别再打了，烦死了。", "我要投诉你们。", "你们一天打几个电话？"),
        (
            "对不起打扰您了，您希望{when}联系还是换个时间？我登记下来。",
            "投诉电话是{hotline}，我们{n}个工作日内给您答复，不影响继续协商。",
            "我们按规定的时段联系，每天不超过规定的次数，您不方便的时间可以告诉我。",
        ),
    ),
    (
        ("我委托了律师。", "你把合同发给我。", "我在开会，晚点说。"),
        (
            "好的，请把委托书和律师的联系方式发给我们，以后由律师和我们沟通。",
            "合同可以在官方App下载，也可以寄到您登记的地址。",
            "好的，那我{when}再联系您，您看可以吗？",
        ),
    ),
)
_CONTACTS = (
    (
        ("他不在。", "你是谁？", "什么事找他？"),
        (
            "我是{org}的工作人员，有一件{name}个人的事，不方便和别人说，请您谅解。",
            "如果方便，请他看到后回拨官方热线{hotline}，谢谢。",
            "没关系，我们{when}再联系他。",
        ),
    ),
    (
        ("别再打给我了。", "我和他不来往了。", "打错了。"),
        (
            "好的，我马上登记，以后不再联系您，打扰了。",
            "对不起打扰了，我把这个号码从名单里删掉。",
            "明白了，谢谢您告诉我们，再见。",
        ),
    ),
)
_PREFACES = ("", "", "好的，", "理解您的情况，", "谢谢您告诉我，", "您别着急，", "我明白，", "您说的我记下了，")
_ENDS = ("", "", "您看可以吗？", "还有其他问题吗？", "谢谢您的配合。", "祝您生活愉快。", "我再和您确认一遍。")
_NOTES = (
    "客户情绪激动时先倾听，不打断，不争辩。",
    "核实本人之前不得提及任何账务信息。",
    "第{n}版，合规部每季度复核一次。",
    "对方拒绝继续通话的，登记后结束。",
)
_TITLES = ("开场与核身", "说明账务", "客户有困难", "客户有异议", "客户问后果", "还款方式", "投诉与安抚", "结束语")
_BREACHES = (
    "再不还钱，我们就把你欠债的事告诉你全村的人。",
    "你就是个老赖，骗子都比你强。",
    "今天不还，警察明天就上门抓你坐牢。",
    "钱直接转到我个人微信，我帮你销账。",
    "去别的平台再借一笔，先把这边还上。",
    "我们是公安局经侦大队的，你的案子已经立案。",
    "我知道你女儿在哪个小学，放学路上小心点。",
    "带几个人去你家门口坐着，看你还不还。",
)
_SLOTS = {
    "org": ("机构名称", "公司名称"),
    "staff": ("坐席姓名", "坐席姓氏"),
    "number": ("工号", "坐席工号"),
    "name": ("客户姓名",),
    "title": ("称谓",),
    "amount": ("应还金额", "欠款金额"),
    "days": ("逾期天数",),
    "due": ("到期日", "还款日"),
    "product": ("产品名称",),
    "hotline": ("客服热线",),
}
_BRACKETS = (("{{", "}}"), ("{", "}"), ("${", "}"), ("【", "】"))
_GREETINGS = ("您好", "上午好", "下午好", "您好，打扰了")
_DAYS, _TIMES = ("今天", "明天", "周三", "周五", "月底", "下周一"), ("上午", "下午", "中午")


class Writer:
    """Writes scripts: sentences drawn by a seeded die, placeholders in one style a file."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._brackets = _BRACKETS[0]

    def script(self, number: int) -> tuple[str, str]:
        """The name and the text of a script."""
        self._brackets = self._dice.choice(_BRACKETS)
        ending = self._dice.choices(("md", "txt", "yaml", "csv"), (40, 25, 20, 15))[0]
        written = {"md": self._markdown, "txt": self._text, "yaml": self._yaml, "csv": self._csv}[ending]
        return f"{number:05d}.{ending}", written(number % BREACHES_EVERY == 0)

    def _filled(self, sentence: str) -> str:
        opening, closing = self._brackets
        dice = self._dice
        slots = {name: opening + dice.choice(names) + closing for name, names in _SLOTS.items()}
        when = f"{dice.choice(_DAYS)}{dice.choice(_TIMES)}{dice.randrange(9, 20)}点"
        return sentence.format(**slots, n=dice.randrange(2, 37), when=when, greeting=dice.choice(_GREETINGS))

    def _exchanges(self, *, third: bool, breach: bool) -> Iterator[tuple[str, str]]:
        """What the other side says and the answer to it, for ever; a breach is the third answer."""
        for number in range(sys.maxsize):
            heard, answers = self._dice.choice(_CONTACTS if third else _TALKS)
            answer = self._dice.choice(_PREFACES) + self._dice.choice(answers) + self._dice.choice(_ENDS)
            bad = breach and number == 2
            yield self._filled(self._dice.choice(heard)), self._dice.choice(_BREACHES) if bad else self._filled(answer)

    def _grown(self, text: str, parts: Iterator[str]) -> str:
        """The text with parts behind it until it has its size."""
        while len(text.encode()) < SIZE:
            text += next(parts)
        return text

    def _markdown(self, breach: bool) -> str:
        def parts() -> Iterator[str]:
            for number, (heard, answer) in enumerate(self._exchanges(third=False, breach=breach)):
                kind = self._dice.randrange(4)
                if number % 3 == 0:
                    yield f"\n## {self._dice.choice(_TITLES)}\n\n"
                if kind == 0:
                    yield f"> {self._filled(self._dice.choice(_NOTES))}\n\n"
                if kind == 1:
                    yield f"| 客户说 | 坐席答 |\n|---|---|\n| {heard} | {answer} |\n\n"
                else:
                    yield f"客户：{heard}\n\n坐席：{answer}\n\n"

        opening, facts = (self._filled(self._dice.choice(some)) for some in (_OPENINGS, _FACTS))
        start = f"# 话术\n\n适用对象：本人\n\n## 开场\n\n坐席：{opening}\n\n客户：是我。\n\n坐席：{facts}\n"
        return self._grown(start, parts())

    def _text(self, breach: bool) -> str:
        third = self._dice.random() < 0.5
        talks = self._exchanges(third=third, breach=breach)
        parts = (f"{'联系人' if third else '客户'}：{heard}\n坐席：{answer}\n\n" for heard, answer in talks)
        return self._grown(f"适用对象：{'紧急联系人' if third else '本人，已核实身份'}\n\n一、应答\n", parts)

    def _yaml(self, breach: bool) -> str:
        quoted = (
            tuple(json.dumps(words, ensure_ascii=False) for words in talk)
            for talk in self._exchanges(third=False, breach=breach)
        )
        parts = (
            f"  - id: s{number}\n    customer: {heard}\n    agent: {answer}\n"
            for number, (heard, answer) in enumerate(quoted)
        )
        start = 'name: 应答\naudience: debtor\nprecondition: 已核实本人\nsettings:\n  calling_hours: "09:00-20:00"\n'
        return self._grown(start + f"  max_calls_per_day: {self._dice.randrange(1, 4)}\nscenes:\n", parts)

    def _csv(self, breach: bool) -> str:
        def rows() -> Iterator[str]:
            for number, (heard, answer) in enumerate(self._exchanges(third=False, breach=breach)):
                cells = io.StringIO()
                csv.writer(cells, lineterminator="\n").writerow(
                    (f"Q{number}", heard, answer, self._dice.choice(_TITLES))
                )
                yield cells.getvalue()

        return self._grown("编号,客户问法,坐席回复,分类\n", rows())


def python_file(seed: int) -> str:
    """A Python file of the size; every twentieth has an import that nobody uses."""
    dice = random.Random(seed)
    names = ("total", "rate", "rows", "found", "entry", "limit", "state", "count")
    text = '"""Generated."""\n\nimport json\n' + ("import os\n" if seed % BREACHES_EVERY == 0 else "")
    for number in range(sys.maxsize):
        one, two, three = dice.sample(names, 3)
        text += (
            f"\n\ndef work_{number}({one}: list[int], {two}: int = {dice.randrange(99)}) -> str:\n"
            f'    """Adds what exceeds a limit."""\n'
            f"    {three} = [value * {dice.randrange(2, 9)} for value in {one} if value > {two}]\n"
            f"    if not {three}:\n        return json.dumps({{'{two}': {two}}})\n"
            f"    return json.dumps(sum({three}))\n"
        )
        if len(text) >= SIZE:
            return text
    raise AssertionError


@dataclass(frozen=True, slots=True)
class Case:
    """A command to measure, and what brings its cache into the state it is about."""

    name: str
    command: Sequence[str]
    files: int
    cores: int
    prepare: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds and MiB of a case's processes."""

    seconds: float
    mib: float


def environment(cache: Path, workers: int = 1) -> dict[str, str]:
    """What the tools keep their caches and threads by."""
    return {**os.environ, "CALLAUDIT_CACHE": str(cache), "RAYON_NUM_THREADS": str(workers)}


def timed(command: Sequence[str], variables: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak MiB of a process. Exits when it neither passed nor failed its files."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=variables)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"exit code {process.returncode}: {' '.join(command)}")
    return seconds, usage.ru_maxrss / 1024


def cores() -> int:
    return len(os.sched_getaffinity(0))


def cases(folder: Path, files: int) -> Iterator[Case]:
    """All that is measured; the scripts and the Python files lie in `folder`."""
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts")) or "ruff"
    scripts, code, cache = folder / "scripts", folder / "code", folder / "cache"

    def forget_all() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    def forget_results() -> None:
        (cache / "lint.sqlite").unlink(missing_ok=True)

    def fill(command: Sequence[str]) -> Callable[[], object]:
        return lambda: timed(command, environment(cache))

    for paths, count in (((scripts, code), files), ((min(scripts.iterdir()), min(code.iterdir())), 1)):
        script, python = map(str, paths)
        for workers in sorted({1, cores()}) if count > 1 else [1]:
            lint = [sys.executable, "-m", "audit", "lint", script, "--isolated", "--jobs", str(workers)]
            check = [ruff, "check", "--quiet", "--isolated", python]
            cached = [*check, "--cache-dir", str(folder / "ruff-cache")]
            yield Case("callaudit, first run", lint, count, workers, forget_all)
            yield Case("callaudit, cold", lint, count, workers, forget_results)
            yield Case("callaudit, cached", lint, count, workers, fill(lint))
            yield Case("ruff, no cache", [*check, "--no-cache"], count, workers, lambda: None)
            yield Case("ruff, cached", cached, count, workers, fill(cached))


def measure(some: Sequence[Case], rounds: int, cache: Path) -> dict[tuple[str, int, int], Measured]:
    """The medians by name, files and cores. A case that needs compiled rules or results comes after one that makes them."""
    taken: dict[tuple[str, int, int], list[tuple[float, float]]] = defaultdict(list)
    for _ in range(rounds):
        for case in some:
            case.prepare()
            taken[case.name, case.files, case.cores].append(timed(case.command, environment(cache, case.cores)))
    return {key: Measured(*map(statistics.median, zip(*values, strict=True))) for key, values in taken.items()}


def write(folder: Path, files: int) -> tuple[int, int, int]:
    """Write scripts and Python files; the scripts' bytes, their lines, and the different ones among these."""
    (folder / "scripts").mkdir()
    (folder / "code").mkdir()
    writer = Writer(7)
    size, lines = 0, 0
    different: set[int] = set()
    for number in range(files):
        name, text = writer.script(number)
        size += (folder / "scripts" / name).write_bytes(text.encode())
        lines += text.count("\n")
        different |= set(map(hash, text.splitlines()))
        (folder / "code" / f"{number:05d}.py").write_text(python_file(number), encoding="utf-8")
    return size, lines, len(different)


def flagged(folder: Path) -> int:
    """How many scripts have a finding above info."""
    command = [sys.executable, "-m", "audit", "lint", str(folder / "scripts"), "--isolated", "--format", "jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(folder / "cache"), check=False)
    records = map(json.loads, done.stdout.splitlines())
    return len({record["path"] for record in records if record["severity"] != "info"})


def table(measured: dict[tuple[str, int, int], Measured], files: int) -> Iterator[str]:
    """What was measured, and how many times the time of ruff without its cache it took."""
    names = list(dict.fromkeys(name for name, _, _ in measured))
    for workers in sorted({workers for _, count, workers in measured if count == files}):
        peer = measured["ruff, no cache", files, workers].seconds
        yield f"{files} files, {workers} {'processes' if workers > 1 else 'process'}"
        for name in names:
            one = measured[name, files, workers]
            yield f"  {name:24}{files / one.seconds:12,.0f} files/s{one.seconds / peer:10.1f} x ruff{one.mib:9.0f} MiB"
    peer = measured["ruff, no cache", 1, 1].seconds
    yield "one file, start to verdict"
    for name in names:
        one = measured[name, 1, 1]
        yield f"  {name:24}{1000 * one.seconds:12,.0f} ms     {one.seconds / peer:10.1f} x ruff{one.mib:9.0f} MiB"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size, lines, different = write(folder, args.files)
        print(f"{args.files} scripts, {size / args.files:,.0f} bytes each, {lines} lines, {different} different")
        print(f"{flagged(folder)} scripts with a finding above info; median of {args.rounds} rounds, {cores()} cores")
        measured = measure(list(cases(folder, args.files)), args.rounds, folder / "cache")
        print("\n".join(table(measured, args.files)))


if __name__ == "__main__":
    main()
