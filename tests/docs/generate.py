"""Pages of docs/ that are made from the code. `python -m tests.docs.generate` writes them; a test compares."""

from pathlib import Path

from audit.errors import CATALOGUE

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


if __name__ == "__main__":
    (DOCS / "errors.md").write_text(errors_page(), encoding="utf-8")
