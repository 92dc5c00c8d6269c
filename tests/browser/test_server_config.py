"""The settings of the running server, asked of the server itself and by what it does over HTTP."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser

from tests.browser.driving import give, open_start, visitor
from tests.browser.server import RunningApp, running_app
from tests.pages.home import RED, ROOT, coloured_jpeg, make_home

MEBI = 1 << 20
LAUNCHER = Path(__file__).with_name("serve_and_tell.py")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("config")
    environment = {**make_home(home), "TELL_SETTINGS": str(home / "settings.json"), "PYTHONPATH": str(ROOT)}
    with running_app(home, environment, (str(LAUNCHER),)) as app:
        yield app


@pytest.fixture(scope="module")
def settings(server: RunningApp) -> dict[str, object]:
    told = server.home / "settings.json"
    until = time.monotonic() + 20
    while not told.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return dict(json.loads(told.read_text()))


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("server.enableXsrfProtection", lambda value: value is True),
        ("server.enableCORS", lambda value: value is True),
        ("server.maxUploadSize", lambda value: value == 20),
        ("server.maxMessageSize", lambda value: value <= 200),
        ("server.enableStaticServing", lambda value: value is False),
        ("server.address", lambda value: value == "127.0.0.1"),
        ("server.allowedHosts", lambda value: value == ["localhost", "127.0.0.1"]),
        ("client.showErrorDetails", lambda value: value == "none"),
        ("client.toolbarMode", lambda value: value == "minimal"),
        ("browser.gatherUsageStats", lambda value: value is False),
        ("server.fileWatcherType", lambda value: value == "none"),
        ("server.disconnectedSessionTTL", lambda value: 0 < value <= 120),
    ],
)
def test_the_running_server_has_the_safe_setting(
    settings: dict[str, object], name: str, fits: Callable[[Any], bool]
) -> None:
    assert fits(settings[name]), f"{name} = {settings[name]!r}"


def test_it_listens_on_this_machine_only(server: RunningApp) -> None:
    listening = [
        c.laddr for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN
    ]
    assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", server.port)}


def test_it_serves_no_files_of_its_own_folder(server: RunningApp) -> None:
    """What it does not know it answers with the app's empty first page, as for any address within the app."""
    first_page = fetch(server, "/")[1]
    for path in (
        "/app/static/config.toml",
        "/app/static/..%2f..%2fapp.py",
        "/static/../app.py",
        "/.streamlit/config.toml",
    ):
        status, body = fetch(server, path)
        assert status in (400, 403, 404) or body == first_page, path


def fetch(server: RunningApp, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_socket_for_another_host_or_from_another_site_is_refused(server: RunningApp) -> None:
    assert handshake(server, host="evil.example", origin="http://evil.example") == 403
    assert handshake(server, host=f"127.0.0.1:{server.port}", origin="http://evil.example") == 403
    assert handshake(server, host=f"127.0.0.1:{server.port}", origin=server.url) == 101


def handshake(server: RunningApp, host: str, origin: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {
        "Host": host,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "streamlit",
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.browser
def test_an_upload_above_the_limit_or_without_its_token_is_refused(server: RunningApp, browser: Browser) -> None:
    """The address of an upload is known to its session only: taken from a real one in the browser."""
    with visitor(browser) as page:
        open_start(page, server.url)
        with page.expect_request(lambda request: request.method == "PUT") as sent:
            give(page, coloured_jpeg(RED))
        headers, path = sent.value.all_headers(), urlsplit(sent.value.url).path
        token = {name: headers[name] for name in ("cookie", "x-xsrftoken")}
        assert put(server, path, 21 * MEBI, token) == 413
        assert put(server, path, 100, {}) == 403
        assert put(server, path, 100, token) == 204


def put(server: RunningApp, path: str, size: int, headers: dict[str, str]) -> int:
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        form = {**headers, "Content-Type": "multipart/form-data; boundary=edge"}
        connection.request("PUT", path, head + bytes(size) + b"\r\n--edge--\r\n", form)
        return connection.getresponse().status
    finally:
        connection.close()
