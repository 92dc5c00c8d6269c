"""From an upload to an answer that can be drawn any number of times; calls `core/identify` once per upload."""

from dataclasses import dataclass
from time import perf_counter

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.domain.answer import Identification
from core.errors import PhotoRefused
from core.identify import identify_photo
from pages.ui import resources, state
from pages.ui.state import Kept

AT_ONCE = 50  # photos that the page answers itself: at ten a second they take seconds, and more are a job
SHOWN_PX = 1400  # the longest side of the derivative: the widest column at two device pixels each
SHOWN_QUALITY = 85
DECODED_PX = 800  # the shorter side that the derivative wants from decoding
THUMBNAIL_PX = 168  # twice the width in the table; about 5 KB
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True, slots=True)
class AnsweredPhoto:
    """A photo and what was said of it.

    name: the file's name as the visitor's machine gave it: text from outside. key: of the upload.
    thumbnail: an upright JPEG without metadata. No larger pixels are kept, but of the photo shown (`picture_of`).
    """

    name: str
    thumbnail: bytes
    answer: Identification
    seconds: float
    key: str = ""


Outcome = AnsweredPhoto | PhotoRefused


def outcome_of(upload: UploadedFile) -> Outcome | None:
    """Return the answer kept for this upload, or why it was refused, or None when it was not asked about yet."""
    return state.kept(upload.file_id, Kept.OUTCOME)


def answer(upload: UploadedFile, shown: bool) -> Outcome:
    """Identify an upload and keep the outcome for this session; with `shown` its picture is made at once.

    Raises:
        ModelRefused: no model can answer.
        DatabaseUnavailable: the catalogue does not answer.
    """
    try:
        outcome: Outcome = _identify(upload, shown)
    except PhotoRefused as error:
        outcome = error
    state.keep(upload.file_id, Kept.OUTCOME, outcome)
    return outcome


def picture_of(upload: UploadedFile) -> bytes:
    """Return the upright JPEG derivative without metadata; it is made again unless it was shown last."""
    picture = state.kept_picture(upload.file_id)
    if picture is None:
        photo = read_photo(upload.getvalue(), need_px=DECODED_PX)
        picture = encode_derivative(photo, SHOWN_PX, SHOWN_QUALITY)
        state.keep_picture(upload.file_id, picture)
    return picture


def _identify(upload: UploadedFile, shown: bool) -> AnsweredPhoto:
    started = perf_counter()
    models = resources.model_shelf().current()
    photo = read_photo(upload.getvalue(), need_px=max(models.need_px, DECODED_PX if shown else THUMBNAIL_PX))
    identification = identify_photo(photo, models, resources.places())
    seconds = perf_counter() - started
    if shown:
        state.keep_picture(upload.file_id, encode_derivative(photo, SHOWN_PX, SHOWN_QUALITY))
    thumbnail = encode_derivative(photo, THUMBNAIL_PX, THUMBNAIL_QUALITY)
    return AnsweredPhoto(upload.name, thumbnail, identification, seconds, upload.file_id)
