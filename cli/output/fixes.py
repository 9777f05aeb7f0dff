"""What `agpc check --fix` did, or would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...compiler.text.counted import counted
from ...compiler.text.visible import visible

if TYPE_CHECKING:
    from ...compiler.check.edits.fixing import Fixed
    from ...compiler.report.source import PolicyFile


def told(made: Iterable[Fixed], files: Iterable[PolicyFile], *, is_done: bool) -> Iterator[str]:
    """A line for each fix, and one for each file."""
    paths = {each.source.name: each.path for each in files}
    for each in made:
        path = visible(paths[each.before.name])
        for one in each.applied:
            span = one.diagnostic.labels[0].span
            place = f"{path}:{span.line}:{span.column}"
            yield f"{place}: {one.diagnostic.code} {visible(one.diagnostic.message)}: {visible(one.fix.title)}"
        what = counted(len(each.applied), "fix", "fixes")
        yield f"{'applied' if is_done else 'would apply'} {what} to {path}"
