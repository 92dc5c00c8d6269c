"""Boxes and what was decided about each photo: saved whole, never over what somebody else saved meanwhile.

A save names the revision that it started from; another save in between makes it a conflict, and both versions can be
shown. `label_work` says who gets which photo next, and how far the work is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.engine import restarted, rows_changed
from core.db.label_tables import BoxRow, LabelRow, PhotoLabelsRow
from core.db.label_work import LabelWork
from core.db.labels import add_label
from core.db.photo_query import in_place
from core.db.photo_rows import KEYS_AT_ONCE, SHA256
from core.db.tables import PhotoRow
from core.domain.label import Box, BoxOrigin, Label, LabelDecision, NothingReason, PhotoLabels
from core.errors import Conflict, InvalidInput, NotFound

BOX_ID = re.compile(r"[0-9a-f]{32}")
MOST_BOXES = 500  # on one photo; a crowd of parts, and still quick to draw
FARTHEST = 10.0  # an edge this many photo widths away is a mistake of the caller, not of a hand
PAGE = 2_000  # photos read at a time by `walk`
Same = Callable[[PhotoLabels, PhotoLabels], bool]


class BoxRepository(LabelWork):
    """Reads and writes boxes and decisions; thread-safe. Leases, progress and the next photo come with it."""

    def get(self, photo_sha256: str) -> PhotoLabels:
        """Return what is labelled on a photo; revision 0 and no boxes while nobody touched it.

        Raises:
            NotFound: no such photo.
        """
        found = self.get_many([photo_sha256])
        if photo_sha256 not in found:
            raise NotFound("photo.not_found", sha256=photo_sha256[:12])
        return found[photo_sha256]

    def get_many(self, sha256s: Sequence[str]) -> dict[str, PhotoLabels]:
        """Return what is labelled on each photo, in their order; those that are not in the library are missing."""
        keys = [sha256 for sha256 in dict.fromkeys(sha256s) if SHA256.fullmatch(sha256)]
        found: dict[str, PhotoLabels] = {}
        with self._database.reading() as session:
            for start in range(0, len(keys), KEYS_AT_ONCE):
                found.update(_read(session, keys[start : start + KEYS_AT_ONCE]))
        return found

    def save(self, photo_sha256: str, boxes: Sequence[Box], expected_revision: int, actor: str) -> PhotoLabels:
        """Put these boxes in the place of all that the photo has, and return what stands then.

        A photo that was decided about is open again. Saving the boxes that stand already, as a repeated request does,
        is no conflict and changes nothing.

        Raises:
            InvalidInput: "labels.box" or "labels.too_many".
            NotFound: no such photo or label.
            Conflict: "labels.stale"; somebody saved since `expected_revision`, and nothing was changed.
        """
        wanted = PhotoLabels(photo_sha256, expected_revision, tuple(boxes))
        return self._write([wanted], actor, same=_same_boxes)[0]

    def decide(
        self,
        photo_sha256: str,
        decision: LabelDecision,
        reason: NothingReason | None,
        expected_revision: int,
        actor: str,
    ) -> PhotoLabels:
        """Say that a photo is done, that nothing is on it, or that it is open again; its boxes stay.

        reason: for NOTHING_HERE, and only then. Whether the boxes are sound is the caller's to ask: `label_rules`.

        Raises:
            InvalidInput: "labels.reason"; "labels.nothing_with_boxes"; "labels.done_without_boxes".
            NotFound: no such photo.
            Conflict: "labels.stale"; somebody saved since `expected_revision`, and nothing was changed.
        """
        standing = self.get(photo_sha256)
        wanted = PhotoLabels(photo_sha256, expected_revision, standing.boxes, LabelDecision(decision), reason)
        if standing.revision != expected_revision and not _same(standing, wanted):
            raise Conflict("labels.stale", revision=standing.revision)
        return self._write([wanted], actor)[0]

    def save_many(
        self, labels: Sequence[PhotoLabels], actor: str, new_labels: Sequence[Label] = ()
    ) -> tuple[PhotoLabels, ...]:
        """Save boxes and decisions of many photos in one transaction, all or none, and return what stands then.

        new_labels: added in the same transaction; their numbers are below 0, and boxes may go by these.

        labels: each with the revision that it started from.

        Raises:
            InvalidInput, NotFound, Conflict: as `save` and `decide`.
        """
        return tuple(self._write(labels, actor, new_labels))

    def walk(self, place_slug: str | None = None) -> Iterator[PhotoLabels]:
        """Yield what is labelled on each photo of a place, or of all, that anybody touched; by hash."""
        last = ""
        query = select(PhotoLabelsRow.photo_sha256).order_by(PhotoLabelsRow.photo_sha256).limit(PAGE)
        if place_slug is not None:
            query = query.join(PhotoRow, PhotoRow.sha256 == PhotoLabelsRow.photo_sha256)
            query = query.where(in_place(place_slug))
        while True:
            with self._database.reading() as session:
                keys = session.scalars(query.where(PhotoLabelsRow.photo_sha256 > last)).all()
            yield from self.get_many(keys).values()
            if len(keys) < PAGE:
                return
            last = keys[-1]

    @restarted
    def _write(
        self, labels: Sequence[PhotoLabels], actor: str, new_labels: Sequence[Label] = (), same: Same | None = None
    ) -> list[PhotoLabels]:
        for wanted in labels:
            check_labels(wanted)
        try:
            with self._database.session() as session:
                numbers = {one.label_id: _added(session, one) for one in new_labels}
                labels = [_numbered(wanted, numbers) for wanted in labels] if numbers else labels
                _require_labels(session, {box.label_id for wanted in labels for box in wanted.boxes})
                return [_save(session, wanted, actor, same or _same) for wanted in labels]
        except IntegrityError as reason:  # another process was faster with the first save of a photo
            raise Conflict("labels.stale", revision=1) from reason


def check_labels(labels: PhotoLabels) -> None:
    """Make sure that boxes and decision can be stored together.

    Raises:
        InvalidInput: "labels.box", "labels.too_many", "labels.reason", "labels.nothing_with_boxes" or
            "labels.done_without_boxes".
    """
    if len(labels.boxes) > MOST_BOXES:
        raise InvalidInput("labels.too_many", boxes=len(labels.boxes), limit=MOST_BOXES)
    if len({box.box_id for box in labels.boxes}) < len(labels.boxes):
        raise InvalidInput("labels.box")
    for box in labels.boxes:
        left, top, right, bottom = box.xyxyn
        placed = all(isfinite(edge) and abs(edge) <= FARTHEST for edge in box.xyxyn)
        if not placed or left > right or top > bottom or not BOX_ID.fullmatch(box.box_id):
            raise InvalidInput("labels.box")
    if (labels.decision is LabelDecision.NOTHING_HERE) != (labels.reason is not None):
        raise InvalidInput("labels.reason")
    if labels.decision is LabelDecision.NOTHING_HERE and labels.boxes:
        raise InvalidInput("labels.nothing_with_boxes", boxes=len(labels.boxes))
    if labels.decision is LabelDecision.DONE and not labels.boxes:
        raise InvalidInput("labels.done_without_boxes")


def _added(session: Session, label: Label) -> int:
    return add_label(session, label.place_slug, label.slug, label.name, label.colour).label_id


def _numbered(labels: PhotoLabels, numbers: Mapping[int, int]) -> PhotoLabels:
    """Put the numbers that were given in the place of those that stood for them."""
    boxes = (replace(box, label_id=numbers.get(box.label_id, box.label_id)) for box in labels.boxes)
    return replace(labels, boxes=tuple(boxes))


def _require_labels(session: Session, label_ids: set[int]) -> None:
    known = (
        set(session.scalars(select(LabelRow.label_id).where(LabelRow.label_id.in_(label_ids)))) if label_ids else set()
    )
    if label_ids - known:
        raise NotFound("label.not_found", label_id=min(label_ids - known))


def _save(session: Session, wanted: PhotoLabels, actor: str, same: Same) -> PhotoLabels:
    """Count the revision up, if it is still the expected one, and only then touch the boxes."""
    sha256, now = wanted.photo_sha256, datetime.now(UTC)
    values = {
        "revision": wanted.revision + 1,
        "decision": LabelDecision(wanted.decision).value,
        "reason": wanted.reason.value if wanted.reason else None,
        "actor": actor,
        "changed_at": now,
    }
    standing = _read(session, [sha256]).get(sha256) if SHA256.fullmatch(sha256) else None
    if standing is None:
        raise NotFound("photo.not_found", sha256=sha256[:12])
    if same(standing, wanted):
        return standing
    if standing.revision == 0 == wanted.revision:
        session.execute(insert(PhotoLabelsRow).values(photo_sha256=sha256, **values))
    else:
        expected = PhotoLabelsRow.photo_sha256 == sha256, PhotoLabelsRow.revision == wanted.revision
        counted = update(PhotoLabelsRow).where(*expected).values(**values)
        if not rows_changed(session.execute(counted.execution_options(synchronize_session=False))):
            raise Conflict("labels.stale", revision=standing.revision)
    _replace_boxes(session, wanted, actor, now)
    return PhotoLabels(sha256, wanted.revision + 1, wanted.boxes, wanted.decision, wanted.reason, actor, now)


def _same(standing: PhotoLabels, wanted: PhotoLabels) -> bool:
    """Whether all that is wanted stands already."""
    return standing.revision > 0 and (standing.boxes, standing.decision, standing.reason) == (
        wanted.boxes,
        wanted.decision,
        wanted.reason,
    )


def _same_boxes(standing: PhotoLabels, wanted: PhotoLabels) -> bool:
    """Whether these boxes stand already, whatever was decided about the photo."""
    return standing.boxes == wanted.boxes


def _replace_boxes(session: Session, wanted: PhotoLabels, actor: str, now: datetime) -> None:
    of_photo = BoxRow.photo_sha256 == wanted.photo_sha256
    standing = session.execute(select(BoxRow.box_id, BoxRow.drawn_at, BoxRow.drawn_by).where(of_photo))
    drawn = {box_id: (drawn_at, drawn_by) for box_id, drawn_at, drawn_by in standing}
    session.execute(delete(BoxRow).where(of_photo).execution_options(synchronize_session=False))
    rows = []
    for position, box in enumerate(wanted.boxes):
        drawn_at, drawn_by = drawn.get(box.box_id, (now, actor))
        left, top, right, bottom = box.xyxyn
        rows.append(
            {
                **{"photo_sha256": wanted.photo_sha256, "box_id": box.box_id, "label_id": box.label_id},
                **{"position": position, "origin": BoxOrigin(box.origin).value},
                **{"left": left, "top": top, "right": right, "bottom": bottom},
                **{"drawn_at": drawn_at, "drawn_by": drawn_by},
            }
        )
    if rows:
        session.execute(insert(BoxRow), rows)


def _read(session: Session, keys: Sequence[str]) -> dict[str, PhotoLabels]:
    """Return the labels of photos that are in the library, in the order of `keys`."""
    here = set(session.scalars(select(PhotoRow.sha256).where(PhotoRow.sha256.in_(keys))))
    touched = {
        row.photo_sha256: row
        for row in session.scalars(select(PhotoLabelsRow).where(PhotoLabelsRow.photo_sha256.in_(keys)))
    }
    boxes: dict[str, list[Box]] = {}
    drawn = select(BoxRow).where(BoxRow.photo_sha256.in_(touched)).order_by(BoxRow.photo_sha256, BoxRow.position)
    for row in session.scalars(drawn) if touched else ():
        edges = (row.left, row.top, row.right, row.bottom)
        boxes.setdefault(row.photo_sha256, []).append(Box(row.box_id, row.label_id, edges, BoxOrigin(row.origin)))
    return {key: _labels(key, touched.get(key), boxes.get(key, [])) for key in keys if key in here}


def _labels(sha256: str, row: PhotoLabelsRow | None, boxes: list[Box]) -> PhotoLabels:
    if row is None:
        return PhotoLabels(sha256, 0, ())
    return PhotoLabels(
        sha256,
        row.revision,
        tuple(boxes),
        LabelDecision(row.decision),
        NothingReason(row.reason) if row.reason else None,
        row.actor,
        row.changed_at,
    )
