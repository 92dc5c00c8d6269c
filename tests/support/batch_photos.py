"""Photos of one colour for the tiny model, names that are hard to handle, and a runner that starts nothing."""

import io
import os

from PIL import Image

from core.domain.job import Job
from core.errors import EodiError
from tests.support.tiny_model import COLOURS, GREY

HARD_NAMES = (
    "1.png",
    "2.png",
    "10.png",
    "=1+1.png",
    "-5",
    "'quoted'.png",
    "천지연 폭포.png",
    'a"b,c;d.png',
    "two\nlines.png",
    "carriage\r\nreturn.png",
    os.fsdecode(b"no text \xff.png"),
)


class Started:
    """A runner that only notes which jobs it was given, or fails to start any."""

    def __init__(self, fails: bool = False) -> None:
        self.jobs: list[Job] = []
        self.fails = fails

    def start(self, job: Job) -> None:
        """Note the job."""
        if self.fails:
            raise EodiError("job.not_started")
        self.jobs.append(job)


def colour_png(number: int, size: tuple[int, int] = (80, 60)) -> bytes:
    """Return a photo whose place has the class number `number` of 0..4, or none of them for 5, and so on in turn."""
    target = io.BytesIO()
    Image.new("RGB", size, (*COLOURS, GREY)[number % 6]).save(target, "PNG")
    return target.getvalue()
