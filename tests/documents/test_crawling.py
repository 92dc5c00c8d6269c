"""What is written about crawls is so: its commands are understood, and its table names each source with its keys."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from core.crawl.sources.registry import SOURCES, default_sources
from tests.documents.test_documents import PYTHON, ROOT, environment, shown_lines

NOWHERE = "http://127.0.0.1:9"  # refused before anything is sent, so that nothing but the answer can be missing
ROW = re.compile(r"^\| `([a-z-]+)` \|(.*)\|$", re.MULTILINE)


def written() -> dict[str, list[str]]:
    """Return the cells of each source's row."""
    text = (ROOT / "docs" / "crawling.md").read_text(encoding="utf-8")
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in ROW.findall(text)}


def test_each_crawl_command_is_understood(tmp_path: Path) -> None:
    (tmp_path / "addresses.txt").write_text(f"{NOWHERE}/photo.jpg\n")
    mirrors = "{" + ", ".join(f'"{name}": "{NOWHERE}"' for name in SOURCES) + "}"
    lines = [line.removeprefix(PYTHON) for line in shown_lines() if line.startswith(PYTHON + "crawl")]
    assert len(lines) >= 3
    for line in lines:
        values = environment(tmp_path, EODI_CRAWL_BASE_URLS=mirrors)
        command = [sys.executable, "-m", "core", *shlex.split(line)]
        done = subprocess.run(command, cwd=tmp_path, env=values, capture_output=True, timeout=120, check=False)
        # That nobody answers there is the only thing that may be wrong.
        assert done.returncode == 1, done.stderr.decode()
        assert "network.port" in done.stderr.decode(), done.stderr.decode()


def test_the_table_names_every_source_with_its_keys_its_quota_and_its_licence() -> None:
    rows = written()
    assert set(rows) == set(SOURCES)
    assert tuple(rows)[: len(default_sources())] == default_sources()
    for name, (_, keys, where, quota, licence) in rows.items():
        info = SOURCES[name].INFO
        assert re.findall(r"EODI_[A-Z_]+", keys) == (
            ["EODI_CRAWL_PAGES"] if info.opt_in else [f"EODI_{key.upper()}" for key in info.key_settings]
        )
        assert where.strip("<>") == (info.key_page or "–")
        assert quota == (f"{info.daily_quota:,}" if info.daily_quota else "–")
        assert licence == ("stated" if info.states_licence else "–")
