"""Every kind of job is a command line of this program, and reports to its row instead of the terminal."""

from pathlib import Path

import pytest
import typer

from core.cli.application import app
from core.cli.job_commands import KINDS, in_job, job_commands, reporting
from core.errors import InvalidInput, NotFound
from core.jobs.console import ConsoleReporter


@pytest.mark.parametrize("beginning", KINDS.values(), ids=KINDS)
def test_each_kind_begins_a_command_that_exists(beginning: tuple[str, ...]) -> None:
    command = typer.main.get_command(app)
    for word in beginning:
        command = command.commands[word]  # type: ignore[attr-defined]
    assert command.name == beginning[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_command_line_is_one_sentence(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        job_commands()[kind](("--no-such-option", "x"), ConsoleReporter("en"))
    assert (refused.value.code, refused.value.values) == ("job.arguments", {"arguments": "--no-such-option x"})
    assert not in_job()


def test_a_command_knows_its_job_only_while_it_runs_as_one(data_dir: Path) -> None:
    told = ConsoleReporter("en")
    with pytest.raises(NotFound):
        job_commands()["import"]((str(data_dir), "--place", "nowhere"), told)
    assert not in_job()
    with reporting() as bar:
        assert bar is not told
