import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core.db.engine import Database, open_database
from core.db.ready import check, ready_database, schema_revision, upgrade
from core.db.tables import Base
from core.db.upgrade import HEAD, MIGRATIONS, one_at_a_time
from core.errors import Conflict
from tests.db.conftest import CATALOGUE
from tests.support.mariadb import MariaDb

REPOSITORY = Path(__file__).parents[2]
START = (
    "import sys, pathlib; from core.db.ready import ready_database; "
    "ready_database(sys.argv[1], pathlib.Path(sys.argv[2]))"
)


@pytest.fixture
def fresh(database_url: str) -> Iterator[Database]:
    """Give a database that may be broken: no other test sees it."""
    opened = open_database(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()


def start(url: str, code: str = START) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, url, str(CATALOGUE)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_constant_head_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_upgrade_brings_the_tables_that_the_code_expects(fresh: Database) -> None:
    with fresh.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
    assert schema_revision(fresh) == HEAD
    assert set(check(fresh)) == set(Base.metadata.tables)


def test_a_new_database_has_no_revision(database_url: str) -> None:
    assert schema_revision(open_database(database_url)) is None


def test_an_outdated_schema_is_reported(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    with pytest.raises(Conflict, match=r"database\.outdated"):
        check(database)


def test_an_upgrade_that_was_cut_off_is_taken_up_again(fresh: Database) -> None:
    with fresh.session() as session:
        for statement in ("DROP TABLE service", "DROP TABLE jobs", "DELETE FROM alembic_version"):
            session.execute(text(statement))
        if fresh.is_embedded:
            session.execute(text("DROP INDEX ix_photos_status"))
        else:
            session.execute(text("DROP INDEX ix_photos_status ON photos"))
    upgrade(fresh)
    with fresh.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert check(fresh)["service"] == 1


def test_a_database_of_a_later_version_is_refused_and_left_alone(fresh: Database) -> None:
    with fresh.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match=r"database\.newer"):
        upgrade(fresh)
    assert schema_revision(fresh) == "9999"


def test_processes_that_start_at_once_on_a_fresh_database_are_all_fine(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib; from core.db.ready import ready_database\n"
        "for url in sys.stdin: "
        "ready_database(url.rstrip('\\n'), pathlib.Path(sys.argv[2])).dispose(); print('fine', flush=True)"
    )
    both = [start("", code), start("", code)]
    for number in range(10):
        if database_url.startswith("sqlite"):
            url = f"sqlite:///{tmp_path / str(number) / 'fresh.sqlite3'}"
        else:
            url = request.getfixturevalue("mariadb_server").new_schema()
        for child in both:
            print(url, file=child.stdin, flush=True)
        assert [child.stdout.readline() for child in both if child.stdout] == ["fine\n", "fine\n"]
        database = ready_database(url, CATALOGUE)
        assert check(database)["places"] == 5
        database.dispose()
    assert [child.communicate(timeout=30)[1] for child in both] == ["", ""]


def test_only_one_prepares_at_a_time(database: Database) -> None:
    inside: list[str] = []

    def enter() -> None:
        with one_at_a_time(database):
            inside.append("second")

    with one_at_a_time(database):
        second = threading.Thread(target=enter)
        second.start()
        time.sleep(0.3)
        inside.append("first")
    second.join(30)
    assert inside == ["first", "second"]


def test_a_sqlite_file_is_in_wal_mode_with_full_synchronisation_and_foreign_keys(tmp_path: Path) -> None:
    database = ready_database(f"sqlite:///{tmp_path / 'a.sqlite3'}", CATALOGUE)
    with database.session() as session:
        values = [
            session.execute(text(pragma)).scalar()
            for pragma in (
                "PRAGMA journal_mode",
                "PRAGMA synchronous",
                "PRAGMA foreign_keys",
                "PRAGMA busy_timeout",
            )
        ]
    assert values == ["wal", 2, 1, 10_000]


@pytest.mark.mysql
def test_a_mysql_session_is_strict_in_utc_and_utf8(mysql_url: str) -> None:
    database = open_database(mysql_url)
    query = text("SELECT @@session.time_zone, @@character_set_connection, @@session.sql_mode LIKE '%STRICT_ALL%'")
    with database.session() as session:
        assert tuple(session.execute(query).one()) == ("+00:00", "utf8mb4", 1)
    database.dispose()


@pytest.mark.parametrize("folder", ["빈 칸", "100% 제주", "what? #1", "a:b=c&d"])
def test_paths_with_spaces_korean_letters_and_signs_work_from_any_folder(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / folder / "에오디 %20.sqlite3"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    database = ready_database(f"sqlite:///{path}", CATALOGUE)
    assert path.exists()
    assert check(database)["places"] == 5
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_code_itself_may_lie_in_such_a_folder(tmp_path: Path) -> None:
    here = tmp_path / "내 폴더 100%d (new)"
    shutil.copytree(REPOSITORY / "core", here / "core", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CATALOGUE, here / "catalogue")
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    environment = {**os.environ, "PYTHONPATH": str(here)}
    child = subprocess.run(
        [sys.executable, "-c", START, url, str(here / "catalogue")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stderr) == (0, "")


@pytest.mark.mysql
def test_a_url_with_percent_signs_in_its_password_is_understood(mariadb_server: MariaDb, mysql_url: str) -> None:
    mariadb_server.run("CREATE USER IF NOT EXISTS 'q'@'127.0.0.1' IDENTIFIED BY 'p%d@s/s'")
    mariadb_server.run("GRANT ALL ON *.* TO 'q'@'127.0.0.1'")
    database = ready_database(mysql_url.replace("root@", "q:p%25d%40s%2Fs@"), CATALOGUE)
    assert check(database)["places"] == 5
    database.dispose()


def test_a_start_on_a_ready_database_is_fast_and_loads_neither_alembic_nor_yaml(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    ready_database(url, CATALOGUE).dispose()
    code = (
        "import time; " + START + "; "
        "assert not {'alembic', 'yaml', 'filelock', 'pymysql'} & set(sys.modules); "
        "sys.stderr.write(str(time.process_time()))"
    )
    seconds = []
    for _ in range(3):
        child = start(url, code)
        assert child.wait(30) == 0
        assert child.stderr is not None
        seconds.append(float(child.stderr.read()))
    assert min(seconds) < 1.0
