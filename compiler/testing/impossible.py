"""What no test can show, which does not count against coverage."""

from __future__ import annotations

from ..analysis.procedure.verdict import Undetermined
from ..garbage import seldom_collected
from .coverage import Coverage
from .witnesses import NoWitness, Witnesses


def note_impossible(coverage: Coverage, witnesses: Witnesses) -> None:
    """Note of what counts and was not shown whether no test can show it, and why.

    What could not be determined counts, as what is possible does.
    """
    with seldom_collected():
        for record in coverage.records:
            for result in [*record.missing()]:
                try:
                    witnesses.check(record.point, result)
                except NoWitness as never:
                    record.never[result] = str(never)
                except Undetermined as undetermined:
                    record.open[result] = str(undetermined)
