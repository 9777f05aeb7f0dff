"""Work that several processes share, and that ends whatever happens to one of them.

A pool of `multiprocessing` waits for ever where one of its processes is killed, as by `timeout` or for its memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lost(Exception):
    """A process ended before its work did."""


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    processes: int,
    begin: Callable[..., None],
    given: tuple[Any, ...],
) -> Iterator[Result]:
    """Give each result in the order of the items, of which no more are held than keep all busy. Raises `Lost`."""
    with _processes(processes, begin, given) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(_submitted(pool, work, item))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def as_they_come(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    processes: int,
    begin: Callable[..., None],
    given: tuple[Any, ...],
    seconds: float,
) -> Iterator[Result]:
    """Give each result as soon as it is there. Raises `TimeoutError` after so many seconds, and `Lost`."""
    from concurrent.futures import as_completed

    with _processes(processes, begin, given) as pool:
        for done in as_completed([_submitted(pool, work, each) for each in items], seconds):
            yield done.result()


def begun() -> None:
    """In a process that shares work: who began it ends it, and an interrupt is for that one."""
    from signal import SIG_IGN, SIGINT, signal

    signal(SIGINT, SIG_IGN)


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[[Item], Result], item: Item
) -> Future[Result]:
    """Hand work over, for which a process may be started; until it has begun, nothing interrupts that one either."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(work, item)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, item)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _processes(
    processes: int, begin: Callable[..., None], given: tuple[Any, ...]
) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with what is done here, at once where that is cut short."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    others = {each.pid for each in active_children()}
    pool = ProcessPoolExecutor(processes, get_context("spawn"), begin, given)
    try:
        yield pool
    except BaseException as error:
        for each in active_children():
            if each.pid not in others:
                each.terminate()
        pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise Lost(
                "a process that shared the work was ended from outside, as where memory runs out"
            ) from None
        raise
    pool.shutdown()
