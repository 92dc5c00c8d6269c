"""Releases: which classifier, detector, gallery and fusion tree answer together, and which release is in service.

Promotion and rollback switch one row. Without a release in service the committed `weights/default.json` counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import tables
from core.db.engine import Database, restarted
from core.errors import Conflict, InvalidInput

ROLES = frozenset({"classifier", "detector", "gallery", "fusion"})
SHA256 = re.compile(r"[0-9a-f]{64}")
SERVICE_ID = 1


class ReleaseMember(TypedDict):
    """A run, and the hash of what it serves."""

    run_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release. members: by role, of `ROLES`."""

    release_id: int
    members: dict[str, ReleaseMember]
    created_at: datetime
    note: str


class ReleaseRepository:
    """Reads releases and switches between them; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_service(self) -> ReleaseRow | None:
        """Return the release that answers; None when the committed default does."""
        with self._database.reading() as session:
            query = select(tables.ReleaseRow).join(
                tables.ServiceRow, tables.ServiceRow.release_id == tables.ReleaseRow.release_id
            )
            row = session.scalars(query).one_or_none()
            return None if row is None else _release(row)

    @restarted
    def promote(self, members: Mapping[str, ReleaseMember], note: str = "") -> ReleaseRow:
        """Write a release and put it in service, both or neither.

        Raises:
            InvalidInput: a role, run or hash that is none.
        """
        _check_members(members)
        with self._database.session() as session:
            service = _locked_service(session)
            row = tables.ReleaseRow(members={role: dict(member) for role, member in members.items()}, note=note)
            row.previous_id, row.created_at = service.release_id, datetime.now(UTC)
            session.add(row)
            session.flush()
            service.release_id = row.release_id
            return _release(row)

    def previous(self, release_id: int) -> ReleaseRow | None:
        """Return what was in service when a release was promoted; None is the committed default."""
        with self._database.reading() as session:
            row = _previous(session, session.get_one(tables.ReleaseRow, release_id))
            return None if row is None else _release(row)

    @restarted
    def rollback(self, expected_current: int) -> ReleaseRow | None:
        """Put back what was in service before the release that is, and return it; None is the committed default.

        expected_current: the release that the caller saw in service.

        Raises:
            Conflict: code "release.switched_meanwhile"; another is in service by now, and stays.
        """
        with self._database.session() as session:
            service = _locked_service(session)
            if service.release_id != expected_current:
                raise Conflict("release.switched_meanwhile")
            row = _previous(session, session.get_one(tables.ReleaseRow, expected_current))
            service.release_id = None if row is None else row.release_id
            return None if row is None else _release(row)

    def history(self) -> tuple[ReleaseRow, ...]:
        """Return all releases, newest first, also those that were rolled back."""
        with self._database.reading() as session:
            rows = session.scalars(select(tables.ReleaseRow).order_by(tables.ReleaseRow.release_id.desc()))
            return tuple(_release(row) for row in rows)


def _locked_service(session: Session) -> tables.ServiceRow:
    """Return the one row, held against others who would switch it meanwhile."""
    return session.get_one(tables.ServiceRow, SERVICE_ID, with_for_update=True)


def _previous(session: Session, row: tables.ReleaseRow) -> tables.ReleaseRow | None:
    return None if row.previous_id is None else session.get_one(tables.ReleaseRow, row.previous_id)


def _check_members(members: Mapping[str, ReleaseMember]) -> None:
    if not members or not set(members) <= ROLES:
        raise InvalidInput("release.roles", roles=", ".join(sorted(ROLES)))
    for role, member in members.items():
        if set(member) != {"run_id", "sha256"} or not member["run_id"] or not SHA256.fullmatch(member["sha256"]):
            raise InvalidInput("release.member", role=role)


def _release(row: tables.ReleaseRow) -> ReleaseRow:
    return ReleaseRow(row.release_id, cast("dict[str, ReleaseMember]", row.members), row.created_at, row.note)
