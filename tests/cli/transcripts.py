"""Transcripts for runs of the command, made up here. All people and numbers are invented."""

import json
import random
from pathlib import Path

LINES = (
    "您好，请问是本人吗",
    "这边提醒您账单已经到期",
    "再不还钱我就打断你的腿",
    "你方便的时候处理一下就可以",
    "请通过官方渠道还款",
    "祝您生活愉快",
)


def write_good(folder: Path, count: int, seed: int) -> set[str]:
    """`count` transcripts of six turns in three formats; their call ids."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    ids = set()
    for number in range(count):
        call_id = f"good-{number:03}"
        said = chance.choices(LINES, k=6)
        if number % 3 == 0:
            text = "".join(f"{'坐席' if turn % 2 == 0 else '客户'}：{line}\n" for turn, line in enumerate(said))
            (folder / f"{call_id}.txt").write_text(text, encoding="utf-8")
        elif number % 3 == 1:
            cues = (
                f"{n + 1}\n00:00:{3 * n:02},000 --> 00:00:{3 * n + 2:02},000\n坐席：{s}\n" for n, s in enumerate(said)
            )
            (folder / f"{call_id}.srt").write_text("\n".join(cues), encoding="utf-8")
        else:
            (folder / f"{call_id}.jsonl").write_text(line(call_id, said, number, chance), encoding="utf-8")
        ids.add(call_id)
    return ids


def line(call_id: str, said: list[str], number: int = 0, chance: random.Random | None = None) -> str:
    """One line of callaudit JSONL, on one of five debtors, all on one day."""
    hour, minute = divmod(number, 60)
    debtor = (chance or random.Random(number)).randrange(5)
    roles = ("agent", "debtor")
    record = {
        "call_id": call_id,
        "metadata": {
            "started_at": f"2026-03-02T{9 + hour:02}:{minute:02}:00+08:00",
            "duration_s": 60,
            "direction": "outbound",
            "debtor_id": f"D{debtor}",
            "agent_id": f"A{number % 3}",
        },
        "turns": [{"i": i, "role": roles[i % 2], "text": text} for i, text in enumerate(said)],
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def write_broken(folder: Path) -> set[str]:
    """Twenty files that cannot be audited, four of each kind; their names."""
    whole = line("twin", list(LINES)).encode()
    kinds: dict[str, list[tuple[str, bytes]]] = {
        "truncated": [(f"cut{n}.json", whole[: 40 + 30 * n]) for n in range(4)],
        "encoding": [
            (f"enc{n}.txt", "坐席：您好\n客户：你好\n".encode() + bytes([0xFF, 0xFF, 0x81, 0x0A + n])) for n in range(4)
        ],
        "binary": [(f"bin{n}.srt", bytes(range(256)) * (n + 1)) for n in range(4)],
        "empty": [(f"void{n}.{ending}", b"") for n, ending in enumerate(("json", "txt", "srt", "jsonl"))],
        "twice": [(f"zz-twin{n}.jsonl", whole) for n in range(5)],  # the first of them has the id
    }
    folder.mkdir(parents=True, exist_ok=True)
    for files in kinds.values():
        for name, data in files:
            (folder / name).write_bytes(data)
    names = {name for files in kinds.values() for name, _ in files}
    return names - {"zz-twin0.jsonl"}
