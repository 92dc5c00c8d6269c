"""Values set photo by photo for many photos at once: looks, groups, splits. Called by `photos`."""

from collections.abc import Mapping

from sqlalchemy import case, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db.columns import require_key
from core.db.engine import rows_changed
from core.db.photo_rows import in_batches
from core.db.tables import HASH_LENGTH, PhotoRow
from core.domain.photo import Split
from core.errors import Conflict

AT_ONCE = 300  # three parameters a photo, and SQLite before 3.32 allows 999


def set_each(session: Session, column: InstrumentedAttribute[str], values: Mapping[str, str]) -> int:
    """Set a key column of each photo (a hash), and return how many photos there were.

    Raises:
        InvalidInput: a value that the column does not hold.
    """
    for value in set(values.values()):
        require_key(value, column.key, HASH_LENGTH)
    changed = 0
    for keys in in_batches(values, AT_ONCE):
        theirs = case({sha256: values[sha256] for sha256 in keys}, value=PhotoRow.sha256)
        statement = update(PhotoRow).where(PhotoRow.sha256.in_(keys)).values({column: theirs})
        changed += rows_changed(session.execute(statement.execution_options(synchronize_session=False)))
    return changed


def set_splits(session: Session, splits: Mapping[str, Split | None]) -> int:
    """Set the split of each photo (a hash), and return how many photos there were.

    Raises:
        Conflict: a photo would leave the test split.
    """
    wanted: dict[Split | None, list[str]] = {}
    for keys in in_batches(splits):
        query = select(PhotoRow.sha256, PhotoRow.split).where(PhotoRow.sha256.in_(keys)).order_by(PhotoRow.sha256)
        for sha256, standing in session.execute(query.with_for_update()):
            if standing == Split.TEST and splits[sha256] != Split.TEST:
                raise Conflict("split.test_fixed", sha256=sha256[:12])
            wanted.setdefault(splits[sha256], []).append(sha256)
    for split, sha256s in wanted.items():
        for keys in in_batches(sha256s):
            value = Split(split).value if split else None
            session.execute(update(PhotoRow).where(PhotoRow.sha256.in_(keys)).values(split=value))
    return sum(len(sha256s) for sha256s in wanted.values())
