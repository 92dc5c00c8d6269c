"""Go on with a crawl until done or killed, printing how many photos are kept.

`python -m tests.crawl.crawl_child <database url> <folder> <portal url> <crawl>`. What ends it is printed as its code
and its values.
"""

import json
import sys
from pathlib import Path

from core.crawl.crawl import run_crawl
from core.db.engine import open_database
from core.errors import EodiError, Value
from tests.support.crawls import tools_at
from tests.support.libraries import library_at


def tell(done: int, total: int | None, message_key: str = "", **values: Value) -> None:
    print(done, flush=True)


def main() -> None:
    url, folder, portal_url, crawl_id = sys.argv[1:5]
    tools = tools_at(open_database(url), library_at(url, Path(folder) / "library"), Path(folder), portal_url)
    try:
        found = run_crawl(tools.crawls.get(crawl_id), tools, tell)
    except EodiError as error:
        print(json.dumps({"code": error.code, **error.values}), flush=True)
    else:
        print(json.dumps({"kept": found.kept, "known": found.known}), flush=True)


if __name__ == "__main__":
    main()
