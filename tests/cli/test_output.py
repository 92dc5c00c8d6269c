"""Tables for people: whole when another program reads them, and without tricks."""

import pytest

from core.cli.output import write_table


def test_nothing_is_cut_when_no_terminal_reads(capsys: pytest.CaptureFixture[str]) -> None:
    run_id = "classifier-20261123-135510-ca5f00-" + "x" * 120
    write_table(("run_id", "task"), [(run_id, "classifier")])
    assert run_id in capsys.readouterr().out


def test_control_characters_of_a_text_from_outside_are_gone(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(("name",), [("\x1b]0;title\x07[red]plain[/red]",)])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "[red]plain[/red]" in shown
