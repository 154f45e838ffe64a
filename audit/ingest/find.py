"""Which calls are among the inputs, without holding more of them than that takes."""

import unicodedata
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from audit.errors import ConfigError, InputError, Problem
from audit.ingest.fields import call_id_of, canonical, cell_text, column_of, merge, metadata_of
from audit.ingest.files import Listing, list_inputs
from audit.ingest.formats import format_of, open_document
from audit.ingest.formats.document import Document
from audit.ingest.formats.table import header_cells
from audit.ingest.items import RECORDING, Attempt, CallInput, Failure
from audit.ingest.lines import Line, first_line_is_a_call, parse_line, read_lines
from audit.ingest.manifest import Manifest, Row, read_manifest
from audit.ingest.ondisk import FirstCome
from audit.ingest.plan import Plan, Planned, Scope, place, plan
from audit.ingest.text import Hash, file_sha256, read_bytes, sha256
from audit.model.call import ATTEMPT, MISSING, UNRECORDED, CallMetadata

JSONL = "callaudit-jsonl"
Item = CallInput | Attempt | Failure | Problem
_SHOWN = 5


def find_inputs(paths: Sequence[str], manifest: Path | None = None) -> Iterator[Item]:
    """The calls among `paths` (folders, globs, files), always in the same order, one at a time.

    Yields a `CallInput` for each call, an `Attempt` for each row of the manifest without a recording, a
    `Failure` for each input that cannot be audited, and a `Problem` for each warning. A folder's own
    `manifest.csv|xlsx|jsonl` counts when `manifest` is None. Files with a call a line are read a line at a time; of
    each call only the id is remembered.

    Raises ConfigError when `manifest` itself cannot be read.
    """
    listing = list_inputs([str(path) for path in paths], str(manifest) if manifest else None)
    yield from listing.failures
    yield from listing.problems
    manifests = []
    for path in [str(manifest)] if manifest else listing.manifests:
        try:
            manifests.append(read_manifest(path))
        except InputError as error:
            if manifest:
                raise ConfigError(error.problem.code, error.problem.where, **error.problem.facts) from error
            yield Failure(path, error.problem)
    yield from (problem for one in manifests for problem in one.problems)
    yield from _Finder(listing, plan(listing, manifests, everywhere=manifest is not None)).items()


class _Finder:
    """One way through the planned files; remembers the ids given."""

    def __init__(self, listing: Listing, planned: Plan) -> None:
        self._listing = listing
        self._plan = planned
        self._places = FirstCome()
        self._beside = len(planned.beside)
        self._shown = planned.beside[:_SHOWN]

    def items(self) -> Iterator[Item]:
        """All items, in order."""
        yield from self._plan.failures
        for planned in self._plan.files:
            try:
                yield from self._file(planned)
            except InputError as error:
                yield Failure(
                    planned.found.path, error.problem, call_id=None if planned.found.is_lines else planned.call_id
                )
        for scope in self._plan.scopes:
            yield from self._unmatched(scope)
        yield from self._notes()

    def _file(self, planned: Planned) -> Iterator[Item]:
        found = planned.found
        if found.is_lines:
            yield from self._lines(found.path, found.stem)
        elif found.is_recording:
            yield from self._one(planned, planned.call_id, RECORDING, _recording_hash(found.path), CallMetadata())
        elif found.suffix == ".json" and first_line_is_a_call(found.path):
            yield from self._lines(found.path, found.stem)
        else:
            yield from self._transcript(planned)

    def _transcript(self, planned: Planned) -> Iterator[Item]:
        path = planned.found.path
        data = read_bytes(path)
        document = open_document(data, path, must_be_json=planned.found.suffix == ".json")
        kind = format_of(document)
        if kind is None:
            raise _unknown(document)
        call_id, metadata, digest = planned.call_id, CallMetadata(), sha256(data)
        if isinstance(document.data, dict) and kind == JSONL:
            metadata, problems = _record(document.data, path, 0)
            yield from problems
            own_id = call_id_of(document.data.get("call_id"))
            if planned.scope is None and own_id:
                if self._is_recorded(own_id, path):
                    return
                call_id = own_id
                metadata = yield from self._with_row(own_id, metadata, digest)
        yield from self._one(planned, call_id, kind, digest, metadata)

    def _one(self, planned: Planned, call_id: str, kind: str, digest: Hash, metadata: CallMetadata) -> Iterator[Item]:
        """The call in a file of its own."""
        path, where = planned.found.path, (planned.found.path, 0)
        if planned.scope is not None and planned.row is not None:
            row = planned.scope.manifest.row(planned.row)
            record, problems = planned.scope.manifest.metadata(row)
            yield from problems
            metadata = _with_record(metadata, record, digest)
            where = (planned.scope.manifest.path, row.number)
        elif kind != JSONL and any(scope.covers(planned.found) for scope in self._plan.scopes):
            yield Problem("CA125", path, {"file": planned.found.name})
        yield self._claimed(CallInput(call_id, path, kind, digest.hexdigest(), metadata), *where)

    def _lines(self, path: str, stem: str) -> Iterator[Item]:
        for line in read_lines(path):
            try:
                yield from self._line(path, stem, line)
            except InputError as error:
                yield Failure(path, error.problem, line.number)

    def _line(self, path: str, stem: str, line: Line) -> Iterator[Item]:
        text, record = parse_line(line, path)
        call_id = call_id_of(record.get("call_id")) or f"{stem}-{line.number}"
        if self._is_recorded(call_id, place(path, line.number)):
            return
        metadata, problems = _record(record, place(path, line.number), line.number)
        yield from problems
        digest = sha256(line.data)
        metadata = yield from self._with_row(call_id, metadata, digest)
        item = CallInput(call_id, path, JSONL, digest.hexdigest(), metadata, line.number, text)
        yield self._claimed(item, path, line.number)

    def _with_row(self, call_id: str, metadata: CallMetadata, digest: Hash) -> Generator[Problem, None, CallMetadata]:
        """`metadata` with what the manifest says of this call id."""
        for scope in self._plan.scopes:
            index = scope.row_of(call_id)
            if index is not None:
                scope.used[index] = True
                record, problems = scope.manifest.metadata(scope.manifest.row(index))
                yield from problems
                return _with_record(metadata, record, digest)
        return metadata

    def _claimed(self, item: CallInput, path: str, line: int) -> CallInput | Failure:
        """The call, unless another has its id. Windows and macOS ignore capitals in file names, so ids do too."""
        first = self._claim(item.call_id, path, line)
        if first is None:
            return item
        problem = Problem("CA117", place(path, line), {"call_id": item.call_id, "first": first})
        return Failure(item.path, problem, item.line, item.call_id)

    def _claim(self, call_id: str, path: str, line: int) -> str | None:
        return self._places.put(unicodedata.normalize("NFC", call_id).casefold(), place(path, line))

    def _is_recorded(self, call_id: str, where: str) -> bool:
        """Whether a recording of this call is audited; its transcript is then no second call."""
        if call_id not in self._plan.recorded:
            return False
        self._beside += 1
        if len(self._shown) < _SHOWN:
            self._shown.append(where)
        return True

    def _unmatched(self, scope: Scope) -> Iterator[Item]:
        """Rows whose file is not among the inputs: attempts, and recordings that are missing."""
        outside = 0
        for index in scope.unmatched:
            if scope.used[index]:
                continue
            row = scope.manifest.row(index)
            record, problems = scope.manifest.metadata(row)
            name = row.value("file")
            if record.connected is False or (record.connected is None and not name and not record.duration_s):
                yield from problems
                yield self._attempt(scope, row, record)
            elif name and (not self._listing.has_folder or _exists(scope.manifest, name)):
                outside += 1
            else:
                facts = {"value": name} if name else {}
                yield scope.failure(row, "CA122" if name else "CA123", column=row.header("file"), **facts)
                # That a call was not recorded is a finding of its own, and the call counts for how often one was called.
                attempt = self._attempt(scope, row, record, MISSING if name else UNRECORDED)
                if isinstance(attempt, Attempt):
                    yield attempt
        if outside:
            yield Problem("CA130", scope.manifest.path, {"count": outside})

    def _attempt(self, scope: Scope, row: Row, record: CallMetadata, kind: str = ATTEMPT) -> Attempt | Failure:
        call_id = row.call_id() or f"{Path(scope.manifest.path).stem}-{row.number}"
        first = self._claim(call_id, scope.manifest.path, row.number)
        if first:
            return scope.failure(row, "CA117", call_id=call_id, first=first)
        return Attempt(call_id, record, scope.manifest.path, row.number, kind)

    def _notes(self) -> Iterator[Problem]:
        if self._beside:
            yield Problem("CA119", self._shown[0], {"count": self._beside, "files": ", ".join(self._shown)})
        if self._listing.other:
            kinds = ", ".join(f"{suffix} ({count})" for suffix, count in sorted(self._listing.other.items()))
            yield Problem("CA118", "", {"count": sum(self._listing.other.values()), "kinds": kinds})


def _record(call: dict[str, object], where: str, line: int) -> tuple[CallMetadata, list[Problem]]:
    """The call record inside a call of callaudit's own format."""
    metadata = call.get("metadata")
    if metadata is None:
        return CallMetadata(), []
    if not isinstance(metadata, dict):
        raise InputError("CA115", where, field="metadata", expected="object")
    return metadata_of({key: cell_text(value) for key, value in metadata.items()}, where, line)


def _with_record(metadata: CallMetadata, record: CallMetadata, digest: Hash) -> CallMetadata:
    """`metadata` with the manifest's record over it; a changed record is audited again, so it is hashed too."""
    digest.update(canonical(record))
    return merge(metadata, record)


def _recording_hash(path: str) -> Hash:
    try:
        size = Path(path).stat().st_size
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error
    if size == 0:
        raise InputError("CA106", path)
    return file_sha256(path)


def _unknown(document: Document) -> InputError:
    """Why no format knows the document: it is a report of ours, a manifest under another name, or something else."""
    data = document.data
    if isinstance(data, dict) and "schema_version" in data and "findings" in data:
        return InputError("CA133", document.where)
    if {"file", "call_id"} & {column_of(cell) for cell in header_cells(document.text)}:
        return InputError("CA134", document.where)
    return InputError("CA112", document.where)


def _exists(manifest: Manifest, name: str) -> bool:
    return (Path(manifest.path).parent / name).exists()
