"""What a rule file, a word list and a policy may say. Pydantic checks them at the edge; past the loader they are plain values."""

from datetime import date
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from audit.i18n import tr
from audit.model.call import Role
from audit.model.finding import Severity
from audit.rules.dialogue import Listener

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
Words = Annotated[list[str], BeforeValidator(lambda value: _words(value))]


def _words(value: Any) -> list[str]:
    """A list of words, where each entry (or one block of text) may hold several, separated by white space."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list):
        raise ValueError(
            tr(
                "应为词：列表，或用空格隔开的文字",
                "expected words: a list, or a block of text with spaces between the words",
            )
        )
    words = []
    for entry in entries:
        if not isinstance(entry, str):
            raise ValueError(tr("{0!r} 不是文字，请加引号", "{0!r} is not a text; put it in quotes").format(entry))
        words.extend(entry.split())
    return words


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            tr(
                "没有时区 {0!r}，请写成 Asia/Shanghai 这样", "there is no time zone {0!r}; write one like Asia/Shanghai"
            ).format(name)
        ) from None
    return name


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(
            tr("{0!r} 不是日期，请写成 2025-02-28 这样", "{0!r} is no day; write one like 2025-02-28").format(value)
        ) from None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(_Strict):
    """A text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ConceptSpec(_Strict):
    """One concept of a word list; the fields are those of `audit.rules.lexicon.Concept`, `about` is for its readers.

    Words under `homophones` and `whole` are words of the concept, whether or not `words` repeats them.
    """

    about: str = ""
    words: Words = []
    homophones: Words = []
    whole: Words = []
    exceptions: Words = []
    include: list[str] = []


class WordFile(_Strict):
    """A file in lexicons/words: concepts by name."""

    concepts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], ConceptSpec]


class NearbySpec(_Strict):
    """A condition on other turns: someone of `role` says `say` at most `within` turns before or after."""

    role: list[Role] = []
    within: int = Field(default=3, ge=1)
    say: list[str] = Field(min_length=1)


class HeardSpec(_Strict):
    """Something that was said before: a cue of dialogue.yaml, or a label (`signal.hardship`) that a turn carries; by `role`, at most
    `within` turns back (anywhere before when left out)."""

    any: list[str] = Field(min_length=1)
    role: list[Role] = []
    within: int | None = Field(default=None, ge=1)


class WhenSpec(_Strict):
    """A condition on the state of the dialogue, see `audit.rules.dialogue.When`."""

    listener: list[Listener] = []
    identified: bool | None = None
    first: int | None = Field(default=None, ge=1)
    heard: HeardSpec | None = None
    unheard: HeardSpec | None = None


class CueSpec(_Strict):
    """One cue of dialogue.yaml: a turn of `roles` in which one regular expression of `any` matches and none of `none`.

    `first`: only among so many turns at the start. `about` says what it stands for, in one text or in both languages; reports use it for what was not heard.
    """

    about: Texts | str = ""
    roles: list[Role] = []
    first: int | None = Field(default=None, ge=1)
    any: list[str] = Field(min_length=1)
    none: list[str] = []


class DialogueFile(_Strict):
    """The file lexicons/dialogue.yaml: `<name>` in a regular expression stands for a fragment."""

    fragments: dict[Annotated[str, Field(pattern=r"^[a-z_]+$")], str] = {}
    cues: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], CueSpec]


class VariantSpec(_Strict):
    """One way of saying it. `say`: any of these patterns. `with`: all of these also in the turn. `without`: none of these.
    `before` and `after`: what was said in turns before, or is said after. `when`: the state of the dialogue. `metadata`: fields of the
    call record that must be `present` or `absent`, or hold that value. `unless` replaces the rule's own."""

    say: list[str] = Field(min_length=1)
    with_: list[str] = Field(default=[], alias="with")
    without: list[str] = []
    before: NearbySpec | None = None
    after: NearbySpec | None = None
    when: WhenSpec | None = None
    metadata: dict[str, str] = {}
    confidence: float = Field(default=0.9, gt=0, le=1)
    unless: list[str] | None = None


class ExampleSpec(_Strict):
    """An example that is more than one turn of the agent: another role, several turns (`A:`, `D:`, `T:`), or call metadata."""

    role: Role = Role.AGENT
    text: str | None = None
    turns: list[Annotated[str, Field(pattern=r"^[ADTU]\s*[:：]")]] = []
    metadata: dict[str, str | int | float | bool] = {}
    calls: list[dict[str, str | int | float | bool]] = []


class ExamplesSpec(_Strict):
    """A rule proves itself: at least one line it must find, and one near miss it must not. `policy` are parameters of the default
    policy that must differ for the rule to find anything."""

    policy: dict[str, Any] = {}
    breaching: list[str | ExampleSpec] = Field(min_length=1)
    near_misses: list[str | ExampleSpec] = Field(min_length=1)


class RuleSpec(_Strict):
    """A file in lexicons/rules. The label is the part of `id` before the slash. `no_clause` says why there is none to cite."""

    id: str = Field(pattern=r"^[a-z]+\.[a-z_]+/[a-z0-9-]+$")
    name: Texts
    reason: Texts
    advice: Texts
    severity: Severity
    status: Literal["preview", "stable", "deprecated"] = "stable"
    kind: str = "say"
    roles: list[Role] = [Role.AGENT]
    clauses: list[str] = []
    no_clause: Texts | None = None
    match: list[VariantSpec] = []
    unless: list[str] = ["negated", "quoted", "asked", "apologised", "rule_read_aloud"]
    parameters: dict[str, str | int | float | bool | list[str]] = {}
    examples: ExamplesSpec


class HoursSpec(_Strict):
    """Hours in which no call may be made, local time at the debtor's place; `to` may be the next day. On days of the week that
    are not among `days` no hours are known, and none are judged."""

    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    to: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    days: list[Day] = list(DAYS)


class BurstSpec(_Strict):
    """So many dials of one number within so many minutes are a burst."""

    attempts: int = Field(ge=2)
    minutes: int = Field(ge=1)


class InformationalSpec(_Strict):
    """A cap on connected calls, whoever spoke, for calls of the days from `from` to `until`."""

    limit: int = Field(ge=1)
    from_: Annotated[date, BeforeValidator(lambda value: _day(value))] = Field(alias="from")
    until: Annotated[date, BeforeValidator(lambda value: _day(value))]


class UnreachableSpec(_Strict):
    """When a debtor counts as lost: after so many failed dials in a row, from the next day on, or after failures on so many days running."""

    failures: int = Field(ge=1)
    days: int = Field(ge=1)


class LenderKindSpec(_Strict):
    """A kind of lender: words in lenders' names by which it is known, and the `applies_to` of clauses that bind it."""

    names: list[str] = []
    applies_to: list[str]


Limit = Annotated[int, Field(ge=1)] | None


class PolicySpec(_Strict):
    """A file in lexicons/policies: the limits an institution is audited against (RULES.md section 2).

    What a file leaves out is as in the policy it `extends`. null switches a limit off.
    """

    extends: str | None = "default"
    name: Texts
    jurisdiction: str = "CN"
    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    timezone: Annotated[str, AfterValidator(lambda name: _zone(name))] = "Asia/Shanghai"
    quiet_hours: HoursSpec | None = None
    running_past_window: Literal["breach", "info"] = "breach"
    conversations_per_debtor_per_day: Limit = None
    sum_lender_and_agencies: bool = True
    conversation_min_talk_s: float = Field(default=0, ge=0)
    informational_calls_per_debtor_per_day: InformationalSpec | None = None
    attempts_per_number_per_day: Limit = None
    attempts_count: Literal["unanswered", "all"] = "unanswered"
    attempts_per_debt_in_7_days: Limit = None
    days_after_conversation: Limit = None
    conversations_per_debtor_per_week: Limit = None
    conversations_per_debtor_per_month: Limit = None
    burst: BurstSpec | None = None
    third_party_precondition: UnreachableSpec | None = None
    listen_below: float = Field(default=0.5, ge=0, le=1)
    learned: Literal["off", "listen", "accuse"] = "listen"
    learned_models: list[Literal["ngrams", "encoder"]] = ["ngrams"]
    learned_listen_at: float = Field(default=0.6, ge=0, le=1)
    learned_accuse_at: float = Field(default=0.9, ge=0, le=1)
    role_check_below: float = Field(default=0.6, ge=0, le=1)
    severities: dict[str, Severity] = {}
    disabled: list[str] = []
    lender_kind: str | None = None
    lender_kinds: dict[str, LenderKindSpec] | None = None
    clauses: dict[str, list[str]] | None = None
