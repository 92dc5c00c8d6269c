"""From an upload to an answered photo that can be drawn any number of times; calls `core/identify` once per upload."""

from dataclasses import dataclass
from time import perf_counter

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.domain.answer import Identification
from core.identify import identify_photo
from pages.ui import resources, state

SHOWN_PX = 1400  # the longest side of the derivative: the widest column at two device pixels each
SHOWN_QUALITY = 85
DECODED_PX = 800  # the shorter side that the derivative wants from decoding


@dataclass(frozen=True, slots=True)
class AnsweredPhoto:
    """A photo and what was said of it.

    name: the file's name as the visitor's machine gave it: text from outside.
    picture: an upright JPEG derivative without metadata; the original bytes are not kept.
    """

    name: str
    picture: bytes
    answer: Identification
    seconds: float


def answered(upload: UploadedFile) -> AnsweredPhoto | None:
    """Return the answer kept for this upload, or None when it was not asked about yet."""
    return state.answer_of(upload.file_id)


def answer(upload: UploadedFile) -> AnsweredPhoto:
    """Identify an upload and keep the answer for this session.

    Raises:
        PhotoRefused: the file is no photo that is taken in.
        ModelRefused: no model can answer.
        DatabaseUnavailable: the catalogue does not answer.
    """
    started = perf_counter()
    models = resources.model_shelf().current()
    photo = read_photo(upload.getvalue(), need_px=max(models.need_px, DECODED_PX))
    identification = identify_photo(photo, models, resources.places())
    seconds = perf_counter() - started
    picture = encode_derivative(photo, SHOWN_PX, SHOWN_QUALITY)
    kept = AnsweredPhoto(upload.name, picture, identification, seconds)
    state.keep_answer(upload.file_id, kept)
    return kept
