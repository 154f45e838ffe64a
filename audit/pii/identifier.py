"""What a recogniser returns."""

from dataclasses import dataclass

from audit.model.span import CharSpan


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier at `span` (normalised characters). `hidden` are the spans that redaction covers.

    `confidence` says how sure it is that this is such an identifier; a right check digit raises it and is never required.
    `spoken` says that it was given in words (幺三八…).
    """

    kind: str
    span: CharSpan
    confidence: float
    spoken: bool
    hidden: tuple[CharSpan, ...]
