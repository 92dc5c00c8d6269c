"""The boxes drawn by hand that come with the project, kept by photo hash: they are whole, and find their photos."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "data" / "labels" / "jeju.json"


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def test_every_photo_has_boxes_or_a_reason_why_not(drawn: dict[str, Any]) -> None:
    boxes = Counter(box["image_id"] for box in drawn["annotations"])

    assert len(drawn["images"]) == 35
    assert len(drawn["annotations"]) == 27
    assert all(bool(boxes[photo["id"]]) != ("nothing_here" in photo) for photo in drawn["images"])


def test_boxes_lie_on_their_photo_and_are_no_specks(drawn: dict[str, Any]) -> None:
    photos = {photo["id"]: photo for photo in drawn["images"]}
    for box in drawn["annotations"]:
        photo = photos[box["image_id"]]
        left, top, width, height = box["bbox"]
        assert min(left, top) >= -1e-3
        assert left + width <= photo["width"] + 1e-3 and top + height <= photo["height"] + 1e-3
        assert min(width, height) >= 8


def test_their_labels_are_those_of_the_catalogue(drawn: dict[str, Any]) -> None:
    known = {entry["slug"] for entry in yaml.safe_load((ROOT / "data" / "catalogue" / "labels.yaml").read_text())}

    assert {label["name"] for label in drawn["categories"]} == known


def test_they_are_of_the_real_photos(drawn: dict[str, Any], real_photos: Path) -> None:
    import hashlib

    places = ("osulloc", "manjanggul", "monsant-aewol", "jusangjeolli", "cheonjiyeon")
    files = (path for place in places for path in (real_photos / "jeju" / place).iterdir())

    assert {photo["file_name"] for photo in drawn["images"]} == {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
