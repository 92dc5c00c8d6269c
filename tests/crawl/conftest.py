"""A portal of one's own, and a bench to crawl from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawls import Bench, new_bench
from tests.support.portal import Portal, running_portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture
def bench(tmp_path: Path, portal: Portal) -> Bench:
    return new_bench(tmp_path, portal)
