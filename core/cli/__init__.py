"""The command line: `python -m core …`. One file per group of commands; `compose` builds what they need.

A composition root: only here, in `pages/ui/resources.py` and in tests' fixtures are settings read and parts joined.
"""

from core.cli.application import main

__all__ = ["main"]
