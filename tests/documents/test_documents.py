"""Every command that a document shows is one that works."""

import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.errors import InvalidInput
from core.messages import describe
from tests.support.mariadb import MariaDb, free_port
from tests.support.scenes import scene_bytes

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE_MAKE = re.compile(r"`(make [a-z]+)`")
PYTHON = ".venv/bin/python -m core "
START_S = 120


def shown_lines() -> list[str]:
    """Return each command line of each document once, in order."""
    lines = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for block in BLOCK.findall(text):
            lines += [line.strip() for line in block.splitlines() if line.strip()]
        lines += INLINE_MAKE.findall(text)
    return list(dict.fromkeys(lines))


def core_lines() -> list[str]:
    """Return the commands of the quarter of an hour; the database's own are tested with the server.

    Crawls would ask the network; `test_crawling` runs them against nobody.
    """
    lines = [line.removeprefix(PYTHON) for line in shown_lines() if line.startswith(PYTHON)]
    return [line for line in lines if not line.startswith(("train", "crawl"))]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """Return the environment of a newcomer whose data lie in `tmp_path`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EODI_")}
    return clean | {"EODI_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT), "EODI_LANGUAGE": "en"} | more


def test_each_make_command_has_its_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {line.split()[1] for line in shown_lines() if line.startswith("make ")}
    assert named
    assert named <= targets


def test_each_command_of_the_first_quarter_of_an_hour_ends_well(tmp_path: Path) -> None:
    (tmp_path / "my-pictures").mkdir()
    for name in ("photo.jpg", "my-pictures/one.jpg"):
        (tmp_path / name).write_bytes(scene_bytes("wall", 1))
    assert len(core_lines()) >= 5
    for line in core_lines():
        command = [sys.executable, "-m", "core", *shlex.split(line)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{line}: {done.stderr.decode()}"


def test_the_training_command_is_understood(tmp_path: Path) -> None:
    lines = [line.removeprefix(PYTHON) for line in shown_lines() if line.startswith(PYTHON + "train")]
    assert lines
    for line in lines:
        command = [sys.executable, "-m", "core", *shlex.split(line)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, timeout=120, check=False
        )
        # Folder and library are the reader's; that they are not there is the only thing that may be wrong.
        assert done.returncode == 1
        missing = "my-photos" if "--data" in line else describe(InvalidInput("snapshot.empty"), "en")
        assert missing in " ".join(done.stderr.decode().split())


@pytest.mark.mysql
def test_the_four_commands_for_mysql_serve_the_same_app(tmp_path: Path, mariadb_server: MariaDb) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(block for block in BLOCK.findall(readme) if "mysql+pymysql" in block)
    create, export, upgrade, serve = [line.strip() for line in block.splitlines() if line.strip()]
    statements = shlex.split(create.replace("mysql -u root -p -e", ""))[0]
    for statement in statements.split(";"):
        mariadb_server.run(statement)
    address = export.split("=", 1)[1].strip("'").replace("localhost:3306", f"127.0.0.1:{mariadb_server.port}")
    port = free_port()
    values = environment(tmp_path, EODI_DATABASE_URL=address, STREAMLIT_SERVER_PORT=str(port))
    done = subprocess.run(
        shlex.split(upgrade.replace(".venv/bin/python", shlex.quote(sys.executable))), env=values, cwd=ROOT, check=False
    )
    assert done.returncode == 0
    server = subprocess.Popen(shlex.split(serve), cwd=ROOT, env=values, start_new_session=True)
    try:
        assert answers(f"http://localhost:{port}/_stcore/health")
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)
        mariadb_server.run("DROP DATABASE eodi")
        mariadb_server.run("DROP USER eodi")
    assert not list((tmp_path / "data").glob("*.sqlite3"))


def answers(url: str) -> bool:
    """Wait until a server says it is well."""
    until = monotonic() + START_S
    while monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            sleep(0.3)
    return False


def test_documents_name_no_path_of_a_developer_s_machine() -> None:
    for document in DOCUMENTS:
        assert not re.search(r"(^|[\s`(])/(work|tmp|home|root)/", document.read_text(encoding="utf-8")), document
