"""Look up, fill in and format: keys of the catalogues to sentences, numbers and dates to local writing."""

import gettext
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from core.domain.place import LANGUAGES, Language
from core.errors import EodiError, Value
from core.messages.korean import Word

CATALOGUES = Path(__file__).parent / "catalogues"
UTC_MOMENT = re.compile(r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?\+00:00")


@dataclass(frozen=True, slots=True)
class Translator:
    """Words for one language. Calling it with a key and values gives the sentence."""

    language: Language
    catalogue: gettext.NullTranslations

    def __call__(self, key: str, **values: Value) -> str:
        """Return the sentence for `key` with its values; a missing key is shown as itself and fails a test.

        A key with plural forms takes its number from the value `n`.
        """
        count = values.get("n")
        plural = isinstance(count, int)
        sentence = self.catalogue.ngettext(key, key, int(count or 0)) if plural else self.catalogue.gettext(key)
        if not values:
            return sentence
        return sentence.format(**{name: self._word(v) if isinstance(v, str) else v for name, v in values.items()})

    def _word(self, text: str) -> Word:
        """Fit a text into a sentence; a moment in UTC, as errors name it, is written by this machine's clock."""
        try:
            return Word(self.moment(datetime.fromisoformat(text).astimezone()) if UTC_MOMENT.fullmatch(text) else text)
        except ValueError:  # the 31st of February
            return Word(text)

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share of 0..1 as a percentage."""
        pattern = "#,##0%" if digits == 0 else f"#,##0.{'0' * digits}%"
        return str(format_percent(share, format=pattern, locale=self.language))

    def probability(self, share: float) -> str:
        """Write a probability as a percentage that claims neither certainty nor impossibility where there is none."""
        if 0 < share < 0.005:
            return self("share.below_one")
        return self("share.above_99") if 0.995 <= share < 1 else self.percent(share)

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with at most `digits` decimals."""
        return str(format_decimal(round(value, digits), locale=self.language))

    def distance(self, metres: float) -> str:
        """Write a distance in metres below one kilometre, in kilometres above."""
        if metres < 1000:
            return f"{self.number(round(metres, -1))} m"
        return f"{self.number(metres / 1000, 1)} km"

    def day(self, value: date) -> str:
        """Write a date in full."""
        return str(format_date(value, format="long", locale=self.language))

    def month(self, value: date) -> str:
        """Write a date's month and year, for what is known no more exactly."""
        return str(format_skeleton("yMMMM", value, locale=self.language))

    def moment(self, value: datetime) -> str:
        """Write a date and time, to the minute."""
        return str(format_datetime(value, format="medium", locale=self.language))


@cache
def translator(language: Language) -> Translator:
    """Return the words of `language`, read from its catalogue once."""
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))


def describe(error: EodiError, language: Language) -> str:
    """Word an error in one sentence."""
    return translator(language)(f"error.{error.code}", **error.values)


def pick_language(wanted: Sequence[str | None], default: Language = "ko") -> Language:
    """Return the first of `wanted` (such as "ko-KR") that is spoken here, else `default`."""
    for tag in wanted:
        short = (tag or "").replace("_", "-").split("-")[0].lower()
        for language in LANGUAGES:
            if short == language:
                return language
    return default
