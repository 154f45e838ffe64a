"""Redaction on its own: a call of the store, a call report, a transcript or a recording → the same with numbers and names covered.

Reports and transcripts are written anew from what was understood of them: what was not read cannot leak.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from audit.batch.transcripts import FORMATS
from audit.clips import need_sound
from audit.clips.mask import Private, silences_of, unplaced_in
from audit.clips.sources import Audited
from audit.errors import InputError
from audit.ingest.files import RECORDINGS, TRANSCRIPTS
from audit.ingest.find import find_inputs
from audit.ingest.items import RECORDING, CallInput, Failure
from audit.ingest.read import read_call
from audit.model.call import Call, CallMetadata, Turn
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.transcript import Word
from audit.report import call_json
from audit.report.atomic import atomic_path, write_atomic
from audit.report.names import file_stem
from audit.report.redaction import masked_name, masked_number
from audit.rules.engine import fingerprint

_WAV, _OWN = ".wav", "jsonl"
# What may lie beside a recording, in the order in which it is believed.
_BESIDE = (".jsonl", *TRANSCRIPTS)


def redact(path: Path, out: Path, transcript: Path | None, names: Sequence[str], *, replacing: bool) -> Path:
    """Redact one file into the folder `out` and return the file written. `transcript` belongs to a recording; `names` are
    covered besides the debtor's.

    Raises InputError when it cannot be read (the codes of ingest and speech), CA441 when the file is there already, CA704 when
    the report is of another recording, CA706 when something private has no time, CA710 or CA711 when a recording has no transcript
    of its own, CA713 when the file is none of the three, CA714 when `out` is where it lies; CallauditError CA400 when the system refuses to write.
    """
    if path.suffix.lower() in RECORDINGS:
        target = _free(path, out / f"{path.stem}{_WAV}", replacing)
        _recording(path, target, transcript or _beside(path), names)
        return target
    if _is_report(path):
        target = _free(path, out / path.name, replacing)
        report = call_json.load_report(path)
        call_json.write(redacted(report, Private(report.call, names)), target)
        return target
    calls = [_redacted_call(call, Private(call, names)) for call in _calls(path)]
    ending = path.suffix.lower().removeprefix(".")
    form = ending if ending in FORMATS and len(calls) == 1 else _OWN
    target = _free(path, out / f"{path.stem}.{form}", replacing)
    write_atomic(target, "".join(FORMATS[form](call) for call in calls))
    return target


def redact_call(audited: Audited, out: Path, names: Sequence[str], *, replacing: bool) -> list[Path]:
    """Redact a call of the store into the folder `out`: its report, and its recording where it came as one; the files written.

    Raises InputError: CA301 to CA306 when the recording cannot be read, CA441 when a file is there already, CA704 when the recording is not the
    one that was audited, CA706 when something private has no time, CA714 when the recording lies where its copy should;
    CallauditError CA400 when the system refuses to write.
    """
    call = audited.report.call
    private = Private(call, names)
    stem = file_stem(private.identifier(call.call_id))
    report = _free(None, out / f"{stem}{call_json.EXTENSION}", replacing)
    written = [report]
    if audited.recording:
        # The sound first: where it cannot be given, nothing is.
        sound = _free(audited.recording, out / f"{stem}{_WAV}", replacing)
        shown = private.identifier(str(audited.recording))
        versions = [Private(version, names) for version in audited.versions]
        _beep(audited.recording, sound, versions, call.source.sha256, shown, shown)
        written.append(sound)
    call_json.write(redacted(audited.report, private), report)
    return written


def redacted(report: CallReport, private: Private) -> CallReport:
    """The report with every text masked; positions in turns stay true. What its numbers and names could be found out from (the
    fingerprints of findings that quote them) is made anew."""
    notes = tuple(private.text(note) for note in report.audit.skipped)
    return replace(
        report,
        call=_redacted_call(report.call, private),
        findings=tuple(_redacted_finding(finding, private) for finding in report.findings),
        audit=replace(report.audit, skipped=notes),
    )


def _free(original: Path | None, target: Path, replacing: bool) -> Path:
    """`target`, if it may be written. Never the original, whatever is asked for."""
    if target.exists():
        if original is not None and original.exists() and target.samefile(original):
            raise InputError("CA714", str(target))
        if not replacing:
            raise InputError("CA441", str(target))
    return target


def _is_report(path: Path) -> bool:
    """Whether the file is a call report, judged by its content; any other JSON is for ingest to understand."""
    if path.suffix.lower() != call_json.EXTENSION:
        return False
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and "schema_version" in record


def _calls(path: Path) -> Iterator[Call]:
    """The calls of a transcript file."""
    found = False
    for item in find_inputs([str(path)]):
        match item:
            case CallInput() if item.kind != RECORDING:
                found = True
                yield read_call(item)
            case Failure():
                raise InputError(item.problem.code, item.problem.where, **item.problem.facts)
    if not found:
        raise InputError("CA713", str(path))


def _beside(recording: Path) -> Path:
    """The transcript of the same name beside the recording."""
    for ending in _BESIDE:
        path = recording.with_suffix(ending)
        if path.is_file():
            return path
    raise InputError("CA710", str(recording), file=recording.name)


def _recording(path: Path, target: Path, transcript: Path, names: Sequence[str]) -> None:
    call, sha256 = _call_of(path, transcript)
    _beep(path, target, [Private(call, names)], sha256, str(path), str(transcript))


def _beep(path: Path, target: Path, versions: Sequence[Private], sha256: str | None, shown: str, said_in: str) -> None:
    """Write the recording with what is private in any version of its words beeped on all channels. Messages name it `shown`, and the words of it `said_in`."""
    need_sound()
    from audit.clips.sound import channels_of, covered, write_wav

    if turns := unplaced_in(versions):
        raise InputError("CA706", said_in, turns=", ".join(str(turn + 1) for turn in turns))
    channels = channels_of(path, sha256, shown)
    silences = [silence.time for silence in silences_of(versions)]
    with atomic_path(target) as part:
        write_wav(part, [covered(channel, silences) for channel in channels])


def _call_of(recording: Path, transcript: Path) -> tuple[Call, str | None]:
    """What is said in the recording, and the hash it must have where the transcript is a report that tells it."""
    if _is_report(transcript):
        call = call_json.load_report(transcript).call
        return call, call.source.sha256 if call.source.kind == RECORDING else None
    calls = list(_calls(transcript))
    if len(calls) > 1:
        calls = [call for call in calls if call.call_id == recording.stem]
    if len(calls) != 1:
        raise InputError("CA711", str(transcript), count=len(list(_calls(transcript))))
    return calls[0], None


def _redacted_call(call: Call, private: Private) -> Call:
    return replace(
        call,
        call_id=private.identifier(call.call_id),
        metadata=_redacted_metadata(call.metadata, private),
        turns=tuple(_redacted_turn(turn, private.turn(turn.index)) for turn in call.turns),
        source=replace(call.source, path=private.identifier(call.source.path)),
    )


def _redacted_metadata(metadata: CallMetadata, private: Private) -> CallMetadata:
    shown = private.text

    def known(text: str | None) -> str | None:
        return text and shown(text)

    return replace(
        metadata,
        agent_id=known(metadata.agent_id),
        team=known(metadata.team),
        debtor_id=known(metadata.debtor_id),
        debtor_name=metadata.debtor_name and masked_name(metadata.debtor_name),
        callee_number=metadata.callee_number and masked_number(metadata.callee_number),
        callee_relation=known(metadata.callee_relation),
        lender=known(metadata.lender),
        agency=known(metadata.agency),
        agreed_hours=known(metadata.agreed_hours),
        case_no=known(metadata.case_no),
        extra={shown(key): shown(value) for key, value in metadata.extra.items()},
    )


def _redacted_turn(turn: Turn, text: str) -> Turn:
    """The turn with its masked text and the words cut from it; without words where they are not those of its text."""
    words: list[Word] = []
    if "".join(word.text for word in turn.words) == turn.text:
        start = 0
        for word in turn.words:
            words.append(replace(word, text=text[start : start + len(word.text)]))
            start += len(word.text)
    return replace(turn, text=text, words=tuple(words))


def _redacted_finding(finding: Finding, private: Private) -> Finding:
    why = finding.why
    matched = tuple(private.fragment(finding, words) for words in why.matched)

    def each(texts: Mapping[str, str]) -> dict[str, str]:
        return {key: private.text(text) for key, text in texts.items()}

    def all_of(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(private.words, texts))

    return replace(
        finding,
        call_id=private.identifier(finding.call_id),
        quote=private.quote(finding),
        why=replace(
            why,
            reason=each(why.reason),
            matched=matched,
            meant=all_of(why.meant),
            raised=all_of(why.raised),
            lowered=all_of(why.lowered),
            facts=each(why.facts),
            advice=each(why.advice),
            absent=tuple(each(words) for words in why.absent),
        ),
        fingerprint=finding.fingerprint if matched == why.matched else fingerprint(finding.rule, finding.role, matched),
    )
