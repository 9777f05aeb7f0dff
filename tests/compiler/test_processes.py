"""Work that several processes share ends whatever happens to one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing import active_children

import pytest

from agpc.compiler.processes import Lost, as_they_come, in_order

from .shared_work import begin, slow, work


def test_results_come_in_the_order_of_what_was_given() -> None:
    assert list(in_order(work, range(12), 2, begin, (100,))) == [*range(100, 112)]
    assert sorted(as_they_come(work, range(12), 2, begin, (1,), 60)) == [*range(1, 13)]
    assert active_children() == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing kills a process here")
def test_a_process_that_is_killed_is_no_endless_wait() -> None:
    with pytest.raises(Lost):
        list(in_order(work, [1, 13, *range(2, 12)], 2, begin, (0,)))
    with pytest.raises(Lost):
        list(as_they_come(work, [1, 13, 2], 2, begin, (0,), 60))
    assert active_children() == []


def test_what_is_cut_short_ends_its_processes() -> None:
    with pytest.raises(TimeoutError):
        list(as_they_come(slow, range(4), 2, begin, (0,), 0.5))
    assert active_children() == []
    results = in_order(work, range(100), 2, begin, (0,))
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    assert active_children() == []


PROGRAM = """
import sys
from agpc.cli.process import run
from tests.compiler.shared_work import begin, slow
from agpc.compiler import processes
from agpc.cli.table import agpc

def all_of_it(**_):
    print("begun", flush=True)
    for _ in processes.in_order(slow, range(10), 2, begin, (0,)):
        pass

agpc.get_command(None, "replay").callback = all_of_it
if __name__ == "__main__":
    sys.exit(run(["replay", "log", "--policy", "policy"]))
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no groups of processes here")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_all_processes_ends_the_command_without_a_word(
    number: int, status: int
) -> None:
    """As from a terminal, and from `timeout`."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "begun\n"
        os.killpg(started.pid, number)
        _, errors = started.communicate(timeout=60)
    assert (started.returncode, errors) == (status, "")
