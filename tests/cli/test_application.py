"""The command line as a program: an expected error is one sentence on stderr."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_malformed_setting_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("EODI_", "LC_", "LANG"))}
    environment = {**clean, "EODI_DATA_DIR": str(tmp_path), "EODI_INFERENCE_THREADS": "many", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "core", "places", "list", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1 and done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("The value of the setting") and "EODI_INFERENCE_THREADS" in line and "1–64" in line
    assert list(tmp_path.iterdir()) == []
