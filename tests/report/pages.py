"""Reading the pages back: enough of a browser to see what a reader sees."""

import base64
import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "rect", "line", "circle", "col", "br"}
Attributes = dict[str, str]


class Element:
    """One element with its children; texts are strings among them."""

    def __init__(self, tag: str, attributes: Attributes) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    def all(self, tag: str | None = None, css: str | None = None) -> Iterator["Element"]:
        """This element and those within, in order, of this tag and class."""
        if tag in (None, self.tag) and (css is None or css in self.attributes.get("class", "").split()):
            yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all(tag, css)

    def text(self, without: str | None = None) -> str:
        """The text within, leaving out elements of the class `without`."""
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif without is None or without not in child.attributes.get("class", "").split():
                parts.append(child.text(without))
        return "".join(parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"attribute twice in <{tag}>"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(path: Path) -> Element:
    """The page at `path`, which must be well formed."""
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    reader.close()
    assert reader.open == [reader.root], "an element is not closed"
    return reader.root


def policy(page: Element) -> str:
    """The page's content security policy."""
    (meta,) = [m for m in page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    return meta.attributes["content"]


def digest(text: str) -> str:
    """The hash by which a policy allows an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def assert_inert(page: Element) -> None:
    """Nothing on the page may run, load or send anything but our own style, script and the recording."""
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"event handler {name}"
            assert name != "style", "inline style"
            if name == "href":
                assert value.startswith("#") or value.startswith("calls/"), f"link to {value}"
        assert element.tag not in {
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "input",
            "video",
            "image",
            "use",
        }
    rules = policy(page)
    assert rules.startswith("default-src 'none';")
    for tag in ("style", "script"):
        for element in page.all(tag):
            assert digest(element.text()) in rules, f"a {tag} that the policy does not allow"
    assert len(list(page.all("style"))) == 1
    assert len(list(page.all("script"))) <= 1
