"""Read every file of a folder as a photo, in a process of its own with little memory, and report each as a JSON line.

`python -m tests.dataset.intake_child <folder> <need_px or 0>`; dies when one file takes longer than `HANG_S`.
"""

import faulthandler
import json
import resource
import sys
import time
from pathlib import Path

MEMORY_BYTES = 4 << 30
HANG_S = 10


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    import pillow_heif  # noqa: F401 - part of the baseline, as in a server that has seen one

    from core.dataset.ingest import read_photo
    from core.errors import PhotoRefused

    folder, need_px = Path(sys.argv[1]), int(sys.argv[2]) or None
    baseline_mb = _resident_mb()
    for path in sorted(folder.iterdir()):
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        content, started = path.read_bytes(), time.perf_counter()
        line: dict[str, object] = {"name": path.name, "code": "", "values": {}}
        try:
            read_photo(content, need_px=need_px)
        except PhotoRefused as refusal:
            line |= {"code": refusal.code, "values": refusal.values}
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(line | {"seconds": time.perf_counter() - started, "peak_mb": _peak_mb() - baseline_mb}))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()  # not `ru_maxrss`, which begins with what the parent had
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
