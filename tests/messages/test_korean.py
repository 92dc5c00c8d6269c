"""Particles fit the word before them."""

import pytest

from core.messages.korean import Word


@pytest.mark.parametrize(
    ("word", "spec", "written"),
    [
        ("오설록", "은/는", "오설록은"),
        ("천지연 폭포", "은/는", "천지연 폭포는"),
        ("만장굴", "으로/로", "만장굴로"),
        ("주상절리", "과/와", "주상절리와"),
        ("박물관", "으로/로", "박물관으로"),
        ("Osulloc", "이/가", "Osulloc이(가)"),
        ("오설록 (제주)", "을/를", "오설록 (제주)를"),
        ("", "이/가", "이(가)"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, spec: str, written: str) -> None:
    assert f"{Word(word):{spec}}" == written


def test_a_word_without_particle_is_itself() -> None:
    assert f"{Word('폭포'):>4}" == "  폭포"
