"""What was fetched and not filed waits in the spool, belongs to one process, and does not lie there for ever."""

import os
import time
from pathlib import Path

import pytest

from core.crawl.spool import ABANDONED_AFTER_S, Fetched, own_spool
from core.errors import Conflict, PhotoRefused
from tests.support.libraries import files_of

KEY, OTHER = "ab" * 32, "cd" * 32


def test_bytes_and_refusals_are_read_back_until_they_are_dropped(tmp_path: Path) -> None:
    refused = Fetched.refused(PhotoRefused("crawl.status", status=404))
    with own_spool(tmp_path, "one") as spool:
        spool.put(KEY, Fetched(b"photo"))
        spool.put(OTHER, refused)
    with own_spool(tmp_path, "one") as spool:
        assert spool.keys() == {KEY, OTHER}
        assert (spool.get(KEY), spool.get(OTHER)) == (Fetched(b"photo"), refused)
        assert spool.get("ef" * 32) is None
        spool.drop([KEY, OTHER, "ef" * 32])
        assert spool.keys() == frozenset()


def test_a_spool_belongs_to_one_at_a_time(tmp_path: Path) -> None:
    first = own_spool(tmp_path, "one")
    with first, own_spool(tmp_path, "two"), pytest.raises(Conflict, match=r"crawl\.under_way"):
        own_spool(tmp_path, "one").__enter__()
    with own_spool(tmp_path, "one"):
        pass


def test_what_a_killed_process_was_just_writing_is_removed(tmp_path: Path) -> None:
    with own_spool(tmp_path, "one") as spool:
        spool.put(KEY, Fetched(b"photo"))
    whole = tmp_path / "one" / KEY[:2] / KEY
    unfinished = whole.with_name(f".tmp-{os.uname().nodename}-4194304-{'0' * 32}")
    unfinished.write_bytes(b"pho")
    with own_spool(tmp_path, "one") as spool:
        assert spool.keys() == {KEY}
    assert not unfinished.exists()


def test_downloads_of_a_crawl_that_nobody_goes_on_with_are_removed_in_the_end(tmp_path: Path) -> None:
    for name in ("old", "young"):
        with own_spool(tmp_path, name) as spool:
            spool.put(KEY, Fetched(b"photo"))
    past = time.time() - ABANDONED_AFTER_S - 60
    os.utime(tmp_path / "old", (past, past))
    with own_spool(tmp_path, "other"):
        assert [name for name in files_of(tmp_path) if KEY in name] == [f"young/ab/{KEY}"]
