"""`photos gallery`, and what follows a decision about photos on the command line."""

import json
from pathlib import Path

import pytest

from core.cli import compose
from core.cli import gallery as gallery_command
from core.identify import gallery_keeper
from core.weights.release import write_default
from tests.cli.conftest import call, forget
from tests.support.batch_photos import colour_png
from tests.support.galleries import write_tiny_run_with_embeddings


@pytest.fixture
def photos(data_dir: Path, tmp_path: Path) -> Path:
    """Give a folder of three photos, a place to import them for, and a run with embeddings in service."""
    write_tiny_run_with_embeddings(tmp_path / "weights", "seeing")
    write_default(tmp_path / "weights", "seeing")
    forget()
    call("places", "add", "--slug", "new", "--name-en", "New", "--name-ko", "새 곳")
    folder = tmp_path / "three"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(colour_png(number, (90 + number, 70)))
    return folder


def missing() -> int:
    return compose.embedded_photos().embeddings.count_missing("seeing")


def shas() -> list[str]:
    return [record.sha256 for record in compose.library().photos.records("", 10)]


def known_from() -> int:
    forget()
    gallery = compose.model_shelf().current().gallery
    assert gallery is not None
    place = next(place for place in json.loads(call("places", "list", "--json").stdout) if place["slug"] == "new")
    return gallery.known_from(place["class_id"])


def test_photos_that_are_accepted_are_known_when_the_command_ends(photos: Path) -> None:
    call("photos", "import", photos, "--place", "new")
    assert missing() == 0 and known_from() == 0
    call("photos", "accept", *shas())
    assert missing() == 0 and known_from() == 3
    call("photos", "move", shas()[0], "--to", "unknown")
    assert known_from() == 2


def test_an_import_of_accepted_photos_is_followed_too(photos: Path) -> None:
    call("photos", "import", photos, "--place", "new", "--accept")
    assert missing() == 0 and known_from() == 3


def test_for_many_photos_the_command_says_what_to_do_and_that_does_it(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_command, "AT_ONCE", 2)
    result = call("photos", "import", photos, "--place", "new", "--accept")
    assert "python -m core photos gallery" in result.stderr and missing() == 3
    done = call("photos", "gallery", "--json")
    assert json.loads(done.stdout) == {"written": 3, "run_id": "seeing"} and missing() == 0
    assert gallery_keeper.AT_ONCE == 20


def test_a_decision_stands_when_the_model_cannot_be_read(photos: Path, tmp_path: Path) -> None:
    call("photos", "import", photos, "--place", "new")
    (tmp_path / "weights" / "seeing" / "model.onnx").write_bytes(b"broken")
    result = call("photos", "accept", *shas())
    assert "The gallery does not know the accepted photos yet" in result.stderr and missing() == 3


def test_a_run_without_embeddings_is_no_reason_to_speak(photos: Path, tmp_path: Path) -> None:
    write_default(tmp_path / "weights", "tiny")
    forget()
    result = call("photos", "import", photos, "--place", "new", "--accept")
    assert "allery" not in result.stderr
