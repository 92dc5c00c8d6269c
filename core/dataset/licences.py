"""Which licences let a photo be passed on to anybody, for anything, changed or not.

Called by the export and by health. A licence that is not recognised is not free: silence gives no permission.
"""

import re

# Source: freedomdefined.org/Licenses, and the marks of the public domain. Of the Korean open licences (공공누리, KOGL)
# only the first type is free; source: kogl.or.kr, "공공누리 유형안내".
NAMES = (
    r"cc ?0|cc zero|publicdomain zero",
    r"cc by( sa)?|(cc )?attribution( share ?alike)?|licenses by( sa)?",
    r"public ?domain( mark)?|publicdomain mark|pdm|pd( [a-z0-9 ]+)?|no known copyright restrictions",
    r"kogl( type)? 1|공공누리( 제)? ?1 ?유형",
    r"fal|free art|licence art libre|gfdl|gnu free documentation|copyrighted free use",
)
ENDINGS = (
    r"( v?\d+(\.\d+)*\+?)*( (unported|generic|international|igo|deed|legalcode|dedication|only|or later|[a-z]{2}))*"
)
FREE = re.compile(rf"({'|'.join(NAMES)})( licen[cs]e)?{ENDINGS}( licen[cs]e)?")
RESERVED = re.compile(r"\bn[cd]\b|non ?commercial|no ?deriv|all rights reserved|변경 ?금지|상업적 ?이용 ?금지")
ADDRESS = re.compile(r"(https?:)?//(www\.)?creativecommons\.org/")


def is_free(licence: str) -> bool:
    """Whether a licence, by its name or its address at Creative Commons, lets everybody use, change and pass on."""
    text = ADDRESS.sub("", licence.strip().casefold()).replace("creative commons", "cc")
    words = re.sub(r"[^\w.+]+|_|(?<!\d)\.|\.(?!\d)", " ", text)
    plain = re.sub(r"\s+", " ", words).strip()
    return not RESERVED.search(plain) and FREE.fullmatch(plain) is not None
