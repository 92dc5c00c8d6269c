"""`photos …` on what is in the library: looking, deciding, taking back, out and away."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.cli import compose
from core.dataset.sniff import EXTENSIONS
from core.domain.photo import PhotoStatus
from core.errors import Conflict, InvalidInput, NotFound
from tests.cli.conftest import call
from tests.support.scenes import draw_scene, scene_bytes

SIZE = (160, 120)


@pytest.fixture
def library(data_dir: Path, tmp_path: Path) -> Path:
    """Five photos: two falls, two caves, one of them a falls photo encoded anew, and a wall of no known place."""
    root = tmp_path / "album"
    for folder in ("cheonjiyeon", "manjanggul", "unknown"):
        (root / folder).mkdir(parents=True)
    for seed in (1, 2):
        (root / "cheonjiyeon" / f"{seed}.jpg").write_bytes(scene_bytes("falls", seed, size=SIZE))
    (root / "manjanggul" / "1.jpg").write_bytes(scene_bytes("cave", 1, size=SIZE))
    draw_scene("falls", 1, SIZE).save(root / "manjanggul" / "same.jpg", quality=60)
    (root / "unknown" / "1.jpg").write_bytes(scene_bytes("wall", 1, size=SIZE))
    call("photos", "import", root, "--licence", "CC0-1.0")
    return root


def rows(*options: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(call("photos", "list", *options, "--json").stdout)
    return listed


def hashes(*options: str) -> list[str]:
    return [row["sha256"] for row in rows(*options)]


def files(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "library").rglob("*") if path.is_file()]


def test_photos_are_listed_by_what_is_known_about_them(library: Path) -> None:
    assert len(rows()) == 5
    assert {row["place_slug"] for row in rows("--place", "manjanggul")} == {"manjanggul"}
    assert [row["original_name"] for row in rows("--place", "unknown")] == ["1.jpg"]
    assert len(rows("--source", "album", "--licence", "CC0-1.0", "--status", "new")) == 5
    assert len(rows("--concern", "near_duplicates")) == 2
    assert len(rows("--concern", "too_small")) == 5
    assert rows("--source", "other") == rows("--split", "test") == rows("--status", "accepted") == []
    assert hashes("--limit", "2", "--offset", "1") == hashes()[1:3]
    table = call("photos", "list", "--order", "oldest", "--limit", "3")
    assert "3 of 5 photo(s)." in table.stderr and "1.jpg" in table.stdout


def test_the_most_doubtful_come_first_once_the_model_has_looked(library: Path) -> None:
    assert json.loads(call("photos", "opinions", "--json").stdout) == {"written": 5, "run_id": "tiny"}
    doubts = [json.loads(call("photos", "show", sha256).stdout)["opinion"] for sha256 in hashes("--order", "doubtful")]
    assert [doubt["doubt"] for doubt in doubts] == sorted((doubt["doubt"] for doubt in doubts), reverse=True)
    assert {doubt["run_id"] for doubt in doubts} == {"tiny"}


def test_one_photo_is_shown_with_its_history_and_look_alikes(library: Path) -> None:
    first, second = hashes("--concern", "near_duplicates")
    shown = json.loads(call("photos", "show", first[:6]).stdout)
    assert (shown["sha256"], shown["look_alikes"], shown["opinion"]) == (first, [second], None)
    assert [event["action"] for event in shown["history"]] == ["imported"]


def test_a_photo_is_named_by_six_digits_or_more_as_far_as_they_are_unique(library: Path) -> None:
    for name in ("abcde", "not-hex", "../../etc", ""):
        with pytest.raises(InvalidInput, match=r"photo\.name"):
            call("photos", "show", name)
    with pytest.raises(NotFound, match=r"photo\.not_found"):
        call("photos", "show", "0" * 12)
    with pytest.raises(NotFound, match=r"photo\.not_found"):
        call("photos", "show", "0" * 64)


def test_a_beginning_that_two_photos_share_is_refused(library: Path) -> None:
    photos = compose.library().photos
    record = photos.list()[0]
    for end in ("0", "1"):
        twin = {"sha256": record.sha256[:8] + end * 56, "perceptual_hash": record.perceptual_hash}
        photos.add(type(record)(**{name: getattr(record, name) for name in record.__slots__} | twin))
    with pytest.raises(InvalidInput, match=r"photo\.ambiguous"):
        call("photos", "accept", record.sha256[:8])
    assert call("photos", "accept", record.sha256[:8] + "00").exit_code == 0


def test_decisions_are_made_and_taken_back(library: Path) -> None:
    photos, names = compose.library().photos, hashes()
    done = json.loads(call("photos", "accept", names[0][:8], names[1], names[0], "--json").stdout)
    assert done["changed"] == 2
    assert {photos.get(name).status for name in names[:2]} == {PhotoStatus.ACCEPTED}
    refused = call("photos", "reject", names[0], "--reason", "people", "--note", "a crowd")
    assert photos.get(names[0]).reject_reason == "people"
    assert "Photos changed: 1." in refused.stdout
    with pytest.raises(Conflict, match=r"review\.changed_since"):
        call("photos", "undo", done["batch_id"])
    call("photos", "undo", refused.stderr.split()[-1])
    call("photos", "undo", done["batch_id"])
    assert photos.count(status=PhotoStatus.NEW) == 5
    assert call("photos", "reject", names[0], "--reason", "ugly").exit_code == 2


@pytest.mark.parametrize(("to", "place"), [("osulloc", "osulloc"), ("unknown", "unknown"), ("unsorted", None)])
def test_photos_are_moved(to: str, place: str | None, library: Path) -> None:
    name = hashes("--place", "cheonjiyeon")[0]
    call("photos", "move", name, "--to", to)
    assert compose.library().photos.get(name).place_slug == place
    with pytest.raises(NotFound, match=r"place\.not_found"):
        call("photos", "move", name, "--to", "nowhere")


def test_the_same_look_under_two_places_comes_first(library: Path) -> None:
    for end in ("a", "b"):
        draw_scene("cave", 1, SIZE).save(library / "manjanggul" / f"{end}.jpg", quality=50 if end == "a" else 55)
    call("photos", "import", library)
    looks = json.loads(call("photos", "duplicates", "--json").stdout)
    assert [look["places"] for look in looks] == [["cheonjiyeon", "manjanggul"], ["manjanggul"]]
    assert [len(look["photos"]) for look in looks] == [2, 3]
    assert "share: 2. Filed under more than one place: 1." in call("photos", "duplicates").stderr


def test_deleting_leaves_no_trace_and_asks_first(library: Path, data_dir: Path) -> None:
    name = hashes()[0]
    for arguments in ((), (name, "--source", "album")):
        with pytest.raises(InvalidInput, match=r"photo\.delete_what"):
            call("photos", "delete", *arguments, "--yes")
    with pytest.raises(InvalidInput) as unsure:
        call("photos", "delete", "--source", "album")
    assert (unsure.value.code, unsure.value.values) == ("photo.delete_unsure", {"count": 5})
    assert len(rows()) == 5
    assert json.loads(call("photos", "delete", name[:8], "--yes", "--json").stdout) == {"deleted": 1}
    assert not [path for path in files(data_dir) if name in path.name]
    assert "4 photo(s) were deleted" in call("photos", "delete", "--source", "album", "--yes").stdout
    assert rows() == files(data_dir) == []


def test_accepted_photos_of_free_licences_leave_with_their_provenance(library: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    assert json.loads(call("photos", "export", target, "--json").stdout)["exported"] == 0
    call("photos", "accept", *hashes("--place", "cheonjiyeon"))
    assert "Exported: 2." in call("photos", "export", target).stdout
    with zipfile.ZipFile(target) as archive:
        table = list(csv.DictReader(io.StringIO(archive.read("provenance.csv").decode("utf-8-sig"))))
        assert {row["file"] for row in table} == {name for name in archive.namelist() if name != "provenance.csv"}
    assert [(row["source"], row["licence"]) for row in table] == [("album", "CC0-1.0")] * 2
    (library / "osulloc").mkdir()
    (library / "osulloc" / "1.jpg").write_bytes(scene_bytes("tea_field", 1, size=SIZE))
    call("photos", "import", library / "osulloc", "--place", "osulloc", "--accept")
    counts = json.loads(call("photos", "export", target, "--place", "osulloc", "--json").stdout)
    assert (counts["exported"], counts["no_licence"]) == (0, 1)
    call("photos", "export", target, "--place", "osulloc", "--all-licences", "--originals")
    with zipfile.ZipFile(target) as archive:
        kept = [archive.read(name) for name in archive.namelist() if name.startswith("osulloc/")]
    assert kept == [(library / "osulloc" / "1.jpg").read_bytes()]


def test_verify_names_what_does_not_fit_and_repairs_only_leftovers(library: Path, data_dir: Path) -> None:
    assert "5 photo(s) checked: all is as it should be." in call("photos", "verify").stdout
    record = compose.library().photos.list()[0]
    extension = EXTENSIONS[record.format]
    path = data_dir / "library" / record.sha256[:2] / f"{record.sha256}.{extension}"
    path.write_bytes(b"damaged")
    result = call("photos", "verify", "--repair")
    assert (result.exit_code, path.exists()) == (1, True)
    assert f"{record.sha256}.{extension}" in result.stdout
    document = json.loads(call("photos", "verify", "--json").stdout)
    assert (document["is_clean"], len(document["broken_files"])) == (False, 1)
