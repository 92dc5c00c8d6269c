"""Names of foreign weights become labels of the catalogue, or are named in one sentence."""

from pathlib import Path

import pytest

from core.detector.conversion import is_of_yolov5
from core.detector.import_run import Home, import_result, label_names
from core.detector.result_files import list_result, read_result
from core.errors import InvalidInput, ModelRefused
from core.metrics.training_log import read_run_log
from core.weights.folder import list_runs, open_detector_run
from tests.support import hostile_weights as hostile
from tests.support.libraries import tell_nothing
from tests.support.tiny_detector import LABELS
from tests.support.yolo_results import YOLOV5, write_result

TOWER, COLUMN = LABELS


def home(folder: Path, **renamed: str) -> Home:
    return Home({entry.slug: entry for entry in LABELS}, (), renamed, folder / "weights", folder)


def test_slugs_are_known_by_themselves_and_other_names_by_an_option(tmp_path: Path) -> None:
    assert label_names([COLUMN.slug, TOWER.slug], home(tmp_path)) == (COLUMN, TOWER)
    assert label_names(["Tower", COLUMN.slug], home(tmp_path, Tower=TOWER.slug)) == (TOWER, COLUMN)


def test_unknown_names_are_told_and_of_many_the_first(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"run_import\.names.*'person, dog'"):
        label_names(["person", TOWER.slug, "dog"], home(tmp_path))
    with pytest.raises(InvalidInput) as refused:
        label_names(["\x1b[2Jclass", *(f"class {number}" for number in range(1, 80))], home(tmp_path))
    assert str(refused.value.values["names"]).endswith("class 9, …")
    assert "\x1b" not in f"{refused.value.values}"


@pytest.mark.parametrize(
    ("names", "renamed", "code"),
    [
        ([TOWER.slug], {"tower": TOWER.slug}, "run_import.name_unknown"),
        (["tower"], {"tower": "no-label"}, "run_import.label_unknown"),
        (["tower", TOWER.slug], {"tower": TOWER.slug}, "run_import.same_label"),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(
    tmp_path: Path, names: list[str], renamed: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        label_names(names, home(tmp_path, **renamed))
    assert refused.value.code == code


def test_curves_alone_are_a_run_whose_card_says_that_nothing_is_known(tmp_path: Path) -> None:
    result = read_result(
        list_result(write_result(tmp_path / "exp", YOLOV5, {"opt.yaml": "cfg: a/yolov5n.yaml"}), tmp_path)
    )
    run = import_result(result, home(tmp_path), tell_nothing)
    assert open_detector_run(tmp_path / "weights", run.manifest.run_id).manifest.architecture == "yolov5n"
    assert read_run_log(run).parts[0].epochs == 3
    card = run.read("MODEL_CARD.md").decode()
    assert "cannot be put in service" in card and "Not known" in card


def test_settings_from_outside_are_no_markdown_in_the_card(tmp_path: Path) -> None:
    settings = {"args.yaml": 'name: "<b>[x](javascript:1)\\n# heading"\n'}
    result = read_result(list_result(write_result(tmp_path / "exp", settings=settings), tmp_path))
    card = import_result(result, home(tmp_path), tell_nothing).read("MODEL_CARD.md").decode()
    assert "<b>" not in card and "[x]" not in card and "\n# heading" not in card


def test_yolov5s_own_weights_are_known_by_their_form_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "v5.pt").write_bytes(hostile.yolov5_archive())
    (tmp_path / "other.pt").write_bytes(hostile.torch_archive(tmp_path / "marker", protocol=4))
    assert is_of_yolov5(tmp_path / "v5.pt", "v5.pt")
    assert not is_of_yolov5(tmp_path / "other.pt", "other.pt")
    (tmp_path / "noise.pt").write_bytes(hostile.torch_archive(tmp_path / "marker").replace(b"system", b"sys\xff\xfe\n"))
    with pytest.raises(ModelRefused, match=r"weights\.kind"):
        is_of_yolov5(tmp_path / "noise.pt", "noise.pt")
    assert not (tmp_path / "marker").exists()


def test_what_is_refused_leaves_no_run(tmp_path: Path) -> None:
    result = read_result(list_result(write_result(tmp_path / "exp", weights=b"no weights"), tmp_path))
    with pytest.raises(ModelRefused, match=r"weights\.kind"):
        import_result(result, home(tmp_path), tell_nothing)
    assert list_runs(tmp_path / "weights") == ()
