"""Which process is which."""

import os
import subprocess
import sys
import time

import psutil

from core.jobs.process import ask_to_stop, find_process, kill, own_identity


def test_this_process_finds_itself() -> None:
    process = find_process(*own_identity())
    assert process is not None
    assert process.pid == os.getpid()


def test_a_reused_number_with_another_start_is_not_mistaken() -> None:
    pid, started_at = own_identity()
    assert find_process(pid, started_at - 60) is None
    assert find_process(pid, started_at + 60) is None


def test_a_row_without_a_process_has_none() -> None:
    assert find_process(None, None) is None
    assert find_process(os.getpid(), None) is None


def test_a_zombie_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    started_at = psutil.Process(child.pid).create_time()
    assert find_process(child.pid, started_at) is not None
    child.kill()
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert find_process(child.pid, started_at) is None
    child.wait()
    assert find_process(child.pid, started_at) is None


def test_killing_a_group_leader_takes_its_children_along() -> None:
    code = "import subprocess; c = subprocess.Popen(['sleep', '60']); print(c.pid, flush=True); c.wait()"
    leader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert leader.stdout is not None
    grandchild = psutil.Process(int(leader.stdout.readline()))
    kill(psutil.Process(leader.pid))
    leader.wait(5)
    leader.stdout.close()
    psutil.wait_procs([grandchild], timeout=5)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_killing_a_process_in_our_own_group_leaves_us_alive() -> None:
    child = subprocess.Popen(["sleep", "60"])
    kill(psutil.Process(child.pid))
    assert child.wait(5) == -9


def test_stopping_what_is_gone_is_no_error() -> None:
    child = subprocess.Popen(["sleep", "60"])
    process = psutil.Process(child.pid)
    child.kill()
    child.wait()
    ask_to_stop(process)
    kill(process)
