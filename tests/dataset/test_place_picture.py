"""Which photos of the library may stand for a place."""

import pytest

from core.dataset.place_picture import library_sha256, may_be_shown, picture_of
from core.domain.photo import PhotoStatus
from core.errors import InvalidInput
from tests.support.records import photo_record


@pytest.mark.parametrize("licence", ["", " ", "unknown", "Unknown", "?", "-"])
def test_a_photo_of_unknown_terms_is_not_shown_to_visitors(licence: str) -> None:
    record = photo_record(1, licence=licence)
    assert not may_be_shown(record)
    with pytest.raises(InvalidInput, match=r"place\.picture_terms"):
        picture_of(record)


@pytest.mark.parametrize("status", [PhotoStatus.NEW, PhotoStatus.REJECTED, PhotoStatus.SET_ASIDE])
def test_a_photo_that_is_not_accepted_is_not_shown_to_visitors(status: PhotoStatus) -> None:
    assert not may_be_shown(photo_record(1, licence="CC0-1.0", status=status))


def test_a_picture_names_the_photo_with_its_author_and_licence() -> None:
    record = photo_record(7, licence="CC-BY-4.0", author="A. Author", page_url="https://page.example")
    picture = picture_of(record)
    assert (picture.author, picture.licence, picture.source_url) == ("A. Author", "CC-BY-4.0", "https://page.example")
    assert library_sha256(picture.file) == record.sha256


@pytest.mark.parametrize("file", ["osulloc.webp", "library:", "library:../../x", f"library:{'A' * 64}", ""])
def test_any_other_name_is_a_catalogue_picture(file: str) -> None:
    assert library_sha256(file) is None
