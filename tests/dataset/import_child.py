"""Import a folder into a library until done or killed, printing how many photos are acknowledged.

`python -m tests.dataset.import_child <database url> <storage> <folder>`; with a fourth argument, no file may grow
beyond that many bytes, as on a full disk. A refusal is printed as its code and its values.
"""

import json
import resource
import signal
import sys
from pathlib import Path

from core.dataset.import_photos import Provenance, import_photos
from core.dataset.import_plan import items_of, plan_import
from core.domain.photo import PhotoStatus
from core.errors import EodiError
from tests.support.libraries import library_at


def tell(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
    print(values.get("stored", 0), flush=True)


def main() -> None:
    library, folder = library_at(sys.argv[1], Path(sys.argv[2])), Path(sys.argv[3])
    if len(sys.argv) > 4:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    items = items_of(plan_import(folder, "cave", ()))
    try:
        result = import_photos(items, library, Provenance("child"), PhotoStatus.NEW, tell, "child")
    except EodiError as refusal:
        print(json.dumps({"code": refusal.code, **refusal.values}), flush=True)
    else:
        print(json.dumps({"stored": result.stored, "known": result.known}), flush=True)


if __name__ == "__main__":
    main()
