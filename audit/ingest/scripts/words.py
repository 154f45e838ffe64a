"""What the names in script templates mean: who speaks, who listens, which settings they are (lexicons/scripts.toml)."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from audit.model.script import Audience, Voice
from audit.text.normalise import normalise

_IN_BRACKETS = re.compile(r"[（(\[【〔].*?[)）\]】〕]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LATIN = re.compile(r"[a-z0-9]+")
_NUMBERING = re.compile(
    r"^\s*(?:[#*＊>\-–—·•●○■□◆▶\s]*)(?:第?[0-9０-９一二三四五六七八九十百]+[条步章节环]?[、.．)）:：\s]|[A-Za-z][、.．)）]|[（(][0-9一二三四五六七八九十a-zA-Z]+[)）]|[①-⑳])*\s*"
)
_VERSION = re.compile(r"[\s_-]*(?:第?[\d一二三四五六七八九十.]+版?|v\d[\d.]*|\d{4}版?)$")
_SAYING = ("问", "说", "追问", "反问", "问道", "说道", "喊", "骂", "回答", "答")
# 客户怎么说, 用户常问: who says it counts, not how it is told. 对客户怎么说 is said to them.
_SAYS = re.compile(
    r"(?:们|可能|也许|如果|要是|一般|经常|常常|常|总|爱|会|都|还|又|再|反复|一直|怎么|怎样|如何|咋|这么|这样|直接|最|的|所){0,5}"
    r"(?:说的话|问的话|说话|问话|原话|发言|发来|提问|追问|反问|质问|质疑|抱怨|开口|回话|回答|回应|反应|表示|说|问|讲|喊|骂|答|回|发)(?:的|的话|什么|啥)?$"
)
_HOW_TO_ANSWER = re.compile("(?:怎么|怎样|如何|咋)(?:样)?(?:答|回|回答|回应|回话)$")
_TOWARDS = re.compile(r"(?:对|跟|给|向|和|与|回复|答复|回应|应对)[^\W\d_]{0,3}$")
_COLLECTORS = ("我们", "咱们", "我", "咱", "你", "你们")
_LATIN_SAYS = frozenset(
    {"say", "says", "said", "line", "lines", "phrase", "phrases", "words", "talk", "speech", "input"}
)
# 别这么回, 不要这样写: wording that must not be used.
_FORBIDS = re.compile(
    r"(?:千万别|别|莫|勿|(?:不|绝不|决不|绝对不)(?:要|能|可以?|准|许|应?该|得|宜|当|建议|允许))(?:再|去|随便|直接)?"
    r"(?:这么|这样|如此|那么|那样|(?:[说讲用]|出现|照读|照念)$)"
    r"|(?:错误|不当|违规|扣分|禁用|禁止|反面|不合规|不规范|差评|零分|失败|翻车|问题)的?(?:回复|答复|应对|回应|反馈)$"
)
_SCORES = re.compile("[扣评得满计打]分|分值|权重")
# Nobody calls anything by so many characters; of longer names the end counts.
LONGEST_NAME = 200
_REMEMBERED = 8192
# Chinese words of one character are too short to be looked for inside others.
_WHOLE = 1


class Names:
    """Words with meanings, asked for by names: keys, column headers, prefixes.

    A name means what the word that ends last in it means (客户类型 is a 类型), the longest of those that end there. Latin words
    count whole (`customer_examples` holds `customer`), an underscore or capital parts them.
    """

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        self._chinese: dict[str, str] = {}
        self._latin: dict[tuple[str, ...], str] = {}
        for meaning, words in meanings.items():
            for word in words:
                if word.isascii():
                    self._latin.setdefault(_latin_words(word), meaning)
                else:
                    self._chinese.setdefault(word.lower(), meaning)

    def with_first(self, meanings: Mapping[str, Iterable[str]]) -> "Names":
        """The same with further words, which count before those known already."""
        more = Names(meanings)
        more._chinese |= {word: meaning for word, meaning in self._chinese.items() if word not in more._chinese}
        more._latin |= {words: meaning for words, meaning in self._latin.items() if words not in more._latin}
        return more

    def of(self, name: str) -> str | None:
        """The meaning of a name, None when nobody knows it."""
        found = self.last(name)
        return found[0] if found else None

    def last(self, name: str) -> tuple[str, str] | None:
        """The meaning and the word that gives it."""
        return self._last(name[-LONGEST_NAME:])

    @cached_property
    def _last(self) -> Callable[[str], tuple[str, str] | None]:
        """Remembers: a key is a name of everything below it."""
        return lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def _look_up(self, name: str) -> tuple[str, str] | None:
        plain = strip(name)
        for end in range(len(plain), 0, -1):
            for start in range(max(0, end - self._longest), end):
                word = plain[start:end]
                if word in self._chinese and (len(word) > _WHOLE or word == plain):
                    return self._chinese[word], word
        return self._last_latin(name)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._chinese), default=0)

    @cached_property
    def _of_meaning(self) -> dict[str, tuple[list[str], list[str]]]:
        """The Chinese and the Latin words of each meaning, these between spaces."""
        words: dict[str, tuple[list[str], list[str]]] = {}
        for word, meaning in self._chinese.items():
            words.setdefault(meaning, ([], []))[0].append(word)
        for latin, meaning in self._latin.items():
            words.setdefault(meaning, ([], []))[1].append(_spaced(latin))
        return words

    def _last_latin(self, name: str) -> tuple[str, str] | None:
        words = _latin_words(name[-LONGEST_NAME:])
        for end in range(len(words), 0, -1):
            for start in range(end):
                if (meaning := self._latin.get(words[start:end])) is not None:
                    return meaning, "_".join(words[start:end])
        return None

    def inside(self, text: str, meaning: str) -> bool:
        """Whether one of the meaning's words is anywhere in a text."""
        return self._inside(text, meaning) if len(text) <= LONGEST_NAME else self._search(text, meaning)

    @cached_property
    def _inside(self) -> Callable[[str, str], bool]:
        return lru_cache(maxsize=_REMEMBERED)(self._search)

    def _search(self, text: str, meaning: str) -> bool:
        plain, latin = simplified(text), _spaced(_latin_words(text))
        chinese, whole = self._of_meaning.get(meaning, ((), ()))
        return any(word in plain for word in chinese) or any(words in latin for words in whole)


def _spaced(words: tuple[str, ...]) -> str:
    return f" {' '.join(words)} "


def _latin_words(name: str) -> tuple[str, ...]:
    return tuple(_LATIN.findall(_CAMEL.sub(" ", name).lower()))


def strip(name: str) -> str:
    """A name without its number, without what stands in brackets, in lower case.

    >>> strip("3. 禁用表述(严禁使用)")
    '禁用表述'
    """
    name = name[-LONGEST_NAME:]
    bare = _IN_BRACKETS.sub("", name).strip() or name.strip("【】[]（）() ")
    return _NUMBERING.sub("", simplified(bare)).strip(" \t：:*＊_")


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """A name as the word lists write it: simplified characters, half width, lower case."""
    return text.lower() if text.isascii() else normalise(text).text


@dataclass(frozen=True, slots=True)
class Words:
    """All of scripts.toml, ready to be asked."""

    voices: Names
    speakers: Names
    headings: Names
    documents: Names
    audiences: Names
    audience_names: Names
    titles: Names
    openings: Names
    settings: Names
    exempt: Names
    directions: tuple[str, ...]
    notes: frozenset[str]
    placeholders: Names
    specimens: Mapping[str, str]
    greetings: tuple[str, ...]
    authorities: tuple[str, ...]

    def voice(self, name: str) -> Voice | None:
        """Whose words a key, column or prefix of that name holds. Forbidden wording is so whatever else the name says."""
        if self._forbids(name):
            # 建议替换 beside 禁用表述 names what to say in its place.
            return Voice.AGENT if self.voices.of(name) == Voice.AGENT and "替" in name else Voice.FORBIDDEN
        found = self._sayer(name) or self.voices.of(name)
        return Voice(found) if found and found != Voice.FORBIDDEN else None

    def _sayer(self, name: str) -> Voice | None:
        """Whose words a name holds that says who says something: 客户怎么说, `user_says`."""
        plain = strip(name)
        if plain.isascii():
            *before, last = _latin_words(plain) or ("",)
            other = last in _LATIN_SAYS and bool(before) and self.voices.of("_".join(before)) == Voice.OTHER
            return Voice.OTHER if other else None
        says = _SAYS.search(plain)
        if not says or not says.start():
            return None
        who = plain[: says.start()]
        # 客户问怎么答, 单位怎么回: an answer is what collectors look for.
        if who in _COLLECTORS or _HOW_TO_ANSWER.search(plain):
            return Voice.AGENT
        found = self.voices.last(who)
        if found is None or not who.endswith(found[1]) or found[0] not in (Voice.AGENT, Voice.OTHER):
            return None
        if who.endswith(("题", "话", "语", "图", *_SAYING)):  # 客户问题回答
            return None
        return Voice.AGENT if _TOWARDS.search(who[: -len(found[1])]) else Voice(found[0])

    def speaker(self, value: str) -> Voice | None:
        """Who speaks, by the value of a field that says so."""
        if self.speakers.inside(value, "other") or (len(value.strip()) == _WHOLE and self.voice(value) is Voice.OTHER):
            return Voice.OTHER
        return Voice.AGENT if self.voices.of(value) == Voice.AGENT else None

    def heading(self, title: str) -> Voice | None:
        """Whether a heading makes what is under it a note or forbidden wording."""
        plain = strip(title)
        if self._forbids(title):
            return Voice.FORBIDDEN
        found = self.headings.last(plain)
        if found and found[0] == "other" and plain.endswith(found[1]):
            return Voice.OTHER
        return (
            Voice.NOTE if plain in self.notes or (found and found[0] == "papers" and plain.endswith(found[1])) else None
        )

    def _forbids(self, name: str) -> bool:
        plain = simplified(name)
        if _FORBIDS.search(strip(name)):
            return True
        return self.voices.inside(plain, Voice.FORBIDDEN) and not self.headings.inside(plain, "allowed")

    def audience(self, text: str) -> Audience | None:
        """Who listens, by the value of a field that says so."""
        for audience in (Audience.THIRD_PARTY, Audience.DEBTOR):
            if self.audiences.inside(text, audience) and not self.titles.inside(text, "untold"):
                return audience
        return None

    def titled(self, title: str) -> Audience | None:
        """Who listens, by a title."""
        if self.titles.inside(title, "untold"):
            return None
        if self.titles.inside(title, "debtor") and "非本人" not in title:
            return Audience.DEBTOR
        if self.titles.inside(title, "third_party"):
            return Audience.THIRD_PARTY
        return Audience.DEBTOR if "本人" in title and "非本人" not in title else None

    def is_document(self, title: str) -> bool:
        """Whether a document of that title is about scripts and none itself: a code of conduct, a word list, a case review."""
        plain = _VERSION.sub("", strip(title))
        found = self.documents.last(plain)
        return (found is not None and plain.endswith(found[1])) or self.headings.inside(title, "exams")

    def is_checklist(self, name: str) -> bool:
        """Whether a column of that name belongs to a quality checklist or a list of words."""
        return self.headings.last(name) == ("checklists", strip(name)) or bool(_SCORES.search(strip(name)))

    def asks(self, name: str) -> bool:
        """Whether a prefix says that the other side asks or says something: 用户问."""
        return (
            name.endswith(_SAYING)
            and self.voices.inside(name, Voice.OTHER)
            and not self.voices.inside(name, Voice.AGENT)
        )

    def opens(self, title: str) -> bool:
        """Whether a title is that of an opening."""
        return self.openings.inside(title, "words") and not self.openings.inside(title, "none")


_TITLES = (("third_party", "titles"), ("debtor", "owing"), ("untold", "untold"))


@cache
def words() -> Words:
    """The words that ship with callaudit."""
    data = tomllib.loads(files("audit.lexicons").joinpath("scripts.toml").read_text(encoding="utf-8"))
    audiences, openings, settings = data["audiences"], data["openings"], data["settings"]
    return Words(
        voices=Names({voice: data["voices"][voice] for voice in Voice}),
        speakers=Names({"speaker": data["voices"]["names"], "other": data["voices"]["others"]}),
        documents=Names({"document": data["headings"]["documents"]}),
        headings=Names(
            {
                **{k: v for k, v in data["headings"].items() if k != "documents"},
                "situations": data["directions"]["situations"],
            }
        ),
        audiences=Names({name: audiences[name] for name in Audience}),
        audience_names=Names({"audience": audiences["names"]}),
        titles=Names({name: audiences[key] for name, key in _TITLES}),
        openings=Names({name: known for name, known in openings.items() if name != "greetings"}),
        settings=Names({name: settings[name] for name in ("window", "from", "to", "count")}),
        exempt=Names(
            {name: known for name, known in settings.items() if name not in ("window", "from", "to", "count")}
        ),
        directions=tuple(data["directions"]["words"]),
        notes=frozenset(data["headings"]["note"]),
        placeholders=Names(data["placeholders"]),
        specimens=data["specimens"],
        greetings=tuple(openings["greetings"]),
        authorities=tuple(data["signatures"]["authorities"]),
    )


def with_own(basis: Words, voices: Mapping[str, Iterable[str]], placeholders: Mapping[str, str]) -> Words:
    """`basis` with an institution's own names; they count before those that ship with callaudit."""
    if not voices and not placeholders:
        return basis
    by_meaning: dict[str, list[str]] = {}
    for name, meaning in placeholders.items():
        by_meaning.setdefault(meaning, []).append(name)
    return replace(
        basis, voices=basis.voices.with_first(voices), placeholders=basis.placeholders.with_first(by_meaning)
    )
