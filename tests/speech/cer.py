"""Character error rate as SPEECH measures it: Simplified Chinese, letters and digits only."""

import unicodedata
from collections.abc import Iterable

import jiwer

from audit.speech.segments import simplified


def bare(text: str) -> str:
    """What counts of a text: no punctuation, no spaces, compatibility forms and case folded, Traditional turned Simplified."""
    return "".join(c for c in simplified(unicodedata.normalize("NFKC", text)).lower() if c.isalnum())


def cer(pairs: Iterable[tuple[str, str]]) -> float:
    """Character error rate in per cent over (reference, recognised) texts, weighted by length."""
    said, heard = zip(*((bare(reference), bare(recognised)) for reference, recognised in pairs), strict=True)
    return 100 * float(jiwer.cer(list(said), list(heard)))
