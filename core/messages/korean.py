"""Korean particles that fit the word before them: `{place:은/는}` writes 오설록은 and 제주는.

Used by the catalogues' Korean sentences through the format specification of a text value.
"""

HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3  # Source: Unicode, Hangul Syllables
FINALS = 28  # final consonants per syllable block, 0 for none; Source: Unicode, 3.12
RIEUL = 8


class Word(str):
    """A text value; a format specification `A/B` adds A after a final consonant and B after a vowel."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Write the word with the particle that `spec` names, or by the usual rules of text."""
        if "/" not in spec:
            return super().__format__(spec)
        after_consonant, after_vowel = spec.split("/", 1)
        return str(self) + _particle(self.rstrip(")]\"'”’ "), after_consonant, after_vowel)


def _particle(word: str, after_consonant: str, after_vowel: str) -> str:
    last = ord(word[-1]) if word else 0
    if not HANGUL_FIRST <= last <= HANGUL_LAST:
        return f"{after_consonant}({after_vowel})"
    final = (last - HANGUL_FIRST) % FINALS
    if final == RIEUL and after_consonant == "으로":
        return after_vowel
    return after_consonant if final else after_vowel
