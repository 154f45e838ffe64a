"""JSON of FunASR: `AutoModel.generate` (a list of `key`, `text`, `timestamp`, `sentence_info` with `spk`) and the
messages of its runtime (`wav_name`, `stamp_sents`). Times are milliseconds, one a token, none for punctuation."""

import re

from audit.ingest.formats.document import Document, wrong
from audit.ingest.formats.pieces import Piece, align, merged, span, turns_of
from audit.ingest.text import clean, parse_json
from audit.model.call import Turn
from audit.model.span import TimeSpan

_MS = 0.001
_MARKS = ("sentence_info", "timestamp", "stamp_sents", "key", "wav_name")
# SenseVoice writes language, emotion and event in front of the words: <|zh|><|NEUTRAL|><|Speech|><|woitn|>
_TAGS = re.compile(r"<\|[^|<>]{0,40}\|>")
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+(?:['’][^\W\u3400-\u9fff_]+)*")
_SENTENCE = re.compile(r"[^。？！?!]*[。？！?!]*")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def recognises(document: Document) -> bool:
    """Whether it is a result, or a list of them, with one of the fields only FunASR writes."""
    results = _results(document)
    return (
        bool(results)
        and all(
            isinstance(one, dict) and ("text" in one or "sentence_info" in one) and any(mark in one for mark in _MARKS)
            for one in results
        )
        and not any("segments" in one or "start" in one for one in results if isinstance(one, dict))
    )


def turns(document: Document) -> tuple[Turn, ...]:
    """Turns by speaker where the sentences have one, else a turn a sentence.

    Raises InputError when the file holds the results of several recordings, or a sentence has no text.
    """
    results = [one for one in _results(document) if isinstance(one, dict)]
    names = {str(one.get("key", one.get("wav_name", ""))) for one in results}
    if len(names) > 1:
        raise wrong(document, "[1]", "key", str(results[0].get("key", results[0].get("wav_name"))))
    return turns_of(merged(piece for index, one in enumerate(results) for piece in _pieces(document, index, one)))


def _results(document: Document) -> list[object]:
    return document.data if isinstance(document.data, list) else [document.data]


def _pieces(document: Document, index: int, result: dict[str, object]) -> list[Piece]:
    for field in ("sentence_info", "stamp_sents"):
        sentences = result.get(field)
        if isinstance(sentences, list) and sentences:
            return [_sentence(document, f"[{index}].{field}[{at}]", one) for at, one in enumerate(sentences)]
    text = result.get("text")
    if not isinstance(text, str):
        raise wrong(document, f"[{index}]", "text", "text")
    return _split(_plain(text), _stamps(document, result.get("timestamp")))


def _sentence(document: Document, place: str, sentence: object) -> Piece:
    if not isinstance(sentence, dict):
        raise wrong(document, place, "sentence", "object")
    written = sentence.get("text", sentence.get("sentence", sentence.get("text_seg")))
    if not isinstance(written, str):
        raise wrong(document, place, "text", "text")
    text = _plain(written) + (str(sentence.get("punc") or "") if "text_seg" in sentence else "")
    speaker = sentence.get("spk")
    stamps = _stamps(document, sentence.get("timestamp", sentence.get("ts_list")))
    return Piece(
        text=text,
        time=span(sentence.get("start"), sentence.get("end"), _MS),
        speaker=clean(str(speaker)) if isinstance(speaker, int | str) and str(speaker) else None,
        words=align(text, _timed(text, stamps)),
    )


def _plain(text: str) -> str:
    return _HAN_GAP.sub("", clean(_TAGS.sub("", text)).strip())


def _stamps(document: Document, stamps: object) -> list[TimeSpan | None]:
    if isinstance(stamps, str) and stamps:
        stamps = parse_json(stamps, document.where)
    if not isinstance(stamps, list):
        return []
    return [span(one[0], one[1], _MS) if isinstance(one, list) and len(one) >= 2 else None for one in stamps]


def _timed(text: str, stamps: list[TimeSpan | None]) -> list[tuple[str, TimeSpan | None, float | None]]:
    """Tokens with their times; none when their numbers differ, as after inverse text normalisation."""
    tokens = _TOKEN.findall(text)
    if len(tokens) != len(stamps):
        return []
    return [(token, time, None) for token, time in zip(tokens, stamps, strict=True)]


def _split(text: str, stamps: list[TimeSpan | None]) -> list[Piece]:
    """A whole recording's text by sentences, each with the time of its tokens where they are known."""
    timed = len(_TOKEN.findall(text)) == len(stamps)
    pieces = []
    used = 0
    for sentence in _SENTENCE.findall(text):
        count = len(_TOKEN.findall(sentence))
        own = stamps[used : used + count] if timed else []
        used += count
        known = [time for time in own if time]
        words = align(sentence, _timed(sentence, own))
        time = span(known[0].start_s, known[-1].end_s) if known else None
        pieces.append(Piece(text=sentence, time=time, words=words))
    return pieces
