"""What a page brings in becomes one zip that the import takes, whatever the files are called."""

import io
import zipfile
from pathlib import Path

import pytest

from core.dataset.archive import list_archive, unpack_archive
from core.dataset.import_photos import ImportResult
from core.dataset.import_spool import PACKED, pack_uploads, packed_names, read_result, write_result
from core.errors import InvalidInput, NotFound
from core.jobs.spool import Upload, job_folder

HOSTILE = (
    "../../etc/passwd.jpg",
    "/etc/shadow.jpg",
    "C:\\Windows\\win.jpg",
    "a\x00b.jpg",
    "A/x.jpg",
    "a/X.jpg",
    "",
    "..",
    "사진\udcff.jpg",
    "<img src=x>.jpg",
    "x" * 300 + ".jpg",
)


def test_whatever_files_are_called_the_zip_is_one_that_the_import_takes(tmp_path: Path) -> None:
    uploads = [Upload(name, str(number).encode()) for number, name in enumerate(HOSTILE)]
    pack_uploads(uploads, tmp_path)
    files = unpack_archive(tmp_path / PACKED, tmp_path / "unpacked")
    assert sorted(file.path.read_bytes() for file in files) == sorted(upload.content for upload in uploads)
    assert [path for path in tmp_path.parent.rglob("*passwd*")] == []


def test_no_two_names_are_alike_and_good_ones_stay_as_they_are() -> None:
    names = packed_names(["Huế/a.jpg", "Huế/a.jpg", "huế/A.jpg", "b", "b", "../b"])
    assert names == ["Huế/a.jpg", "Huế/a (2).jpg", "huế/A (3).jpg", "b", "b (2)", "b (3)"]


def test_a_zip_alone_is_taken_as_it_is(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("cave/a.jpg", b"photo")
    pack_uploads([Upload("any name", content.getvalue())], tmp_path)
    assert (tmp_path / PACKED).read_bytes() == content.getvalue()
    assert list_archive(tmp_path / PACKED) == ("cave/a.jpg",)
    with pytest.raises(InvalidInput, match=r"import\.zip_alone"):
        pack_uploads([Upload("a.zip", content.getvalue()), Upload("b.jpg", b"photo")], tmp_path)


def test_a_result_is_read_back_as_it_was_and_a_missing_one_is_said(tmp_path: Path) -> None:
    refused = (("a.pdf", "photo.not_a_photo", {"found": "PDF"}),)
    result = ImportResult(3, 2, 1, refused, (("b.jpg", "cave", None),))
    job_folder(tmp_path, "0123456789ab").mkdir()
    write_result(result, job_folder(tmp_path, "0123456789ab") / "result.json")
    assert read_result(tmp_path, "0123456789ab") == result
    with pytest.raises(NotFound, match=r"import\.no_result"):
        read_result(tmp_path, "ba9876543210")
