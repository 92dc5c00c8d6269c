"""Only what is known to be free counts as free."""

import pytest

from core.dataset.licences import is_free


@pytest.mark.parametrize(
    "licence",
    [
        "CC0", "CC0 1.0", "cc-zero", "CC BY 4.0", "CC BY-SA 3.0", "cc-by-sa-4.0", "CC-BY-SA-3.0,2.5,2.0,1.0",
        "CC BY 2.0 kr", "CC BY-SA 4.0 International", "Creative Commons Attribution-Share Alike 4.0 International",
        "Creative Commons Attribution 3.0 Unported License",
        "https://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by-sa/2.0/kr/deed.ko",
        "https://creativecommons.org/publicdomain/zero/1.0/", "Public domain", "Public Domain Mark 1.0", "PD-self",
        "KOGL Type 1", "공공누리 제1유형", "GFDL 1.2+", "FAL", "No known copyright restrictions",
    ],
)  # fmt: skip
def test_free_licences_by_their_names_and_addresses(licence: str) -> None:
    assert is_free(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "", " ", "unknown", "CC BY-NC 4.0", "CC BY-ND 2.0", "cc-by-nc-sa-4.0", "CC BY NC",
        "https://creativecommons.org/licenses/by-nc-nd/4.0/", "Creative Commons Attribution-NonCommercial 4.0",
        "CC BY-NoDerivs 3.0", "All rights reserved", "CC BY 4.0, all rights reserved", "공공누리 제4유형",
        "KOGL Type 3",
        "공공누리 제1유형 상업적 이용금지", "fair use", "free", "CC", "not CC BY 4.0",
        "https://evil.example/licenses/by/4.0/", "© 2026", "press only", "CC BY 4.0 except people",
    ],
)  # fmt: skip
def test_everything_else_is_not(licence: str) -> None:
    assert not is_free(licence)
