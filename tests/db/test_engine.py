import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db.engine import Database, open_database
from core.db.places import PlaceRepository
from core.db.ready import check, ready_database, upgrade
from core.errors import DatabaseUnavailable, InvalidInput
from core.messages import describe
from tests.db.conftest import CATALOGUE
from tests.support.mariadb import MariaDb, private_server
from tests.support.places import make_place

DURABLE = "--innodb-flush-log-at-trx-commit=1"  # as a server of one's own has it; a kill then loses nothing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "db" / "eodi.sqlite3"


@pytest.fixture
def embedded(file: Path) -> Database:
    return ready_database(f"sqlite:///{file}", CATALOGUE)


@pytest.mark.parametrize(
    "url",
    [
        *("", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:/// "),
        *("postgresql://h/d", "mysql://h", "nonsense", "mysql+pymysql://h:x/d", "://"),
    ],
)
def test_an_address_that_is_not_understood_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_database(url)
    assert (refused.value.code, refused.value.values) == ("database.url", {})


def test_a_session_commits_on_success_and_rolls_back_on_error(database: Database) -> None:
    insert = text("INSERT INTO class_numbers (class_id, slug) VALUES (:class_id, 'x')")
    with database.session() as session:
        session.execute(insert, {"class_id": 1})
    with pytest.raises(KeyError), database.session() as session:
        session.execute(insert, {"class_id": 2})
        raise KeyError
    assert check(database)["class_numbers"] == 1


def test_an_error_about_a_statement_is_not_called_an_absent_database(database: Database) -> None:
    insert = text("INSERT INTO class_numbers (class_id, slug) VALUES (1, 'x')")
    with pytest.raises(IntegrityError), database.session() as session:
        session.execute(insert)
        session.execute(insert)


def test_many_threads_read_and_write_at_once_without_error(database: Database) -> None:
    errors: list[BaseException] = []
    places = PlaceRepository(database)

    def work(first: int) -> None:
        try:
            for number in range(first, first + 5):
                places.add(make_place(number, f"place-{number}"))
                assert places.get(f"place-{number}").class_id == number
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number * 10,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert check(database)["places"] == 60


def test_a_killed_server_is_unavailable_at_once_and_is_back_by_itself() -> None:
    with private_server(DURABLE) as server:
        database = ready_database(server.new_schema(), CATALOGUE)
        places = PlaceRepository(database)
        for _ in range(3):
            server.kill()
            began = time.monotonic()
            for call in (places.list, lambda: places.get("osulloc"), lambda: places.add(make_place(9, "new"))):
                with pytest.raises(DatabaseUnavailable):
                    call()
            assert time.monotonic() - began < 5
            server.start()
            assert len(places.list()) == 5
        places.add(make_place(9, "new"))
        server.kill()
        server.start()
        assert len(places.list()) == 6, "a restart between two calls is not noticed at all"
        database.dispose()


def test_a_server_that_dies_inside_a_session_is_unavailable_and_nothing_is_half_written() -> None:
    with private_server(DURABLE) as server:
        database = ready_database(server.new_schema(), CATALOGUE)
        with pytest.raises(DatabaseUnavailable), database.session() as session:
            session.execute(text("INSERT INTO class_numbers (class_id, slug) VALUES (7, 'x')"))
            server.kill()
            session.execute(text("INSERT INTO class_numbers (class_id, slug) VALUES (8, 'x')"))
        server.start()
        assert check(database)["class_numbers"] == 5
        database.dispose()


@pytest.mark.mysql
def test_a_server_that_accepts_and_never_answers_is_given_up(mariadb_server: MariaDb, mysql_url: str) -> None:
    database = open_database(mysql_url, read_timeout_s=1)
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable), database.reading() as session:
        session.execute(text("SELECT SLEEP(30)"))
    assert time.monotonic() - began < 5
    database.dispose()


def test_no_server_at_all_is_unavailable_and_its_password_is_not_told() -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        ready_database("mysql+pymysql://root:s3cret@127.0.0.1:9/eodi", CATALOGUE)
    told = "".join((str(refused.value), str(refused.value.__cause__), describe(refused.value, "en")))
    assert "s3cret" not in told


def test_a_vanished_folder_is_unavailable_and_never_becomes_an_empty_database(embedded: Database, file: Path) -> None:
    places = PlaceRepository(embedded)
    file.parent.rename(file.parent.with_name("away"))
    with pytest.raises(DatabaseUnavailable):
        places.list()
    assert not file.parent.exists()
    file.parent.with_name("away").rename(file.parent)
    assert len(places.list()) == 5


def test_a_deleted_file_is_unavailable_until_it_is_back(embedded: Database, file: Path) -> None:
    places = PlaceRepository(embedded)
    content = file.read_bytes()
    for left in file.parent.iterdir():
        left.unlink()
    with pytest.raises(DatabaseUnavailable):
        places.add(make_place(9, "new"))
    assert not file.exists()
    file.write_bytes(content)
    assert len(places.list()) == 5


def test_a_file_replaced_by_another_database_is_read_afresh(embedded: Database, file: Path, tmp_path: Path) -> None:
    places = PlaceRepository(embedded)
    assert len(places.list()) == 5
    other = open_database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    upgrade(other)
    PlaceRepository(other).add(make_place(0, "restored"))
    other.dispose()
    (tmp_path / "other.sqlite3").replace(file)
    assert [place.slug for place in places.list()] == ["restored"]


@pytest.mark.parametrize("content", [b"this is no database, it is a text that is long enough" * 100, b""])
def test_a_file_replaced_by_something_else_is_unavailable(embedded: Database, file: Path, content: bytes) -> None:
    original = file.read_bytes()
    places = PlaceRepository(embedded)
    (file.parent / "new").write_bytes(content)
    (file.parent / "new").replace(file)
    with pytest.raises(DatabaseUnavailable) as refused:
        places.list()
    assert (refused.value.code == "database.not_a_database") == bool(content)
    (file.parent / "new").write_bytes(original)
    (file.parent / "new").replace(file)
    assert len(places.list()) == 5


def test_a_locked_file_is_waited_for_then_unavailable_then_fine_again(file: Path) -> None:
    ready_database(f"sqlite:///{file}", CATALOGUE).dispose()
    places = PlaceRepository(open_database(f"sqlite:///{file}", wait_s=0.3))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert len(places.list()) == 5, "readers do not wait for a writer"
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        places.add(make_place(9, "new"))
    assert time.monotonic() - began >= 0.25
    other.execute("ROLLBACK")
    other.close()
    places.add(make_place(9, "new"))


@contextmanager
def plain_eyes() -> Iterator[None]:
    """Look as somebody whom permissions hold, also where the tests run as the superuser."""
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[None]:
    """Let `plain_eyes` reach the test's own folder, which the superuser keeps to itself."""
    base = Path(tempfile.gettempdir())
    own = [path for path in (tmp_path, *tmp_path.parents) if os.geteuid() == 0 and base in path.parents]
    modes = [(path, path.stat().st_mode & 0o7777) for path in own]
    for path, mode in modes:
        path.chmod(mode | 0o005)
    yield
    for path, mode in modes:
        path.chmod(mode)


def test_an_unreadable_folder_is_unavailable(embedded: Database, file: Path) -> None:
    file.parent.chmod(0)
    try:
        with plain_eyes(), pytest.raises(DatabaseUnavailable):
            PlaceRepository(embedded).list()
        with plain_eyes(), pytest.raises(DatabaseUnavailable):
            ready_database(f"sqlite:///{file}", CATALOGUE)
    finally:
        file.parent.chmod(0o700)
    assert len(PlaceRepository(embedded).list()) == 5


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)])
def test_a_read_only_folder_or_file_is_named_with_what_to_do(
    embedded: Database, file: Path, folder_mode: int, file_mode: int
) -> None:
    file.with_name(f"{file.name}.lock").unlink(missing_ok=True)
    file.chmod(file_mode)
    file.parent.chmod(folder_mode)
    try:
        with plain_eyes(), pytest.raises(DatabaseUnavailable) as refused:
            PlaceRepository(embedded).add(make_place(9, "new"))
    finally:
        file.parent.chmod(0o700)
        file.chmod(0o600)
    assert (refused.value.code, refused.value.values) == ("database.read_only", {"path": str(file)})
    PlaceRepository(embedded).add(make_place(9, "new"))


@pytest.mark.usefixtures("reachable")
def test_a_read_only_folder_for_a_new_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o555)
    with plain_eyes(), pytest.raises(DatabaseUnavailable, match=r"database\.read_only.*eodi\.sqlite3"):
        ready_database(f"sqlite:///{tmp_path / 'data' / 'eodi.sqlite3'}", CATALOGUE)


def test_a_damaged_page_is_called_damage_and_not_a_pause(embedded: Database, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(DatabaseUnavailable) as refused:
        PlaceRepository(embedded).list()
    assert (refused.value.code, refused.value.values) == ("database.not_a_database", {"path": str(file)})


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    with pytest.raises(DatabaseUnavailable):
        ready_database(f"sqlite:///{tmp_path / 'taken' / 'eodi.sqlite3'}", CATALOGUE)


def test_unavailability_is_one_plain_sentence_in_both_languages() -> None:
    for language in ("ko", "en"):
        sentence = describe(DatabaseUnavailable(), language)  # type: ignore[arg-type]
        assert "database.unavailable" not in sentence
        assert len(sentence) < 120
