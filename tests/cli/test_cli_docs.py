from tests.cli.helptext import PAGE, page


def test_the_page_of_the_command_line_is_the_help_of_every_command() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.cli.helptext"
