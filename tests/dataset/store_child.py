"""Keep storing photos until killed, printing each key once it is acknowledged.

`python -m tests.dataset.store_child <folder> <first number>`; with a third argument, no file may grow beyond that many
bytes, as on a full disk, and the refusal's code is printed.
"""

import hashlib
import itertools
import resource
import signal
import sys

from core.dataset.store import PhotoStore
from core.errors import StorageUnavailable

SIZE_BYTES = 6 << 20


def photo(number: int) -> bytes:
    return number.to_bytes(8, "big") * (SIZE_BYTES // 8)


def main() -> None:
    store, first = PhotoStore(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    for number in itertools.count(first):
        content = photo(number)
        try:
            print(store.put(content, hashlib.sha256(content).hexdigest(), "jpg"), flush=True)
        except StorageUnavailable as refusal:
            print(refusal.code, flush=True)
            return


if __name__ == "__main__":
    main()
