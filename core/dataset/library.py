"""The library as one value: where photos' rows, history, files and thumbnails are kept.

Put together by the command line, the pages' resources and tests; handed to whatever brings photos in or takes them out.
"""

from dataclasses import dataclass

from core.dataset.store import PhotoStore
from core.dataset.thumbnails import ThumbnailStore
from core.db.photos import PhotoRepository
from core.db.review import ReviewRepository


@dataclass(frozen=True, slots=True)
class Library:
    """The four parts belong together: one database, one storage address."""

    photos: PhotoRepository
    review: ReviewRepository
    store: PhotoStore
    thumbnails: ThumbnailStore
