"""Pages of docs/ that are made from the code. `python -m tests.docs.generate` writes them; a test compares."""

from pathlib import Path

from audit.errors import CATALOGUE
from audit.text.context import PREDICATES

DOCS = Path(__file__).parents[2] / "docs"
_RANGES = (
    ("CA1", "Input and manifest", "输入与清单"),
    ("CA2", "Rules, words, policies", "规则、词表、策略"),
    ("CA3", "Speech", "语音"),
    ("CA4", "Output and batch", "输出与批处理"),
    ("CA9", "Usage", "用法"),
)


def errors_page() -> str:
    """docs/errors.md: every code with its text and remedy in both languages."""
    lines = [
        "# Errors and warnings · 错误与警告",
        "",
        "Made from `audit/errors.py` by `python -m tests.docs.generate`. Words in braces are filled in when the message is shown.",
    ]
    for prefix, english, chinese in _RANGES:
        lines += ["", f"## {prefix}xx {english} · {chinese}", "", "| code | message | remedy |", "|---|---|---|"]
        for code, entry in sorted(CATALOGUE.items()):
            if code.startswith(prefix):
                lines.append(f"| {code} | {entry.zh}<br>{entry.en} | {entry.remedy_zh}<br>{entry.remedy_en} |")
    return "\n".join(lines) + "\n"


def context_page() -> str:
    """docs/context.md: every context predicate with what it says of itself."""
    lines = [
        "# Context predicates",
        "",
        "What may stand under `unless` in a rule. Each looks at the words around a match and, where it holds, lifts the finding.",
        "Made from `audit/text/context.py` by `python -m tests.docs.generate`.",
        "",
        "| name | lifts the finding where |",
        "|---|---|",
    ]
    for name, predicate in PREDICATES.items():
        said = " ".join((predicate.__doc__ or "").partition(">>>")[0].split()).replace("|", "\\|")
        lines.append(f"| `{name}` | {said} |")
    return "\n".join(lines) + "\n"


PAGES = {"errors.md": errors_page, "context.md": context_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
