"""Work on things in order while the next ones are read by other threads. Called by batches and by imports."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Read = TypeVar("Read")


def read_ahead(
    things: Iterable[Thing], read: Callable[[Thing], Read], readers: int, ahead: int
) -> Iterator[tuple[Thing, Future[Read]]]:
    """Yield each thing with its reading, `ahead` of them under way or waiting in `readers` threads."""
    pool = ThreadPoolExecutor(readers, thread_name_prefix="read ahead")
    under_way: deque[tuple[Thing, Future[Read]]] = deque()
    try:
        for thing in things:
            under_way.append((thing, pool.submit(read, thing)))
            if len(under_way) > ahead:
                yield under_way.popleft()
        while under_way:
            yield under_way.popleft()
    finally:
        pool.shutdown(cancel_futures=True)
