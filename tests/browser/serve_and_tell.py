"""Run Streamlit as `python -m streamlit` does, and write down the settings it really runs with.

Started by `test_server_config.py` as a program: `python serve_and_tell.py run app.py …`; the file's name is in
`TELL_SETTINGS`.
"""

import json
import os
import runpy
import threading
import time
from pathlib import Path

SETTINGS = (
    "server.enableXsrfProtection",
    "server.enableCORS",
    "server.maxUploadSize",
    "server.maxMessageSize",
    "server.enableStaticServing",
    "server.address",
    "server.allowedHosts",
    "client.showErrorDetails",
    "client.toolbarMode",
    "browser.gatherUsageStats",
    "server.fileWatcherType",
    "server.disconnectedSessionTTL",
)


def tell() -> None:
    """Write the settings once the server runs."""
    from streamlit import config
    from streamlit.runtime import Runtime

    while not Runtime.exists():
        time.sleep(0.05)
    target = Path(os.environ["TELL_SETTINGS"])
    unfinished = target.with_suffix(".part")
    unfinished.write_text(json.dumps({name: config.get_option(name) for name in SETTINGS}))
    unfinished.rename(target)


if __name__ == "__main__":
    threading.Thread(target=tell, daemon=True).start()
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
