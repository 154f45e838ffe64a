"""`callaudit examples`: cuts a training pack from the results of `callaudit run`."""

from pathlib import Path

import click

from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES
from audit.i18n import tr

# The states that a run's folder knows; audit.clips.select says what each means, and a test holds the two together.
STATES = ("standing", "review", "any")
_LIMIT = 20


@click.command(
    help=tr(
        "从 callaudit run 的输出文件夹 RUN 剪出培训范例：录音片段（前后各 5 秒）、文字、答案、可离线打开的测验页 index.html。"
        "号码和姓名在文字里遮盖，在声音里消去。",
        "Cut training examples from RUN, the folders that callaudit run wrote: clips (5 s before and after), transcripts, an "
        "answer key and index.html, a quiz that works offline. Numbers and names are covered in text and beeped in sound.",
    )
)
@click.argument(
    "runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
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
    default="standing",
    show_default=True,
    help=tr(
        "哪些发现：standing 可独立成立，review 待人工复核，any 全部",
        "which findings: standing by themselves, to review, or any",
    ),
)
@click.option(
    "--counter-examples",
    metavar="N",
    type=click.IntRange(min=0),
    help=tr(
        "字面相近但未发现违规的反例个数，默认为范例数的一半",
        "look-alikes in which nothing was found; half as many as examples by default",
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
    labels: tuple[str, ...],
    limit: int,
    state: str,
    counter_examples: int | None,
    disguise: bool,
    out: Path,
) -> int:
    """Make the pack and return the exit code."""
    from audit.clips.pack import Wish, make

    made = make(Wish(runs, labels, state, limit, counter_examples, disguise), out)
    for problem in made.problems:
        click.echo(problem.line(), err=True)
    left_out = made.selection
    click.echo(
        tr(
            f"范例 {made.examples} 个，反例 {made.look_alikes} 个；有声音 {made.with_sound} 个，消音 {made.beeps} 处",
            f"{made.examples} examples, {made.look_alikes} look-alikes; {made.with_sound} with sound, {made.beeps} beeps",
        )
    )
    if left_out.repeated or left_out.without_words:
        click.echo(
            tr(
                f"未取：与已取的相近 {left_out.repeated} 个，整通通话的发现 {left_out.without_words} 个（没有可剪的原话）",
                f"Left out: {left_out.repeated} like one taken, {left_out.without_words} about a whole call (no words to cut)",
            )
        )
    click.echo(tr("测验页：", "Quiz: ") + (out / "index.html").resolve().as_uri())
    return EXIT_FAILURES if any(problem.code != "CA705" for problem in made.problems) else EXIT_CLEAN
