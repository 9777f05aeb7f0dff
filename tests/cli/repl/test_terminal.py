"""The prompt at a real terminal: completion by Tab, history, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from .policy import POLICY, REFUND

PROMPT = "agpc> "
PATIENCE = 30  # seconds, of a machine that does much else


class Terminal:
    """A command at a terminal of its own: what is typed, and what it shows."""

    def __init__(self, directory: Path, *arguments: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        variables = {
            **{key: each for key, each in os.environ.items() if not key.startswith("AGPC_")},
            "TERM": "dumb",
            "HOME": str(directory),
            "XDG_STATE_HOME": str(directory / "state"),
            "INPUTRC": os.devnull,
            **environment,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agpc", "repl", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=directory,
            env=variables,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 -- no other thread runs here
        )
        os.close(slave)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, text: str) -> str:
        """What it shows up to some text."""
        shown = ""
        while text not in shown:
            if not select.select([self._master], [], [], PATIENCE)[0]:
                raise AssertionError(f"{text!r} does not come after {shown!r}")
            try:
                more = os.read(self._master, 65536)
            except OSError:  # which Linux says of a terminal that nobody has open
                more = b""
            assert more, f"it ended without {text!r} after {shown!r}"
            shown += more.decode("utf-8", "replace").replace("\r\n", "\n")
        return shown

    def ask(self, question: str) -> str:
        """What it answers."""
        self.type(f"{question}\n")
        return self.until(f"\n{PROMPT}")

    def leave(self) -> int:
        self.type("\x04")
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "shop.agp").write_text(POLICY)
    return tmp_path


@pytest.fixture
def terminal(directory: Path) -> Iterator[Terminal]:
    found = Terminal(directory, "shop.agp")
    try:
        found.until(PROMPT)
        yield found
    finally:
        found.close()


def test_names_are_completed(terminal: Terminal) -> None:
    terminal.type("who-c\t")
    terminal.until("who-can ")
    terminal.type("till.r\t")
    terminal.until("till.refund ")
    terminal.type("--wi\t")
    terminal.until("--witness ")
    terminal.type("--for se\t")
    terminal.until("sell ")
    terminal.type("\x15")
    assert "shop.bot for shop.sell: conditionally" in terminal.ask("who-can till.refund")


def test_a_request_is_completed_piece_by_piece(terminal: Terminal) -> None:
    for typed, completed in (
        ("dec\t", "decide "),
        ("bo\t", "bot "),
        ("fo\t", "for "),
        ("se\t", "sell "),
        ("ca\t", "call "),
        ("till.r\t", "till.refund("),
        ("amo\t", "amount: "),
        ("40, pai\t", "paid_in: "),
        ("EU\t", "EUR"),
        (", urg\t", "urgent: "),
        ("fal\t", "false"),
    ):
        terminal.type(typed)
        terminal.until(completed)
    terminal.type(")\n")
    assert '"decision": true' in terminal.until(f"\n{PROMPT}")
    assert "+ allow shop.selling.refunding: applies" in terminal.ask("explain")
    terminal.type("show lar\t")
    terminal.until("large_refunds ")
    terminal.type("\n")
    assert "Too much." in terminal.until(f"\n{PROMPT}")


def test_control_c_ends_what_is_typed_and_control_d_the_session(terminal: Terminal) -> None:
    terminal.type("who-can nothing that anybody wants")
    terminal.until("wants")
    terminal.type("\x03")
    terminal.until(PROMPT)
    assert "permit" in terminal.ask("who-can till.open")
    assert "error: there is no question `nonsense`" in terminal.ask("nonsense")
    assert terminal.leave() == 0


def test_control_c_ends_the_question_that_runs(directory: Path) -> None:
    editor = directory / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport time\nprint('editing', flush=True)\ntime.sleep(600)\n"
    )
    editor.chmod(0o755)
    terminal = Terminal(directory, "shop.agp", EDITOR=str(editor), VISUAL="")
    try:
        terminal.until(PROMPT)
        terminal.type("change selling\n")
        terminal.until("editing")
        terminal.type("\x03")
        terminal.until(f"interrupted\n{PROMPT}")
        assert "equivalent" in terminal.ask("diff")
        assert terminal.leave() == 0
    finally:
        terminal.close()


def test_a_rule_is_changed_in_an_editor(directory: Path) -> None:
    editor = directory / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text().replace('<= 50', '<= 90'))\n"
    )
    editor.chmod(0o755)
    terminal = Terminal(directory, "shop.agp", EDITOR=str(editor), VISUAL="")
    try:
        terminal.until(PROMPT)
        assert "more (permit): changed `shop.selling.refunding`" in terminal.ask("change selling")
        assert '"decision": true' in terminal.ask(REFUND.format(60))
        assert "nothing changed" in terminal.ask("change selling")
        assert (directory / "shop.agp").read_text() == POLICY
    finally:
        terminal.close()


def test_the_history_is_kept_for_its_user_without_requests(directory: Path) -> None:
    terminal = Terminal(directory, "shop.agp")
    try:
        terminal.until(PROMPT)
        terminal.ask("who-can till.open")
        terminal.ask(REFUND.format(40))
        terminal.type("\x1b[A\n")
        assert '"decision": true' in terminal.until(f"\n{PROMPT}")
        assert terminal.leave() == 0
    finally:
        terminal.close()
    history = directory / "state" / "agpc" / "repl_history"
    assert history.read_text() == "who-can till.open\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    again = Terminal(directory, "shop.agp")
    try:
        again.until(PROMPT)
        again.type("\x1b[A\n")
        assert "who-can till.open" in again.until(f"\n{PROMPT}")
    finally:
        again.close()


def test_files_that_change_are_told(terminal: Terminal, directory: Path) -> None:
    (directory / "shop.agp").write_text(POLICY.replace("<= 50", "<= 7_000"))
    assert "note: files have changed since they were read" in terminal.ask("who-can till.open")
    assert re.search(r"1 file, \d+ rules", terminal.ask("load"))
    assert "7_000" in terminal.ask("show selling")
