"""Files that more than one policy set speaks of."""

from __future__ import annotations

import pytest

from lsp.editor import ANALYSIS, Editor
from lsp.policies import SMALL

pytestmark = pytest.mark.asyncio

USES = SMALL.replace("package shop", "package shop\nuse common")
COMMON = 'language 2\npackage common\nset s = ["a"]\n'
TWO = """
[[set]]
name = "one"
paths = ["one", "common"]

[[set]]
name = "two"
paths = ["two", "common"]
"""


async def test_a_file_of_two_sets_is_in_both_while_it_is_open_and_the_settings_are_told(
    editor: Editor,
) -> None:
    toml = editor.write("agpc.toml", TWO)
    common = editor.write("common/c.agp", COMMON)
    editor.write("one/a.agp", USES)
    editor.write("two/a.agp", USES)
    one, two = editor.open("one/a.agp"), editor.open("two/a.agp")
    await editor.until(lambda: editor.codes(one, ANALYSIS) and editor.codes(two, ANALYSIS))
    [said] = editor.diagnostics(toml)
    assert said.message.startswith("`agpc.toml`: `common/c.agp` is in two sets, `one` and `two`: ")
    assert said.range.start.line == 6
    editor.open("common/c.agp")
    editor.write_over(common, COMMON.replace("common", "elsewhere"))
    await editor.until(
        lambda: [editor.codes(each, "agpc") for each in (one, two)] == [["AGP1103"]] * 2
    )
    editor.write_over(common, COMMON)
    await editor.until(lambda: [editor.codes(each, "agpc") for each in (one, two)] == [[], []])
    assert len(editor.diagnostics(toml)) == 1
    editor.write("agpc.toml", TWO.replace('["two", "common"]', '["two"]'))
    editor.changed_on_disk(toml)
    await editor.until(lambda: editor.codes(two, "agpc") == ["AGP1103"])
    await editor.until(lambda: not editor.diagnostics(toml))
    assert editor.codes(one, "agpc") == []


def said_of(editor: Editor, toml: str) -> set[str]:
    """The baselines that something is said of, each once."""
    messages = [each.message for each in editor.diagnostics(toml)]
    found = [name for name in ("one.json", "two.json") for each in messages if name in each]
    assert len(found) == len(messages)
    return set(found)


async def test_what_one_set_says_of_the_settings_stays_when_another_goes(editor: Editor) -> None:
    """A baseline that is not there is told of at the settings by each set that they judge."""
    toml = editor.write(
        "agpc.toml",
        "".join(
            f'[[set]]\nname = "{each}"\npaths = ["{each}"]\nbaseline = "{each}.json"\n'
            for each in ("one", "two")
        ),
    )
    for each in ("one", "two"):
        editor.write(f"{each}/a.agp", SMALL)
    one, two = editor.open("one/a.agp"), editor.open("two/a.agp")
    await editor.until(lambda: editor.codes(one, ANALYSIS) and editor.codes(two, ANALYSIS))
    await editor.until(lambda: said_of(editor, toml) == {"one.json", "two.json"})
    (editor.folder / "one" / "a.agp").unlink()
    editor.changed_on_disk(one)
    editor.close(one)
    await editor.until(lambda: editor.codes(one) == [] and said_of(editor, toml) == {"two.json"})
