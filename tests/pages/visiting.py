"""What a visitor does without a browser: open a page, give it photos, read what it says."""

import re

from streamlit.testing.v1 import AppTest

from tests.pages.home import ROOT


def open_app(way: str = "pages/identify.py", language: str | None = "en", **address: str) -> AppTest:
    """Open a page under `app.py` or alone; `address` are further parameters of its address."""
    app = AppTest.from_file(str(ROOT / way), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    if language:
        app.query_params["lang"] = language
    return app.run()


def upload(app: AppTest, content: bytes, name: str = "photo.jpg") -> AppTest:
    """Give one photo."""
    return upload_many(app, {name: content})


def upload_many(app: AppTest, contents: dict[str, bytes]) -> AppTest:
    """Give photos by their names, all at once."""
    return app.file_uploader[0].set_value([(name, content, "image/jpeg") for name, content in contents.items()]).run()


def words(app: AppTest) -> str:
    """Return everything that the page says, without the backslashes that keep Markdown from being one."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.error, app.info)
    labels = [element.label for element in app.expander] + [link.proto.label for link in app.get("page_link")]
    said = "\n".join([*(element.value for kind in kinds for element in kind), *labels])
    return re.sub(r"\\(.)", r"\1", said)
