"""What the classifier went by, over the photo: what speaks for a place stays bright and outlined, the rest is dimmed.

Brightness, saturation and a line of two colours say it, no hue: it reads the same for every kind of colour vision, over
photos of every colour. Computed when it is asked for, and kept with the upload.
"""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.classifier.activation import class_activation
from core.dataset.ingest import read_photo
from core.domain.answer import Identification
from core.domain.place import Place
from core.errors import ModelRefused
from core.weights.folder import open_run
from pages.ui import resources, state
from pages.ui.state import Kept

DIMMED = 0.5  # of the brightness that is left where nothing speaks for the place
OUTLINED = 0.5  # of the strongest heat
QUALITY = 85
LINE_PX = 5  # each of the two lines is half of it wide
Heat = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


def place_in_question(answer: Identification) -> Place | None:
    """Return the place that the answer names, or that it would most likely have been."""
    if answer.place is not None:
        return answer.place
    wanted = answer.reason_values.get("class_id")
    of_decision = [score.place for score in answer.scores if score.place.class_id == wanted]
    return next(iter([*of_decision, *(score.place for score in answer.scores)]), None)


def heat_for(upload: UploadedFile, place: Place) -> Heat | None:
    """Return (h, w) 0..1, what speaks for a place where; None where the classifier in service cannot say."""
    kept: dict[tuple[str, int], Heat | None] = state.kept(upload.file_id, Kept.WHY) or {}
    models = resources.model_shelf().current()
    key = (models.classifier.run_id, place.class_id)
    if key not in kept:
        photo = read_photo(upload.getvalue(), need_px=models.classifier.need_px)
        try:
            run = open_run(resources.settings().weights_dir, models.classifier.run_id)
            kept[key] = class_activation(run, photo, place.class_id).heat()
        except ModelRefused:  # it does not know the place, or is built so that it has no such map
            kept[key] = None
        state.keep(upload.file_id, Kept.WHY, kept)
    return kept[key]


def lit(picture: bytes, heat: Heat) -> bytes:
    """Return a picture with what is cold dimmed and what is hot outlined. heat: (h, w) 0..1, of the whole picture."""
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    smooth = Image.fromarray((np.clip(heat, 0, 1) * 255).astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
    warm = np.asarray(smooth, np.float32)[..., None] / 255
    pixels = np.asarray(image, np.float32)
    grey = pixels.mean(axis=2, keepdims=True) * DIMMED
    shown = grey + (pixels - grey) * np.minimum(warm / OUTLINED, 1)
    target = io.BytesIO()
    Image.fromarray(_outlined(shown.astype(np.uint8), smooth)).save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _outlined(pixels: Pixels, smooth: Image.Image) -> Pixels:
    """Draw a white line with a black one around it where the heat passes half of its highest."""
    inside = smooth.point(lambda value: 255 if value >= 255 * OUTLINED else 0)
    if not inside.getextrema()[1]:
        return pixels
    steps = [inside]
    for _ in range(2):
        steps.append(steps[-1].filter(ImageFilter.MaxFilter(LINE_PX)))
    shapes = [np.asarray(step, bool) for step in steps]
    drawn = pixels.copy()
    drawn[shapes[2] & ~shapes[1]] = 0
    drawn[shapes[1] & ~shapes[0]] = 255
    return drawn
