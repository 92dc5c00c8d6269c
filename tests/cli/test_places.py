"""`places …`: edited field by field, out of the answers and back, and in and out as a file."""

import json
from pathlib import Path

import pytest

from core.cli import compose
from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlaceState, Position
from core.errors import Conflict, InvalidInput, NotFound, StorageUnavailable
from core.weights.manifest import ClassEntry
from tests.cli.conftest import call
from tests.support.scenes import scene_bytes
from tests.support.tiny_model import write_tiny_run


def place(slug: str) -> Place:
    return PlaceRepository(compose.database()).get(slug)


def listed(*options: str) -> dict[str, int]:
    return {row["slug"]: row["class_id"] for row in json.loads(call("places", "list", "--json", *options).stdout)}


@pytest.mark.usefixtures("data_dir")
def test_what_is_named_changes_and_the_rest_stays() -> None:
    before = place("osulloc")
    done = call("places", "edit", "osulloc", "--name-ko", "오설록", "--phone", "", "--status-state", "closed")
    after = place("osulloc")
    assert "3 field(s)" in done.stdout
    assert (after.name, after.phone, after.status.state) == (
        LocalText("오설록", before.name.en),
        "",
        PlaceState.CLOSED,
    )
    assert (after.description, after.position, after.class_id) == (before.description, before.position, 0)
    call("places", "edit", "osulloc", "--latitude", "-1.5", "--longitude", "2")
    assert place("osulloc").position == Position(-1.5, 2.0)
    edited = json.loads(call("places", "edit", "osulloc", "--latitude", "", "--longitude", "", "--json").stdout)
    assert (edited["latitude"], place("osulloc").position) == ("", None)


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--latitude", "north"), "place_file.value"),
        (("--latitude", ""), "place.half_position"),
        (("--status-as-of", "yesterday"), "place_file.value"),
        (("--name-ko", "", "--name-en", " "), "place.name"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_changes(options: tuple[str, ...], code: str) -> None:
    before = place("osulloc")
    with pytest.raises(InvalidInput) as refused:
        call("places", "edit", "osulloc", *options)
    assert (refused.value.code, place("osulloc")) == (code, before)
    with pytest.raises(NotFound):
        call("places", "edit", "nowhere", *options)


@pytest.mark.usefixtures("data_dir")
def test_a_place_is_retired_and_restored() -> None:
    call("places", "retire", "osulloc")
    assert "osulloc" not in listed() and listed("--retired")["osulloc"] == 0
    call("places", "restore", "osulloc")
    assert listed()["osulloc"] == 0


def test_a_place_is_removed_only_when_nothing_hangs_on_it(data_dir: Path, tmp_path: Path) -> None:
    for slug in ("empty", "used", "learned"):
        call("places", "add", "--slug", slug, "--name-en", slug, "--name-ko", slug)
    (tmp_path / "photo.jpg").write_bytes(scene_bytes("wall", 1, size=(160, 120)))
    call("photos", "import", tmp_path / "photo.jpg", "--place", "used")
    write_tiny_run(compose.settings().weights_dir, "older", classes=(ClassEntry(7, "learned"),))
    for slug in ("used", "learned"):
        with pytest.raises(Conflict, match=r"place\.in_use"):
            call("places", "remove", slug)
    call("places", "remove", "empty")
    assert "empty" not in listed("--retired")
    call("places", "add", "--slug", "next", "--name-en", "Next", "--name-ko", "다음")
    assert listed()["next"] == 8  # 5 was given to "empty" and is never given to another


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize("name", ["places.csv", "places.yaml"])
def test_an_export_is_imported_without_a_change(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    call("places", "retire", "osulloc")
    assert "5 place(s)" in call("places", "export", file).stdout
    assert "As they are: 5." in call("places", "import", file).stdout
    assert place("osulloc").retired


@pytest.mark.usefixtures("data_dir")
def test_an_import_adds_and_changes_all_of_it_or_names_each_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("slug,name_en\nha-long,Ha Long Bay\nosulloc,Tea\n", encoding="utf-8")
    assert "New places: 1. Changed: 1." in call("places", "import", file, "--dry-run").stdout
    assert "ha-long" not in listed()
    document = json.loads(call("places", "import", file, "--json").stdout)
    assert document == {"added": ["ha-long"], "changed": ["osulloc"], "unchanged": 0, "faults": []}
    assert (listed()["ha-long"], place("osulloc").name.en) == (5, "Tea")
    file.write_text("slug,name_en,class_id\nhue,Hue,\nsapa,Sapa,2\n\x1b[2J,x,\n", encoding="utf-8")
    for option in ((), ("--dry-run",)):
        with pytest.raises(InvalidInput, match=r"place_file\.faults"):
            call("places", "import", file, *option)
    assert "hue" not in listed()


@pytest.mark.usefixtures("data_dir")
def test_each_bad_line_stands_on_stderr_with_file_and_line(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from core.cli.application import app

    file = tmp_path / "mine.csv"
    file.write_text("slug,name_en,class_id\nhue,Hue,\nsapa,Sapa,2\n\x1b[2J,x,\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["places", "import", str(file)])
    lines = result.stderr.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["mine.csv:3", "mine.csv:4"]
    assert "class number 2 was given to another place" in lines[0]
    assert "\x1b" not in result.stderr


@pytest.mark.usefixtures("data_dir")
def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"place_file\.missing"):
        call("places", "import", tmp_path / "gone.csv")
    with pytest.raises(StorageUnavailable):
        call("places", "export", tmp_path / "no-such-folder" / "places.csv")
    with pytest.raises(InvalidInput, match=r"place_file\.format"):
        call("places", "export", tmp_path / "places.xlsx")
