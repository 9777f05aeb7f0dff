"""A store with as many tasks and calls as are wanted, of a policy with a window, and the statements that a call takes.

`python -m service.facts.filling TASKS CALLS`, in `tests/`, fills one with many, and counts.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.service.facts import Facts
from agpc.service.store import Call, Store, Task
from agpc.targets.python import evaluator

AGENTS = 5
START = 1_795_000_000 * 10**9
TEXT = f"""
language 2
package p
{"".join(f'agent bot{number} = "spiffe://t.example/bot{number}"{chr(10)}' for number in range(AGENTS))}
intent work "Work" {{}}
tool pay {{ send action send(amount: number, to: string) }}
meter spent = sum args.amount of pay.send per agent within 30m
meter most = max args.amount of pay.send per agent within 30m
meter calls = count of pay.send per task
grant g {{
    to {", ".join(f"bot{number}" for number in range(AGENTS))}
    for work
    allow pay.send when spent <= 1000000000 and most <= 1000000 and calls <= 1000000000
}}
"""


@dataclass(frozen=True)
class Scale:
    """How much there is."""

    tasks: int
    calls: int

    @property
    def of_one_task(self) -> int:
        """How many calls were made in one task."""
        return self.calls // self.tasks


class Filled:
    """A store, and the statements that were run on it."""

    def __init__(self, url: str, *, adopts: bool = True) -> None:
        self.time = START
        self.sql: list[str] = []
        self.store = Store(url, clock=lambda: self.time, hook=self.sql.append)
        found = compile_sources([Source("p.agp", TEXT)])
        assert found.policy is not None, found.diagnostics
        self.facts = Facts(evaluator(found.policy).facts)
        if adopts:
            with self.store.turn() as turn:
                self.facts.adopt(turn)

    def fill(self, scale: Scale) -> None:
        """Start tasks, and make calls, many in a turn."""
        for first in range(0, scale.tasks, 1_000):
            with self.store.turn() as turn:
                for number in range(first, min(first + 1_000, scale.tasks)):
                    id, agent = f"t-{number}", f"spiffe://t.example/bot{number % AGENTS}"
                    task = Task(
                        id, id, None, agent, None, "p.work", "{}", "active", "s", "{}",
                        number, turn.tick(), None,
                    )  # fmt: skip
                    turn.add(task)
                    self.facts.started(turn, task)
                turn.head.time = turn.time
        for first in range(0, scale.calls, 1_000):
            with self.store.turn() as turn:
                for number in range(first, min(first + 1_000, scale.calls)):
                    self._call(turn, number % scale.tasks)
                turn.head.time = turn.time

    def call(self, task: int) -> Any:
        """Make a call in a turn of its own."""
        with self.store.turn() as turn:
            known = self._call(turn, task)
            turn.head.time = turn.time
        return known

    def _call(self, turn: Any, number: int) -> Any:
        task = turn.get(Task, f"t-{number}")
        amount = turn.head.seq % 97 + 0.25
        request = {
            "subject": {"type": "agent", "id": task.agent, "properties": {}},
            "action": {"name": "send", "properties": {"amount": amount, "to": "ann"}},
            "resource": {"type": "p.pay", "id": "r"},
            "context": {"task": {"id": task.id, "intent": "p.work", "state": "active"}},
        }
        now = turn.tick()
        self.facts.prepare(turn, [("p.pay.send", request, task)])
        known, own = self.facts.known(turn, "p.pay.send", request, task, now)
        seq = turn.head.seq
        turn.head.seq += 1
        call = Call(
            seq, "pep", task.id, task.run, task.agent, "p.pay.send", "permit", now, None, False, "", False,
        )  # fmt: skip
        turn.add(call)
        self.facts.called(turn, call, known, own, False)
        return known

    def end(self, number: int) -> None:
        """End a task."""
        with self.store.turn() as turn:
            task = turn.get(Task, f"t-{number}")
            assert task is not None
            task.state, task.ended = "ended", turn.tick()
            turn.put(task)
            self.facts.ended(turn, task)
            turn.head.time = turn.time

    def statements(self) -> int:
        """How many statements a call takes."""
        self.sql.clear()
        self.call(0)
        return len(self.sql)

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows a table has."""
        with self.store.reading() as reading:
            ((found,),) = reading.select(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(found)

    def close(self) -> None:
        self.store.close()


def main(tasks: int, calls: int) -> None:
    """Fill a store, and print what one call takes in a process that has just started, and in the next."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/agpc.db"
        filled = Filled(url)
        filled.fill(Scale(tasks, calls))
        shares = filled.count("share")
        filled.close()
        again = Filled(url, adopts=False)
        print(
            f"{tasks} tasks, {calls} calls, {shares} shares:"
            f" {again.statements()} statements for the first call, {again.statements()} for the next"
        )
        again.close()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
