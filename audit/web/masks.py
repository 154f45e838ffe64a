"""Under which masks a reader sees the words of a call: who may not have a mask lifted sees no more than may leave the desk."""

from collections.abc import Callable
from dataclasses import replace

from audit.clips.mask import Private
from audit.model.call import Call, CallMetadata, Source
from audit.report.redaction import Redactor, masked_id, shortened
from audit.store.dossier import Added, Filed
from audit.store.search import Cover, as_kept
from audit.web.access import Permission, User


def mask_for(user: User) -> Callable[[Call], Redactor]:
    """What masks a call for this user: with the sound covered, the words are covered alike."""
    return Redactor if user.may(Permission.REVEAL) else Private


def cover_for(user: User) -> Cover:
    """What covers, of turns that are kept masked, what is left of numbers and names."""
    return as_kept if user.may(Permission.REVEAL) else _covered


def _covered(name: str | None, text: str) -> str:
    return Private(Call("", CallMetadata(debtor_name=name), (), Source("", "", ""))).words(text)


def shown_id(call: Call, redactor: Redactor) -> str:
    """The id of a call under the masks of its words."""
    return redactor.identifier(call.call_id) if isinstance(redactor, Private) else masked_id(call.call_id)


def shown_metadata(metadata: CallMetadata, user: User) -> CallMetadata:
    """The call's record without what tells who the debtor is, for who may not have a mask lifted."""
    if user.may(Permission.REVEAL):
        return metadata
    return replace(metadata, debtor_id=None, case_no=None, extra={})


class Masks:
    """Masks of a call as it is now and as its earlier transcripts had it. By themselves, half a number would not look like one."""

    def __init__(self, mask: Callable[[Call], Redactor]) -> None:
        self._mask = mask
        self._made: list[tuple[Call, Redactor]] = []

    def of(self, call: Call) -> Redactor:
        """The masks of one of the versions; each is made once."""
        made = next((redactor for known, redactor in self._made if known is call), None)
        if made is None:
            made = self._mask(call)
            self._made.append((call, made))
        return made

    def quote(self, filed: Filed) -> str:
        """The words of a finding, which an earlier audit may have made."""
        return shortened(self.of(filed.said_in).quote(filed.finding))

    def added(self, one: Added) -> str:
        """The words of a violation added by hand; none for the whole call or turn."""
        return one.words.span.of(self.of(one.words.said_in).turn(one.words.turn)) if one.words else ""
