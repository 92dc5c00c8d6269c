"""Whatever bytes come, intake reads or refuses them in words: no death, no hang, little memory.

Each file goes through `read_photo` in a child process with 4 GB of address space.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.domain.place import LANGUAGES
from core.errors import PhotoRefused
from core.messages.translate import describe
from tests.support.malformed import (
    OTHER_KINDS,
    claim_box_size,
    encode,
    malformed_files,
    mutations,
    png_of_size,
    seed_photos,
    webp_of_canvas,
)

Lines = dict[str, dict[str, Any]]

ROOT = Path(__file__).parents[2]
PEAK_MB = 400


def read_in_child(files: Iterable[tuple[str, bytes]], folder: Path, need_px: int = 320) -> Lines:
    folder.mkdir()
    names = []
    for name, content in files:
        (folder / name).write_bytes(content)
        names.append(name)
    command = (sys.executable, "-W", "ignore", "-m", "tests.dataset.intake_child", str(folder), str(need_px))
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    lines = {line["name"]: line for line in map(json.loads, child.stdout.splitlines())}
    assert child.returncode == 0, f"died at {sorted(set(names) - set(lines))[:1]}: {child.stderr[-2000:]}"
    assert sorted(lines) == sorted(names)
    return lines


def assert_every_refusal_has_words(lines: Lines) -> None:
    for line in lines.values():
        if line["code"]:
            for language in LANGUAGES:
                sentence = describe(PhotoRefused(line["code"], **line["values"]), language)
                assert not sentence.startswith("error."), line
                assert "{" not in sentence, line


@pytest.fixture(scope="module")
def malformed(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    return read_in_child(malformed_files(), tmp_path_factory.mktemp("malformed") / "files")


def test_more_than_500_malformed_files_kill_nothing_and_take_little_memory(malformed: Lines) -> None:
    codes = Counter(line["code"] or "read" for line in malformed.values())
    slowest = max(malformed.values(), key=lambda line: line["seconds"])
    peak_mb = max(line["peak_mb"] for line in malformed.values())
    print(
        f"{len(malformed)} files: {dict(codes)}; {slowest['name']} took {slowest['seconds']:.2f} s; +{peak_mb:.0f} MB"
    )
    assert len(malformed) >= 500
    assert peak_mb <= PEAK_MB
    assert_every_refusal_has_words(malformed)


def test_a_cut_photo_is_refused_wherever_it_is_cut(malformed: Lines) -> None:
    # Containers whose pixels end early and an MPO cut in its second picture are whole as far as the first one goes.
    kinds = ("jpeg", "jpeg_progressive", "jpeg_cmyk", "png", "png_16", "png_alpha", "webp", "webp_lossless")
    cut = {
        name: malformed[name]["code"]
        for name in malformed
        if name.startswith("cut_") and name.split("_", 2)[2] in kinds
    }
    assert len(cut) == 20 * len(kinds)
    assert [name for name, code in cut.items() if code not in {"photo.broken", "photo.unknown"}] == []


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_file_that_is_no_photo_is_named_whatever_its_own_name_says(malformed: Lines, kind: str) -> None:
    line = malformed[f"{kind}_named.jpg"]
    assert line["code"] in {"photo.not_a_photo", "photo.unsupported"}
    assert line["values"] == {"found": kind}


def test_headers_that_claim_too_much_are_refused_by_their_claim(malformed: Lines) -> None:
    for name in ("claims_60000x60000.png", "claims_20000x20000.png", "claims_65535x65535.jpg", "claims_16000.avif"):
        assert malformed[name]["code"] == "photo.too_many_pixels", name
    assert malformed["claims_frames.png"]["values"] == {"frames": 300, "limit": 200}
    assert malformed["scans_5000.jpg"]["code"] == "photo.broken"
    assert malformed["scans_30.jpg"]["code"] == ""


def test_metadata_that_make_no_sense_do_not_cost_the_photo(malformed: Lines) -> None:
    names = (
        "exif_loop.jpg",
        "exif_noise.jpg",
        "exif_text.jpg",
        "icc_parts.jpg",
        "xmp_noise.jpg",
        "mpf_noise.jpg",
        "photoshop.jpg",
    )
    assert {name: malformed[name]["code"] for name in names} == dict.fromkeys(names, "")


@pytest.mark.soak
def test_seeded_mutations_of_photos_kill_nothing(tmp_path: Path, soak_rounds: Callable[[int, int], int]) -> None:
    count = soak_rounds(400, 2_000)
    lines = read_in_child(mutations(count), tmp_path / "files")
    print(f"{count} mutations: {dict(Counter(line['code'] or 'read' for line in lines.values()))}")
    assert max(line["peak_mb"] for line in lines.values()) <= PEAK_MB
    assert_every_refusal_has_words(lines)


def test_decompression_bombs_are_refused_at_once_and_without_memory(tmp_path: Path) -> None:
    bombs = {
        "grey_177_mp.png": encode(Image.new("L", (13_300, 13_300)), "PNG"),
        "grey_196_mp.png": png_of_size(14_000, 14_000),
        "grey_177_mp.jpg": encode(Image.new("L", (13_300, 13_300)), "JPEG", quality=5),
        "canvas_268_mp.webp": webp_of_canvas(16_384, 16_384),
        "canvas_177_mp.webp": webp_of_canvas(16_384, 10_800),
        "claims_176_mp.heic": claim_box_size(seed_photos()["heic"], 16_000, 11_000),
        "claims_176_mp.avif": claim_box_size(seed_photos()["avif"], 16_000, 11_000),
    }
    lines = read_in_child(bombs.items(), tmp_path / "files", need_px=0)
    for name, line in lines.items():
        print(f"{name}: {line['seconds']:.3f} s, +{line['peak_mb']:.0f} MB")
    assert {line["code"] for line in lines.values()} == {"photo.too_many_pixels"}
    assert max(line["seconds"] for line in lines.values()) < 5
    assert max(line["peak_mb"] for line in lines.values()) <= 50


def test_the_largest_phone_photo_is_read_in_full_within_the_memory_budget(tmp_path: Path) -> None:
    photo = encode(Image.new("RGB", (8_160, 6_120), (90, 120, 60)), "JPEG", quality=50)
    line = read_in_child([("photo.jpg", photo)], tmp_path / "files", need_px=0)["photo.jpg"]
    print(f"49.9 megapixels: {line['seconds']:.2f} s, +{line['peak_mb']:.0f} MB")
    assert line["code"] == ""
    assert line["peak_mb"] <= PEAK_MB
