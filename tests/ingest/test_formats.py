import json
from pathlib import Path

import pytest

from audit.errors import InputError
from audit.ingest.find import find_inputs
from audit.ingest.formats import FORMATS, format_of, open_document
from audit.ingest.formats.pieces import Piece, align, clock, merged, span
from audit.ingest.items import CallInput
from audit.ingest.read import read_call
from audit.model.call import Call, Role
from audit.model.span import TimeSpan
from audit.model.transcript import Word
from tests.ingest.calls import Found, line, read_file, write

AGENT, DEBTOR, THIRD, UNKNOWN = Role.AGENT, Role.DEBTOR, Role.THIRD_PARTY, Role.UNKNOWN


def read(tmp_path: Path, name: str, content: object) -> Call:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return read_file(write(tmp_path / name, text))


def said(call: Call) -> list[tuple[Role, str]]:
    return [(turn.role, turn.text) for turn in call.turns]


def times(call: Call) -> list[tuple[float, float] | None]:
    return [(turn.time.start_s, turn.time.end_s) if turn.time else None for turn in call.turns]


def test_the_registered_formats() -> None:
    assert list(FORMATS) == [
        "callaudit-jsonl", "funasr", "whisperx", "openai-whisper", "faster-whisper", "vtt", "srt", "csv", "txt",
    ]  # fmt: skip


# callaudit-jsonl


def test_callaudit_turns_keep_text_role_and_time_exactly(tmp_path: Path) -> None:
    turns = [
        {"i": 0, "role": "agent", "text": " 您好  ", "labels": [{"label": "threat.violence", "quote": "您好"}], "start_s": 0.5, "end_s": 2},
        {"i": 1, "role": "third_party", "text": "啊\x00"},
        {"role": "客户", "text": ""},
        {"text": "谁"},
    ]  # fmt: skip
    call = read(tmp_path, "x.json", {"call_id": "c9", "turns": turns})
    assert said(call) == [(AGENT, " 您好  "), (THIRD, "啊\ufffd"), (DEBTOR, ""), (UNKNOWN, "谁")]
    assert times(call) == [(0.5, 2), None, None, None]
    assert (call.call_id, call.source.kind, call.source.line) == ("c9", "callaudit-jsonl", None)


@pytest.mark.parametrize(
    ("turn", "field"),
    [
        ("你好", "turn"),
        ({"role": "agent"}, "text"),
        ({"text": 5}, "text"),
        ({"text": "a", "role": 1}, "role"),
        ({"text": "a", "i": 3}, "i"),
        ({"text": "a", "start_s": 3, "end_s": 1}, "start_s"),
    ],
)
def test_a_wrong_turn_is_named(tmp_path: Path, turn: object, field: str) -> None:
    path = write(tmp_path / "c.jsonl", line() + "\n" + json.dumps({"call_id": "c2", "turns": [turn]}))
    broken = Found(path).calls[1]
    with pytest.raises(InputError) as caught:
        read_call(broken)
    problem = caught.value.problem
    assert (problem.code, problem.where, problem.facts["field"]) == ("CA115", f"{path}:2:turns[0]", field)


# whisper and its kin


def segment(text: str, start: float, end: float, **more: object) -> dict[str, object]:
    return {"id": 0, "seek": 0, "start": start, "end": end, "text": text, **more}


WORDS = [
    {"word": " 您", "start": 0.0, "end": 0.4, "probability": 0.9},
    {"word": "好", "start": 0.4, "end": 0.8, "probability": 0.7},
]


def test_openai_whisper_segments_become_turns_of_unknown_role(tmp_path: Path) -> None:
    first = segment(" 您好。", 0.0, 1.0, avg_logprob=-0.1, no_speech_prob=0.0, compression_ratio=0.9, words=WORDS)
    second = segment("在吗", 1.2, 2.0)
    call = read(tmp_path, "x.json", {"text": " 您好。在吗", "segments": [first, second], "language": "zh"})
    assert call.source.kind == "openai-whisper"
    assert said(call) == [(UNKNOWN, "您好。"), (UNKNOWN, "在吗")]
    assert times(call) == [(0.0, 1.0), (1.2, 2.0)]
    assert call.turns[0].words == (Word("您", TimeSpan(0.0, 0.4), 0.9), Word("好。", TimeSpan(0.4, 0.8), 0.7))
    assert call.turns[0].confidence == pytest.approx(0.9048, abs=1e-3)
    assert call.turns[1].confidence is None


def test_whispers_own_doubts_are_kept_with_the_turn(tmp_path: Path) -> None:
    silence = segment("字幕由志愿者提供", 0.0, 2.0, avg_logprob=-1.4, no_speech_prob=0.9, compression_ratio=1.0)
    loop = segment("好的好的好的好的", 2.0, 4.0, avg_logprob=-0.2, no_speech_prob=0.1, compression_ratio=3.1)
    call = read(tmp_path, "x.json", {"text": "", "segments": [silence, loop], "language": "zh"})
    assert [turn.doubts for turn in call.turns] == [("no_speech",), ("loop",)]


def test_a_recording_in_which_nobody_speaks_is_a_call_without_turns(tmp_path: Path) -> None:
    assert read(tmp_path, "x.json", {"text": "", "segments": [], "language": "zh"}).turns == ()


@pytest.mark.parametrize(
    "content",
    [
        [segment("您好", 0.0, 1.0, words=WORDS)],
        {"segments": [segment("您好", 0.0, 1.0, words=WORDS)], "info": {"language": "zh"}},
        [[1, 0, 0.0, 1.0, "您好", [1, 2], -0.1, 0.9, 0.0, [[0.0, 0.4, "您", 0.9], [0.4, 0.8, "好", 0.7]], 0.0]],
    ],
    ids=["list of objects", "segments and info", "named tuples"],
)
def test_faster_whisper_in_all_its_shapes(tmp_path: Path, content: object) -> None:
    call = read(tmp_path, "x.json", content)
    assert call.source.kind == "faster-whisper"
    assert said(call) == [(UNKNOWN, "您好")]
    assert times(call) == [(0.0, 1.0)]
    assert [(word.text, word.confidence) for word in call.turns[0].words] == [("您", 0.9), ("好", 0.7)]


def test_channels_of_a_split_recording_are_kept_and_put_in_the_order_of_time(tmp_path: Path) -> None:
    call = read(
        tmp_path,
        "x.json",
        [
            segment("您好", 0.0, 1.0, channel=0),
            segment("再见", 5.0, 6.0, channel=0),
            segment("喂", 1.0, 2.0, channel=1),
        ],
    )
    assert [(turn.channel, turn.text) for turn in call.turns] == [(0, "您好"), (1, "喂"), (0, "再见")]
    assert {turn.role for turn in call.turns} == {UNKNOWN}


def test_whisperx_puts_a_speakers_segments_together_until_a_pause(tmp_path: Path) -> None:
    def words(*spoken: tuple[str, float]) -> list[dict[str, object]]:
        return [
            {"word": word, "start": at, "end": at + 0.2, "score": 0.5, "speaker": "SPEAKER_00"} for word, at in spoken
        ]

    segments = [
        segment("你要是再不还钱，", 0.0, 1.0, speaker="SPEAKER_00", words=words(("你要是再不", 0.0), ("还钱，", 0.5))),
        segment("我打断你的腿", 1.2, 2.0, speaker="SPEAKER_00", words=[*words(("我打断", 1.2)), {"word": "你的腿"}]),
        segment("你说什么", 2.1, 3.0, speaker="SPEAKER_01"),
        segment("喂", 3.1, 3.2, speaker="SPEAKER_00"),
        segment("听见没有", 8.0, 9.0, speaker="SPEAKER_00"),
        segment("嗯", 9.0, 9.5),
        segment("啊", 9.5, 9.9),
    ]
    call = read(tmp_path, "x.json", {"segments": segments, "word_segments": []})
    assert call.source.kind == "whisperx"
    assert [turn.text for turn in call.turns] == [
        "你要是再不还钱，我打断你的腿",
        "你说什么",
        "喂",
        "听见没有",
        "嗯",
        "啊",
    ]
    assert times(call)[0] == (0.0, 2.0)
    assert [word.text for word in call.turns[0].words] == ["你要是再不", "还钱，", "我打断你的腿"]
    assert [word.time.start_s for word in call.turns[0].words] == [0.0, 0.5, 1.2]
    assert call.turns[0].confidence == 0.5


def test_whisperx_speakers_with_roles_for_names(tmp_path: Path) -> None:
    segments = [segment("您好", 0.0, 1.0, speaker="agent"), segment("哪位", 1.0, 2.0, speaker="customer")]
    assert said(read(tmp_path, "x.json", {"segments": segments})) == [(AGENT, "您好"), (DEBTOR, "哪位")]


def test_a_segment_without_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.json", {"text": "", "segments": [{"start": 0, "end": 1}], "language": "zh"})
    assert caught.value.problem.where.endswith("x.json:segments[0]")


def test_a_segment_whose_times_make_no_sense_keeps_its_words(tmp_path: Path) -> None:
    call = read(tmp_path, "x.json", [segment("您好", 5.0, 1.0), segment("在吗", -1.0, 2.0)])
    assert [(turn.text, turn.time) for turn in call.turns] == [("您好", None), ("在吗", None)]


# FunASR


def test_funasr_sentences_with_speakers_and_milliseconds(tmp_path: Path) -> None:
    sentences = [
        {"text": "再不还钱，", "start": 100, "end": 900, "timestamp": [[100, 300], [300, 500], [500, 700], [700, 900]], "spk": 0},
        {"text": "你等着。", "start": 1000, "end": 1600, "timestamp": [[1000, 1200], [1200, 1400], [1400, 1600]], "spk": 0},
        {"text": "谁？", "start": 1700, "end": 1900, "timestamp": [[1700, 1900]], "spk": 1},
    ]  # fmt: skip
    call = read(tmp_path, "x.json", [{"key": "a", "text": "…", "timestamp": [], "sentence_info": sentences}])
    assert call.source.kind == "funasr"
    assert said(call) == [(UNKNOWN, "再不还钱，你等着。"), (UNKNOWN, "谁？")]
    assert times(call) == [(0.1, 1.6), (1.7, 1.9)]
    assert "".join(word.text for word in call.turns[0].words) == "再不还钱，你等着。"
    assert call.turns[0].words[3] == Word("钱，", TimeSpan(0.7, 0.9))


def test_funasr_without_speakers_is_cut_into_sentences_by_token_times(tmp_path: Path) -> None:
    result = {"key": "a", "text": "您好！OK 吗？", "timestamp": [[0, 200], [200, 400], [500, 900], [900, 1000]]}
    call = read(tmp_path, "x.json", [result])
    assert [turn.text for turn in call.turns] == ["您好！", "OK 吗？"]
    assert times(call) == [(0.0, 0.4), (0.5, 1.0)]


def test_funasr_token_times_that_do_not_fit_the_text_are_left_out(tmp_path: Path) -> None:
    call = read(tmp_path, "x.json", [{"key": "a", "text": "您好。", "timestamp": [[0, 200]]}])
    assert said(call) == [(UNKNOWN, "您好。")]
    assert (call.turns[0].time, call.turns[0].words) == (None, ())


def test_funasr_runtime_message(tmp_path: Path) -> None:
    stamps = [{"text_seg": "正 是 因 为", "punc": ",", "start": 430, "end": 1130, "ts_list": [[430, 670], [670, 810], [810, 1030], [1030, 1130]]}]  # fmt: skip
    call = read(tmp_path, "x.json", {"mode": "offline", "wav_name": "w", "text": "正是因为,", "stamp_sents": stamps})
    assert said(call) == [(UNKNOWN, "正是因为,")]
    assert times(call) == [(0.43, 1.13)]
    assert len(call.turns[0].words) == 4


def test_sensevoice_tags_are_no_words(tmp_path: Path) -> None:
    call = read(tmp_path, "x.json", [{"key": "a", "text": "<|zh|><|NEUTRAL|><|Speech|><|woitn|>您好"}])
    assert said(call) == [(UNKNOWN, "您好")]


def test_funasr_results_of_several_recordings_are_not_one_call(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", json.dumps([{"key": "a", "text": "一"}, {"key": "b", "text": "二"}]))
    with pytest.raises(InputError) as caught:
        read_call(Found(path).only_call())
    assert caught.value.problem.code == "CA115"


# Subtitles


SRT = """1
00:00:01,000 --> 00:00:02,500
坐席：您好，
请问是张先生吗

2
00:00:03,000 --> 00:00:04,000
[SPEAKER_01]: <i>我是</i>
3
00:00:05,000 --> 00:00:06,000
还款时间：三点
"""


@pytest.mark.parametrize("text", [SRT, SRT.replace("\n", "\r\n"), "\ufeff" + SRT])
def test_srt_cues_with_and_without_speakers(tmp_path: Path, text: str) -> None:
    call = read(tmp_path, "x.srt", text)
    assert call.source.kind == "srt"
    assert said(call) == [(AGENT, "您好，请问是张先生吗"), (UNKNOWN, "我是"), (UNKNOWN, "还款时间：三点")]
    assert times(call) == [(1.0, 2.5), (3.0, 4.0), (5.0, 6.0)]


def test_a_speakers_cues_without_a_pause_keep_their_own_times_inside_the_turn(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n坐席: 再不还\n\n2\n00:00:02,000 --> 00:00:03,000\n坐席: 就上门\n"
    call = read(tmp_path, "x.srt", text)
    assert said(call) == [(AGENT, "再不还就上门")]
    assert call.turns[0].words == (Word("再不还", TimeSpan(1.0, 2.0)), Word("就上门", TimeSpan(2.0, 3.0)))


def test_vtt_voices_notes_and_entities(tmp_path: Path) -> None:
    text = (
        "WEBVTT - 通话\n\nNOTE 坐席：这是注释\n00:00:00.000 --> 00:00:00.500\n\nSTYLE\n::cue { color: red }\n\n"
        "a\n00:01.000 --> 00:02.000 align:left\n<v.loud 坐席>您好 &amp; 再见</v>\n\n"
        "01:00:03.000 --> 01:00:04.000\n<v 客户><c.yellow>哪位</c>\n\n"
        "01:00:05.000 --> 01:00:06.000\n<v 坐席>甲</v><v 客户>乙</v>\n"
    )
    call = read(tmp_path, "x.vtt", text)
    assert call.source.kind == "vtt"
    assert said(call) == [(AGENT, "您好 & 再见"), (DEBTOR, "哪位"), (AGENT, "甲"), (DEBTOR, "乙")]
    assert times(call) == [(1.0, 2.0), (3603.0, 3604.0), (3605.0, 3606.0), (3605.0, 3606.0)]


# Plain text and sheets


def test_plain_text_with_times_headings_and_lines_that_go_on(tmp_path: Path) -> None:
    text = (
        "通话时间：2026-03-02\n\n[00:01] 坐席：您好，\n请问是张先生吗\n00:05 客户: 我是\n(00:00:08) 第三方：谁啊\n"
        "[00:10 --> 00:12] 坐席: 打扰了\n客户 [00:13]: 没事\n说话人1 00:20\n再见\n"
    )
    call = read(tmp_path, "x.txt", text)
    assert call.source.kind == "txt"
    assert said(call) == [
        (AGENT, "您好，请问是张先生吗"), (DEBTOR, "我是"), (THIRD, "谁啊"), (AGENT, "打扰了"), (DEBTOR, "没事"), (UNKNOWN, "再见"),
    ]  # fmt: skip
    assert times(call) == [(1, 5), (5, 8), (8, 10), (10, 12), (13, 20), (20, 20)]


def test_names_that_speak_more_than_once_are_speakers(tmp_path: Path) -> None:
    text = "坐席：您好\n王女士：哪位\n坐席：还款日期：明天\n王女士：好\n备注：无\n"
    call = read(tmp_path, "x.txt", text)
    assert said(call) == [(AGENT, "您好"), (UNKNOWN, "哪位"), (AGENT, "还款日期：明天"), (UNKNOWN, "好备注：无")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_with_a_turn_a_row(tmp_path: Path, delimiter: str) -> None:
    rows = [["角色", "开始时间", "结束时间", "内容"], ["坐席", "0", "1.5", "您好"], ["客户", "00:02", "00:03", f'"哪位{delimiter}说"'], ["客户", "", "", ""], ["家属", "5", "", "喂"]]  # fmt: skip
    call = read(tmp_path, "x.csv", "\r\n".join(delimiter.join(row) for row in rows))
    assert call.source.kind == "csv"
    assert said(call) == [(AGENT, "您好"), (DEBTOR, f"哪位{delimiter}说"), (THIRD, "喂")]
    assert times(call) == [(0, 1.5), (2, 3), (5, 5)]


def test_a_sheet_in_milliseconds(tmp_path: Path) -> None:
    call = read(tmp_path, "x.csv", "speaker,text,开始时间(毫秒),结束时间(毫秒)\nagent,您好,500,1500\n")
    assert times(call) == [(0.5, 1.5)]


def test_a_time_in_a_sheet_that_cannot_be_read_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.csv", "role,text,start\nagent,您好,1\nagent,在吗,早上\n")
    assert (caught.value.problem.code, caught.value.problem.where) == ("CA115", f"{tmp_path / 'x.csv'}:3")


# Whatever the ending says


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.txt", SRT, "srt"),
        ("x.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\n您好\n", "vtt"),
        ("x.txt", '[{"start": 0, "end": 1, "text": "您好"}]', "faster-whisper"),
        ("x.csv", "坐席: 您好", "txt"),
        ("x.txt", "[00:12] 坐席: 您好", "txt"),
    ],
)
def test_the_content_decides_not_the_ending(tmp_path: Path, name: str, content: str, kind: str) -> None:
    assert read(tmp_path, name, content).source.kind == kind


@pytest.mark.parametrize(
    "data", ["5", "null", '"坐席: 您好"', "{}", "[]", "[[]]", '{"segments": 5}', '{"turns": 5}', '[{"text": "您好"}]']
)
def test_json_of_no_known_shape_is_no_transcript(data: str) -> None:
    assert format_of(open_document(data.encode(), "x.json", must_be_json=True)) is None


def test_a_gb18030_transcript_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "坐席：您好，请问是张先生吗？\n客户：我是\n".encode("gb18030"))
    assert said(read_file(path)) == [(AGENT, "您好，请问是张先生吗？"), (DEBTOR, "我是")]


def test_a_transcript_that_changed_its_format_meanwhile_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.srt", SRT)
    item = next(iter(find_inputs([str(path)])))
    assert isinstance(item, CallInput)
    write(path, "nothing of the kind")
    with pytest.raises(InputError) as caught:
        read_call(item)
    assert caught.value.problem.code == "CA112"


def test_a_recording_is_not_read_as_a_transcript(tmp_path: Path) -> None:
    item = Found(write(tmp_path / "a.wav", b"RIFF")).only_call()
    with pytest.raises(ValueError, match="recording"):
        read_call(item)


# Pieces


def test_words_are_laid_over_the_text_or_left_out() -> None:
    time = TimeSpan(0, 1)
    assert align("您好，吗", [("您", time, None), ("好", time, None), ("吗", time, None)]) == tuple(
        Word(text, time) for text in ("您", "好，", "吗")
    )
    assert align("您好", [("您", time, None)]) == ()
    assert align("您好", [("喂", time, None)]) == ()
    assert align("您好", [("您好", None, None)]) == ()


def test_pieces_in_doubt_are_not_mixed_with_others() -> None:
    one = Piece("您好", TimeSpan(0, 1), "spk0")
    assert len(merged([one, Piece("谢谢观看", TimeSpan(1, 2), "spk0", doubts=("no_speech",))])) == 2


@pytest.mark.parametrize(
    ("start", "end"), [(None, 1), (0, "x"), (-1, 0), (2, 1), (float("nan"), 1), (0, float("inf")), (True, 2)]
)
def test_what_is_no_stretch_of_time_is_none(start: object, end: object) -> None:
    assert span(start, end) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("12.5", 12.5), ("01:02", 62), ("1:00:00,250", 3600.25), ("", None), ("1:2:3:4", None)]
)
def test_clocks(text: str, seconds: float | None) -> None:
    assert clock(text) == seconds
