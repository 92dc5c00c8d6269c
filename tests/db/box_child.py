"""Save boxes one after the other, as a person draws them, until killed; print each set that is acknowledged.

`python -m tests.db.box_child <database url> <photo sha256> <label id> <first number>`: revision and number of boxes a
line, the boxes being those with the numbers below it.
"""

import sys

from core.db.boxes import BoxRepository
from core.db.engine import open_database
from core.domain.label import Box


def box(number: int, label_id: int) -> Box:
    """Return the box of a number; its edges tell which it is."""
    return Box(f"{number:032x}", label_id, (number / 1000, 0.1, number / 1000 + 0.3, 0.5))


def main() -> None:
    boxes, sha256, label_id = BoxRepository(open_database(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    labels = boxes.get(sha256)
    for number in range(int(sys.argv[4]), 500):
        labels = boxes.save(sha256, (*labels.boxes, box(number, label_id))[-40:], labels.revision, "child")
        print(labels.revision, number, flush=True)


if __name__ == "__main__":
    main()
