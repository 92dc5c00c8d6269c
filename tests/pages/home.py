"""A home for the app under test: its own data folder, and a real tiny model in service.

The model goes by mean colour: red is 오설록, green 만장굴, grey none of these (see `tests/support/tiny_model.py`).
"""

import io
from pathlib import Path

from PIL import Image

from core.weights.release import write_default
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import COLOURS, GREY, write_tiny_run

RED, GREEN, *_ = COLOURS
__all__ = ["GREEN", "GREY", "RED", "coloured_jpeg", "make_home", "position_exif"]
ROOT = Path(__file__).parent.parent.parent


def make_home(folder: Path, detector: bool = False) -> dict[str, str]:
    """Make the folders, and return the environment that leads the app there; perhaps with a tiny detector too."""
    weights = folder / "weights"
    weights.mkdir(parents=True)
    write_tiny_run(weights)
    write_default(weights, "tiny", write_tiny_detector(weights).manifest.run_id if detector else "")
    return {"EODI_DATA_DIR": str(folder / "data"), "EODI_WEIGHTS_DIR": str(weights)}


def coloured_jpeg(rgb: tuple[int, int, int], size: tuple[int, int] = (640, 480), exif: bytes = b"") -> bytes:
    """Return a photo of one colour as the bytes of a JPEG file."""
    content = io.BytesIO()
    Image.new("RGB", size, rgb).save(content, "JPEG", exif=exif)
    return content.getvalue()


def position_exif(latitude: float, longitude: float) -> bytes:
    """Return EXIF that says a photo was taken there, north of the equator and east of Greenwich."""
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: _degrees(latitude), 3: "E", 4: _degrees(longitude)})
    return exif.tobytes()


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value - int(value)) * 60
    return float(int(value)), float(int(minutes)), (minutes - int(minutes)) * 60
