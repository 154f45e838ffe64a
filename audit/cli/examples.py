"""`callaudit examples`: cuts a training pack from the results of `callaudit run`, or from the store by what reviewers decided."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from audit.cli.keeping import actor, need_extra
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES
from audit.errors import ConfigError
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.clips.pack import Made, Wish

# What may be asked for; audit.clips.select says what each means, and a test holds the two together.
STATES = ("standing", "review", "any", "open", "confirmed", "dismissed", "unsure", "disputed")
_LIMIT = 20


@click.command(
    help=tr(
        "剪出培训范例：录音片段（前后各 5 秒）、文字、答案、可离线打开的测验页 index.html。取自 callaudit run 的输出文件夹 RUN，"
        "或用 --store 取自存储库（按复核结果）。号码和姓名在文字里遮盖，在声音里消去。",
        "Cut training examples from RUN, the folders that callaudit run wrote, or with --store from a store, by what reviewers "
        "decided: clips (5 s before and after), transcripts, an answer key and index.html, a quiz that works offline. Numbers and "
        "names are covered in text and beeped in sound.",
    )
)
@click.argument("runs", metavar="[RUN]...", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--store",
    "url",
    metavar="URL",
    envvar="CALLAUDIT_STORE",
    show_envvar=True,
    help=tr(
        "从存储库取：SQLite 文件、sqlite:///文件 或 postgresql+psycopg://用户@主机/数据库",
        "take them from a store: a SQLite file, sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
    ),
)
@click.option(
    "--label",
    "labels",
    metavar="LABEL",
    multiple=True,
    help=tr(
        "要哪些标签（threat.exposure）或整类（threat），可重复；不给则为所有违规",
        "labels (threat.exposure) or families (threat) wanted, may be repeated; every breach when not given",
    ),
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=_LIMIT,
    show_default=True,
    help=tr("最多几个范例，相近的只取一个", "examples at most; of those alike only one is taken"),
)
@click.option(
    "--state",
    type=click.Choice(STATES),
    help=tr(
        "哪些发现：standing 可独立成立，review 待人工复核，any 全部；存储库里还可按复核结果：confirmed 已确认、dismissed 已排除、"
        "disputed 意见不一、unsure 不确定、open 待处理。默认 standing，存储库为 confirmed",
        "which findings: standing by themselves, to review, or any; of a store also what reviewers say: confirmed, dismissed, "
        "disputed, unsure, open. By default standing, of a store confirmed",
    ),
)
@click.option(
    "--counter-examples",
    metavar="N",
    type=click.IntRange(min=0),
    help=tr(
        "反例个数：复核人排除的，其次是字面相近但未发现违规的；默认为范例数的一半",
        "counter-examples: what reviewers dismissed, then look-alikes in which nothing was found; half as many as examples by default",
    ),
)
@click.option("--disguise", is_flag=True, help=tr("声音变调（降低，时长不变）", "lower the voices, at the same pace"))
@click.option(
    "-o",
    "--out",
    metavar="PACK",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=tr("培训包文件夹：新的或空的", "folder for the pack: new or empty"),
)
def examples(
    runs: tuple[Path, ...],
    url: str | None,
    labels: tuple[str, ...],
    limit: int,
    state: str | None,
    counter_examples: int | None,
    disguise: bool,
    out: Path,
) -> int:
    """Make the pack and return the exit code."""
    from audit.clips.pack import Wish, make
    from audit.clips.sources import Runs

    # A store in the environment is for when no folder is named.
    named = click.get_current_context().get_parameter_source("url") is ParameterSource.COMMANDLINE
    if runs and not named:
        made = make(Runs(runs), Wish(labels, state or "standing", limit, counter_examples, disguise), out)
    elif url is not None and not runs:
        made = _from_store(url, Wish(labels, state or "confirmed", limit, counter_examples, disguise), out)
    else:
        raise ConfigError("CA715")
    _say(made)
    click.echo(tr("测验页：", "Quiz: ") + (out / "index.html").resolve().as_uri())
    return EXIT_FAILURES if any(problem.code != "CA705" for problem in made.problems) else EXIT_CLEAN


def _from_store(url: str, wish: "Wish", out: Path) -> "Made":
    """Make the pack, and write into the store's log that it was made."""
    need_extra()
    from audit.clips.kept import Kept
    from audit.clips.pack import make
    from audit.store.database import Store
    from audit.store.examples import log_pack

    with Store(url) as store:
        made = make(Kept(store), wish, out)
        log_pack(store, actor(), "make_pack", made.digest, **made.counts())
    return made


def _say(made: "Made") -> None:
    for problem in made.problems:
        click.echo(problem.line(), err=True)
    counts, selection = made.counts(), made.selection
    click.echo(
        tr(
            "范例 {examples} 个，反例 {counter_examples} 个；有声音 {with_sound} 个，消音 {beeps} 处",
            "{examples} examples, {counter_examples} counter-examples; {with_sound} with sound, {beeps} beeps",
        ).format(**counts)
    )
    if selection.repeated or selection.without_words:
        click.echo(
            tr(
                f"未取：与已取的相近 {selection.repeated} 个，整通通话的发现 {selection.without_words} 个（没有可剪的原话）",
                f"Left out: {selection.repeated} like one taken, {selection.without_words} about a whole call (no words to cut)",
            )
        )
