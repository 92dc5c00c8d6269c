"""Which process works on a job: its number together with its start time, because numbers are used again.

Called by `execute` (who am I), `watch` and `settle` (is it still there, stop it).
"""

import os
import signal

import psutil

# The start time is counted from the machine's boot time, which is known to the second and shifts when the clock is
# set; a number comes round again only after thousands of processes, so two seconds mistake nothing.
START_TOLERANCE_S = 2.0


def own_identity() -> tuple[int, float]:
    """Return this process's number and its start in seconds since 1970."""
    return os.getpid(), psutil.Process().create_time()


def find_process(pid: int | None, started_at: float | None) -> psutil.Process | None:
    """Return the very process that had this number and start, or None if it is gone (or only a zombie is left)."""
    if pid is None or started_at is None:
        return None
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started_at) <= START_TOLERANCE_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def ask_to_stop(process: psutil.Process) -> None:
    """Send SIGTERM; a job takes it as a request and stops at its next safe point."""
    try:
        process.terminate()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return  # gone already, or another account's: that one reads its row


def kill(process: psutil.Process) -> None:
    """Kill the process and, where it leads a group of its own as jobs do, its children in that group with it."""
    try:
        if os.getpgid(process.pid) == process.pid and process.is_running():
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess, psutil.AccessDenied):
        return
