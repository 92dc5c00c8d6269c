"""`photos import`: says what it would do, does it once, names what it did not take in; as a job it does the same."""

import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from core.cli import compose
from core.cli.jobs import repository
from core.db.opinions import OpinionRepository
from core.db.places import PlaceRepository
from core.domain.job import Job, JobState
from core.domain.photo import PhotoStatus
from core.errors import InvalidInput, NotFound
from core.jobs.runner import ProcessRunner
from core.jobs.start import submit
from tests.cli.conftest import call
from tests.support.scenes import scene_bytes

SIZE = (160, 120)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder per class: three photos of falls, two of a new place, one of nowhere, one beside them."""
    root = tmp_path / "사진들"
    names = {"cheonjiyeon": ("falls", 3), "Ha Long_bay": ("sky", 2), "unknown": ("wall", 1)}
    for folder, (kind, count) in names.items():
        (root / folder).mkdir(parents=True)
        for seed in range(count):
            (root / folder / f"{seed}.jpg").write_bytes(scene_bytes(kind, seed, size=SIZE))
    (root / "street.jpg").write_bytes(scene_bytes("street", 1, size=SIZE))
    return root


def zipped(root: Path) -> Path:
    target = root.parent / "photos.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(root.rglob("*.jpg")):
            archive.write(path, path.relative_to(root))
    return target


def counts() -> dict[str | None, int]:
    photos = compose.library().photos
    return {slug: photos.count(slug) for slug in ("cheonjiyeon", "ha-long-bay", "unknown", "unsorted") if slug}


def wait_end(job_id: str) -> Job:
    until = time.monotonic() + 60
    while not (job := repository().get(job_id)).state.ended:
        assert time.monotonic() < until, (compose.settings().jobs_dir / job.log_file).read_text()
        time.sleep(0.05)
    return job


def test_a_dry_run_shows_the_plan_and_does_nothing(data_dir: Path, folders: Path) -> None:
    result = call("photos", "import", folders, "--dry-run")
    assert result.exit_code == 0
    assert "ha-long-bay" in result.stdout and "to be added" in result.stdout
    assert "1 photo(s) in no folder stay unsorted" in result.stdout
    document = json.loads(call("photos", "import", zipped(folders), "--dry-run", "--json").stdout)
    assert (document["photos"], document["dry_run"]) == (7, True)
    planned = {entry["folder"]: (entry["place"], entry["new"], entry["photos"]) for entry in document["folders"]}
    assert planned == {
        "Ha Long_bay": ("ha-long-bay", True, 2),
        "cheonjiyeon": ("cheonjiyeon", False, 3),
        "unknown": ("unknown", False, 1),
    }
    assert compose.library().photos.count() == 0
    assert len(PlaceRepository(compose.database()).list()) == 5


def test_folders_of_no_place_are_named_before_anything_is_brought_in(data_dir: Path, folders: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        call("photos", "import", folders)
    assert (refused.value.code, refused.value.values["folders"]) == ("import.new_places", "Ha Long_bay → ha-long-bay")
    assert compose.library().photos.count() == 0


@pytest.mark.parametrize("from_zip", [False, True])
def test_everything_comes_in_once_filed_as_planned(from_zip: bool, data_dir: Path, folders: Path) -> None:
    source = zipped(folders) if from_zip else folders
    options = ("--create-places", "--accept", "--source", "album", "--author", "김", "--licence", "CC-BY-4.0")
    document = json.loads(call("photos", "import", source, *options, "--json").stdout)
    assert (document["stored"], document["known"], document["refused"]) == (7, 0, [])
    assert counts() == {"cheonjiyeon": 3, "ha-long-bay": 2, "unknown": 1, "unsorted": 1}
    place = PlaceRepository(compose.database()).get("ha-long-bay")
    assert (place.class_id, place.name.en, place.name.ko) == (5, "Ha Long bay", "")
    record = compose.library().photos.list("ha-long-bay")[0]
    provenance = (record.source, record.author, record.licence, record.status, record.position)
    assert provenance == ("album", "김", "CC-BY-4.0", PhotoStatus.ACCEPTED, None)
    again = json.loads(call("photos", "import", source, *options, "--json").stdout)
    assert (again["stored"], again["known"]) == (0, 7)
    assert not list(data_dir.glob(".import-*"))
    assert call("photos", "verify").exit_code == 0


def test_one_place_for_everything_and_the_folder_s_name_as_its_source(data_dir: Path, folders: Path) -> None:
    result = call("photos", "import", folders, "--place", "cheonjiyeon")
    assert "New: 7. Known before: 0. Not taken in: 0." in result.stdout
    assert "photos opinions" in result.stderr
    record = compose.library().photos.list("cheonjiyeon")[0]
    assert (record.source, record.status) == ("사진들", PhotoStatus.NEW)
    assert call("photos", "import", folders, "--place", "unsorted").exit_code == 0
    with pytest.raises(NotFound, match=r"place\.not_found"):
        call("photos", "import", folders, "--place", "nowhere")


def test_a_person_s_choice_goes_before_the_guess(data_dir: Path, folders: Path) -> None:
    call("photos", "import", folders, "--match", "Ha Long_bay=osulloc", "--match", "cheonjiyeon=unsorted")
    photos = compose.library().photos
    assert [photos.count(slug) for slug in ("osulloc", "cheonjiyeon", "unsorted")] == [2, 0, 4]
    for match, code in (("nothing=osulloc", "import.no_folder"), ("osulloc", "import.match")):
        with pytest.raises(InvalidInput) as refused:
            call("photos", "import", folders, "--match", match)
        assert refused.value.code == code


def test_what_is_no_photo_is_named_without_its_escape_sequences(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bad\x1b[2J.jpg").write_bytes(b"%PDF-1.4")
    result = call("photos", "import", folder, "--place", "osulloc")
    assert result.exit_code == 1
    assert "bad[2J.jpg: " in result.stderr and "\x1b" not in result.stderr
    (folder / "good.jpg").write_bytes(scene_bytes("wall", 1, size=SIZE))
    done = call("photos", "import", folder, "--place", "osulloc", "--json")
    assert done.exit_code == 0
    refused = json.loads(done.stdout)["refused"]
    assert [(entry["code"], bool(entry["message"])) for entry in refused] == [("photo.not_a_photo", True)]


def test_a_photo_that_is_filed_elsewhere_is_named_and_not_moved(data_dir: Path, folders: Path) -> None:
    call("photos", "import", folders / "cheonjiyeon", "--place", "cheonjiyeon")
    result = call("photos", "import", folders / "cheonjiyeon", "--place", "osulloc")
    assert result.stderr.count("filed under “cheonjiyeon”") == 3
    assert compose.library().photos.count("cheonjiyeon") == 3


def test_opinions_come_with_it_when_asked_for(data_dir: Path, folders: Path) -> None:
    call("photos", "import", folders / "unknown", "--place", "unknown", "--opinions")
    assert OpinionRepository(compose.database()).count_missing("tiny") == 0


def test_as_a_job_it_does_the_same_and_a_job_for_opinions_follows(data_dir: Path, folders: Path) -> None:
    compose.database()
    runner = ProcessRunner(repository(), compose.settings().jobs_dir, {**os.environ, "PYTHONWARNINGS": "ignore"})
    arguments = (str(folders), "--create-places", "--actor", "curator@example.org")
    job = wait_end(submit(repository(), runner, "import", arguments).job_id)
    log = (compose.settings().jobs_dir / job.log_file).read_text()
    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 7, 7), log
    assert (job.message, job.message_values) == ("import.done", {"stored": 7, "known": 0, "refused": 0})
    opinions = next(found for found in repository().list() if found.kind == "opinions")
    ended = wait_end(opinions.job_id)
    assert (ended.state, ended.message, ended.message_values) == (JobState.SUCCEEDED, "opinions.done", {"count": 7})
    library = compose.library()
    assert library.review.history(library.photos.list()[0].sha256)[0].actor == "curator@example.org"


def test_a_job_whose_command_line_is_refused_says_why(data_dir: Path, folders: Path) -> None:
    compose.database()
    runner = ProcessRunner(repository(), compose.settings().jobs_dir, {**os.environ, "PYTHONWARNINGS": "ignore"})
    job = wait_end(submit(repository(), runner, "import", (str(folders),)).job_id)
    assert (job.state, job.message) == (JobState.FAILED, "error.import.new_places")
