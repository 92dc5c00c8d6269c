"""Logging for the app, the command line and jobs: one line each, to stderr or a job's file, never a secret."""

import logging
import sys

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(level: int = logging.INFO) -> None:
    """Send the project's records to stderr once; repeated calls change nothing but the level."""
    root = logging.getLogger("core")
    root.setLevel(level)
    if root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(LINE))
    root.addHandler(handler)
    root.propagate = False
