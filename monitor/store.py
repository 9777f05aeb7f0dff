"""The state of a monitor in memory: runs, calls and meters, within bounds, and how each thing that happens changes it.

Nothing here knows a lock or a clock: every step is given its time.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..runtime.facts import ABSENT, MALFORMED, Facts, Nothing
from .calls import Counted, Outcome, Recorded
from .cells import FOREVER, start_of
from .definitions import Definitions
from .limits import Limits
from .own import Own, own_of, own_share
from .runs import Run
from .shares import keys_of, keys_of_each, scopes_of, task_of
from .sources import Task
from .tables import Table
from .told import agreed_to, began, does_write, gave, kept, sources_of, wrote

MOST_GONE = 1_000_000  # tasks that are forgotten, of which it is known that they were


class Look:
    """A request, with the run of its task as it is known."""

    __slots__ = ("request", "run", "scopes", "task")

    def __init__(
        self, request: dict[str, Any], task: Any, run: Run | None, scopes: dict[str, Any]
    ) -> None:
        """Take what was found, with what the scopes of meters are of it."""
        self.request = request
        self.task = task
        self.run = run
        self.scopes = scopes


class Store:
    """What happened, as far as facts need it.

    `since` is when the record begins, of which something before may be lacking; None if it is whole.
    """

    def __init__(self, facts: Facts, limits: Limits, since: int | None) -> None:
        """Start with nothing."""
        self.definitions = Definitions(facts)
        self.limits = limits
        self._is_whole = since is None
        known_from = -FOREVER if since is None else since
        self._tables = [Table(each, limits.keys, known_from) for each in self.definitions.meters]
        self._of_task = ["task" in each.scopes for each in self.definitions.meters]
        self._of_user = any("user" in each.scopes for each in self.definitions.meters)
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._run_of: dict[str, Run] = {}
        self._tasks: dict[str, Task] = {}
        self._gone: dict[int, None] = {}  # the hashes of tasks of runs that were forgotten
        self._calls: OrderedDict[str, Recorded] = OrderedDict()
        self._order = 0
        self._characters = 0

    # --- What happens -----------------------------------------------------------------------------

    def task(self, id: str) -> Task | None:
        """Give a task that was started, and is remembered."""
        return self._tasks.get(id)

    def is_used(self, id: str) -> bool:
        """Whether something of a task is known already."""
        return id in self._run_of

    def call(self, id: str) -> Recorded | None:
        """Give a call that was decided, and is remembered."""
        return self._calls.get(id)

    def started(
        self, time: int, fields: dict[str, Any], agent: str, user: str | None, parent: str | None
    ) -> None:
        """Take in that a task was started, perhaps inside another one."""
        id = fields["id"]
        if parent is None:
            run = self._new_run(id, time, known=hash(id) not in self._gone)
        else:
            run = self._run(parent, time)
            run.joined = time
            is_full = len(run.tasks) >= self.limits.tasks
            if is_full or hash(id) in self._gone:
                run.known = False  # it has this task in it, of which nobody will tell
                self._changing(run, run.lose)
            if is_full:
                run = self._new_run(id, time, known=False)
            else:
                self._join(id, run)
        run.touch(time)
        self._tasks[id] = began(
            self.definitions, run, self._tasks, time, fields, agent, user, parent
        )

    def said(self, time: int, task: str, text: str) -> None:
        """Take in what the person said."""
        run = self._run(task, time)
        run.touch(time)
        if self.definitions.has_sources:
            self._changing(run, lambda: run.say(text, time))
            run.texts.settle()

    def called(
        self,
        time: int,
        id: str,
        effect: str,
        capability: str | None,
        request: dict[str, Any],
        own: Own,
        agreed: bool,
    ) -> None:
        """Take in that a call was decided; `own` is what it adds, as `own` gives it, `agreed` whether a person did."""
        task = task_of(request)
        run = None if isinstance(task, Nothing) else self._run(task, time)
        if run is not None:
            run.touch(time)
        self._order += 1
        read_again = kept(request) if self.definitions.asks_again(capability or "") else {}
        found = Recorded(self._order, id, time, effect, capability or "", read_again, run)
        for number, (keys, share) in own.items():
            if not self._of_task[number] or (run is not None and run.known):
                each_keys = keys_of_each(self.definitions.meters[number], keys, request)
                found.shares += [Counted(number, each, share) for each in each_keys]
        self._calls[id] = found
        self._recount(found, time)
        if len(self._calls) > self.limits.calls:
            self._forget(self._calls.popitem(last=False)[1], time)
        if run is not None and does_write(self.definitions, found.capability, effect):
            self._changing(run, lambda: wrote(run, found.capability, request, time))
        if run is not None and agreed and self.definitions.starts(found.capability):
            self._changing(
                run, lambda: agreed_to(run, found.order, found.capability, task, request)
            )

    def became(self, time: int, call: Recorded, outcome: Outcome, result: Any) -> None:
        """Take in what became of a call; `result` is ABSENT, or MALFORMED if it would not read back."""
        call.outcome = outcome
        self._recount(call, time)
        run = call.run
        if run is None or run.is_gone:
            return
        run.touch(time)
        if outcome == "withdrawn":
            run.withdraw(call.order)
        self._changing(
            run,
            lambda: gave(
                self.definitions, run, call.capability, call.request, outcome, result, time
            ),
        )
        run.texts.settle()

    def refused(self, time: int, call: Recorded) -> None:
        """Take in that a person refused a call."""
        call.refused = True
        self._recount(call, time)
        if call.run is not None and not call.run.is_gone:
            call.run.touch(time)

    # --- What is asked ----------------------------------------------------------------------------

    def look(self, request: dict[str, Any]) -> Look:
        """Find the run of a request."""
        task = task_of(request)
        run = None if isinstance(task, Nothing) else self._run_of.get(task)
        name = task if run is None else run.id  # ABSENT or MALFORMED where there is no task
        return Look(request, task, run, scopes_of(request, name, user=self._of_user))

    def own(self, capability: str, look: Look) -> Own:
        """Give what a call would add to the meters that are about it."""
        return own_of(self.definitions, capability, look.request, look.scopes)

    def meters(self, capability: str, look: Look, own: Own, now: int) -> dict[str, Any]:
        """Give what a request says of meters."""
        found = {}
        run = look.run
        for number in self.definitions.needed(capability).meters:
            meter = self.definitions.meters[number]
            wanted = keys_of(meter, look.request, look.scopes, recorded=False)
            if ABSENT in wanted or MALFORMED in wanted:
                continue
            since = -FOREVER
            if self._of_task[number]:
                if not (self._is_whole if run is None else run.known and run.joined <= now):
                    continue
                since = -FOREVER if run is None else run.since
            share = own_share(own.get(number), wanted)
            value = self._tables[number].read(wanted, now, share, since)
            if value:
                found[meter.key] = value
        return found

    def sources(self, capability: str, look: Look, now: int) -> dict[str, list[str]]:
        """Give what a request says of sources: the names of arguments that rules about the call ask about."""
        if not self.definitions.needed(capability).sources or isinstance(look.task, Nothing):
            return {}
        run = look.run
        if run is None:
            if not self._is_whole:
                return {}
            run = Run(look.task, now, True, self.limits)
        task = self._tasks.get(look.task)
        return sources_of(self.definitions, run, task, capability, look.request, now)

    # --- Runs -------------------------------------------------------------------------------------

    def _run(self, task: str, time: int) -> Run:
        """The run of a task, which begins here if nobody started it."""
        run = self._run_of.get(task)
        if run is None:
            return self._new_run(task, time, known=self._is_whole)
        self._runs.move_to_end(run.id)
        return run

    def _new_run(self, task: str, time: int, known: bool) -> Run:
        run = self._runs[task] = Run(task, time, known, self.limits)
        self._join(task, run)
        if len(self._runs) > self.limits.runs:
            self._drop_oldest()
        return run

    def _join(self, task: str, run: Run) -> None:
        run.tasks.append(task)
        self._run_of[task] = run

    def _drop_oldest(self) -> None:
        """Forget a run; what is not started here may from now on be one that was."""
        _, run = self._runs.popitem(last=False)
        run.is_gone = True
        self._is_whole = False
        self._characters -= run.texts.characters
        for task in run.tasks:
            self._run_of.pop(task, None)
            self._tasks.pop(task, None)
            self._gone[hash(task)] = None
            if len(self._gone) > MOST_GONE:
                del self._gone[next(iter(self._gone))]
        for number, keys in run.cells:
            self._tables[number].drop(keys)

    def _changing(self, run: Run, change: Any) -> None:
        """Change the texts of a run, and make room for them."""
        before = run.texts.characters
        change()
        self._characters += run.texts.characters - before
        while self._characters > self.limits.characters and len(self._runs) > 1:
            self._drop_oldest()

    # --- Meters -----------------------------------------------------------------------------------

    def _recount(self, call: Recorded, at: int) -> None:
        """Count a call where what became of it counts from `at` on, and no longer where it does not."""
        run = call.run
        for each in call.shares:
            counts = call.is_what_counts(self.definitions.meters[each.meter])
            if counts is each.counts:
                continue
            each.counts = counts
            table, since = self._tables[each.meter], -FOREVER
            if self._of_task[each.meter] and run is not None:
                if run.is_gone:
                    continue
                run.cells.add((each.meter, each.keys))
                since = run.since
            if counts:
                table.count(each.keys, call.order, call.time, each.share, at, since)
            else:
                table.discount(each.keys, call.order, at)

    def _forget(self, call: Recorded, now: int) -> None:
        """Lose a call: meters that it may count in are unknown until their window has passed it."""
        for each in call.shares:
            gone = self._of_task[each.meter] and call.run is not None and call.run.is_gone
            if not gone and call.time > start_of(self.definitions.meters[each.meter], now):
                self._tables[each.meter].forget(each.keys, call.order, call.time)
