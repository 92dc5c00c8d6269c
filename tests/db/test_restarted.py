import ast
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from core.db import engine
from core.db.engine import Database, open_database, restarted
from core.db.faults import Deadlock
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.tables import PlaceRow
from core.errors import DatabaseUnavailable
from tests.support.mariadb import MariaDb
from tests.support.places import make_place

REPOSITORIES = Path(engine.__file__).parent


@pytest.fixture
def two_places(mariadb_server: MariaDb) -> Iterator[Database]:
    database = open_database(mariadb_server.new_schema())
    upgrade(database)
    PlaceRepository(database).save_all([make_place(0, "cave"), make_place(1, "falls")])
    yield database
    database.dispose()


def write_both(database: Database, slugs: tuple[str, str], meet: threading.Barrier) -> int:
    """Change two rows, and be at the first when the other is at its first; return in which attempt it succeeded."""
    attempts = 0

    @restarted
    def write() -> None:
        nonlocal attempts
        attempts += 1
        with database.session() as session:
            for slug in slugs:
                session.execute(update(PlaceRow).where(PlaceRow.slug == slug).values(phone=PlaceRow.phone + "x"))
                if attempts == 1 and slug == slugs[0]:
                    meet.wait(10)

    write()
    return attempts


@pytest.mark.mysql
def test_two_that_wait_for_each_other_both_end_with_nothing_done_twice(two_places: Database) -> None:
    meet = threading.Barrier(2)
    orders = [("cave", "falls"), ("falls", "cave")]
    with ThreadPoolExecutor(2) as pool:
        attempts = list(pool.map(lambda slugs: write_both(two_places, slugs, meet), orders))
    assert sorted(attempts)[0] == 1
    assert sorted(attempts)[1] >= 2
    with two_places.reading() as session:
        assert [session.get_one(PlaceRow, slug).phone for slug in ("cave", "falls")] == ["xx", "xx"]


def test_a_transaction_that_is_always_given_up_fails_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LONGEST_WAIT_S", 0)
    attempts = []

    @restarted
    def hopeless() -> None:
        attempts.append(1)
        raise Deadlock

    with pytest.raises(DatabaseUnavailable):
        hopeless()
    assert len(attempts) == engine.ATTEMPTS


def test_no_other_error_is_met_with_another_attempt() -> None:
    attempts = []

    @restarted
    def away() -> None:
        attempts.append(1)
        raise DatabaseUnavailable

    with pytest.raises(DatabaseUnavailable):
        away()
    assert len(attempts) == 1


def writers(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each function that opens a writing session of a database, with whether it is restarted."""
    parents: dict[ast.AST, ast.AST] = {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "session":
            around: ast.AST = node
            while not isinstance(around, ast.FunctionDef):
                around = parents[around]
            names = {decorator.id for decorator in around.decorator_list if isinstance(decorator, ast.Name)}
            yield f"{path.stem}.{around.name}", "restarted" in names


def test_every_repository_begins_its_writes_anew() -> None:
    found = dict(pair for path in REPOSITORIES.glob("*.py") for pair in writers(path))
    assert len(found) > 40
    assert [name for name, is_restarted in found.items() if not is_restarted] == []
