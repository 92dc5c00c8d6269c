"""`train …` in a job is the very command that a person types."""

import pytest

from core.cli.train import JOB_REPORT, train_job
from core.errors import InvalidInput
from core.jobs.console import ConsoleReporter


@pytest.mark.parametrize(
    "arguments",
    [(), ("gallery",), ("classifier",), ("classifier", "--data", ".", "--epochs", "abc"), ("classifier", "--colour")],
)
def test_what_is_no_command_line_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        train_job(arguments, ConsoleReporter("en"))
    assert refused.value.code == "job.arguments"
    assert JOB_REPORT.get() is None


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        train_job(("classifier", "--data", "no-such-folder", "--promote"), ConsoleReporter("en"))
    assert refused.value.code == "folder.missing"
