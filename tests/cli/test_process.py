"""The command as a process: exit statuses, streams, start-up, and no traceback whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import agpc
from agpc.cli import table

Process = Callable[..., subprocess.CompletedProcess[bytes]]


def test_version_is_printed_and_nothing_is_loaded_for_it(work: Path) -> None:
    code = (
        "import sys; sys.argv = ['agpc', '--version']\n"
        "from agpc.cli import main\n"
        "status = main()\n"
        "heavy = {'click', 'lark', 'pydantic', 'jinja2', 'typing', 're', 'json', 'dataclasses'}\n"
        "print(status, sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"agpc {agpc.__version__}\n0 []\n"


def test_version_is_found_among_other_options_too(process: Process) -> None:
    ran = process("--version", "check")
    assert (ran.returncode, ran.stdout) == (0, f"agpc {agpc.__version__}\n".encode())


def test_the_console_command_is_the_module(work: Path) -> None:
    console = Path(sys.executable).with_name("agpc")
    if not console.exists():
        pytest.skip("agpc is not installed beside this interpreter")
    ran = subprocess.run([console, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"agpc {agpc.__version__}\n"


@pytest.mark.parametrize("name", sorted(table.COMMANDS))
def test_every_subcommand_of_the_table_loads_and_has_help(process: Process, name: str) -> None:
    ran = process(name, "--help")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert f"Usage: agpc {name}".encode() in ran.stdout


def test_help_loads_no_compiler(work: Path) -> None:
    code = (
        "import sys\nfrom agpc.cli.process import run\nrun(['--help'])\n"
        "heavy = {'lark', 'pydantic', 'jinja2', 'agpc.compiler.check.compiling.compile', 'agpc.targets.registry'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("\n[]\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("unknown",),
        ("check", "--unknown"),
        ("check", "--format", "xml"),
        ("check", "missing.agp"),
        ("decide",),
        ("compile", "--out", "x"),
        ("compile", "--target", ",", "--out", "x"),
        ("compile", "--target", "python", "--out", "x", "--set", "novalue"),
        ("compile", "--target", "python", "--out", "x", "--set", "a=1", "--set", "a=2"),
    ],
)
def test_wrong_usage_is_status_2_with_a_message(
    process: Process, arguments: tuple[str, ...]
) -> None:
    ran = process(*arguments)
    assert ran.returncode == 2
    assert ran.stderr
    assert b"Traceback" not in ran.stderr


def test_an_unexpected_exception_is_one_line_and_status_2(process: Process, policy: Path) -> None:
    code = (
        "import sys, agpc.compiler.check.compiling.compile\n"
        "def broken(*given): raise ValueError('broken \\x1b[31m')\n"
        "agpc.compiler.check.compiling.compile.compile_sources = broken\n"
        "from agpc.cli.process import run\n"
        "sys.exit(run(['check']))"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: internal error: ValueError: broken <U+001B>[31m; ")
    assert ran.stderr.count("\n") == 1
    debug = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "AGPC_DEBUG": "1"}
    )
    assert debug.returncode == 2
    assert "Traceback" in debug.stderr


def test_every_option_is_read_from_the_environment(process: Process, policy: Path) -> None:
    policy.write_text("package shop\nagent x = 1\n")
    ran = process("check", AGPC_CHECK_FORMAT="json")
    assert ran.returncode == 3
    assert ran.stdout.startswith(b'{\n  "diagnostics"')
    assert process("check", AGPC_CHECK_FORMAT="xml").returncode == 2


def options(command: click.Command) -> Iterator[click.Option]:
    """All options of a command and of those below it."""
    yield from (each for each in command.params if isinstance(each, click.Option))
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from options(below)


def test_the_variable_of_every_option_is_made_of_its_long_name() -> None:
    found = [each for each in options(table.agpc) if each.name != "version"]
    assert len(found) > 10
    for option in found:
        (long,) = [name for name in option.opts if name.startswith("--")]
        assert option.name == long.removeprefix("--").replace("-", "_")


def test_the_version_variable_of_a_build_is_no_option(process: Process, policy: Path) -> None:
    assert process("check", AGPC_VERSION="1").stdout == b"1 file: 0 errors, 0 warnings\n"


def test_there_is_no_colour_without_a_terminal(process: Process, policy: Path) -> None:
    policy.write_text("package shop\nagent x = 1\n")
    assert b"\x1b" not in process("check").stderr


def test_colour_is_for_terminals_and_no_color_wins(policy: Path) -> None:
    policy.write_text("package shop\nagent x = 1\n")

    def on_terminal(**env: str) -> bytes:
        ours, theirs = os.openpty()
        clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        with subprocess.Popen(
            [sys.executable, "-m", "agpc", "check"],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env={**clean, "TERM": "xterm", **env},
        ):
            os.close(theirs)
            shown = b""
            while True:
                try:
                    chunk = os.read(ours, 4096)
                except OSError:  # how Linux tells that the other side is closed
                    break
                if not chunk:
                    break
                shown += chunk
        os.close(ours)
        return shown

    assert b"\x1b[1;31merror" in on_terminal()
    assert b"\x1b" not in on_terminal(NO_COLOR="1")
    assert b"\x1b" not in on_terminal(TERM="dumb")


def test_output_is_utf_8_in_every_locale(process: Process, policy: Path) -> None:
    policy.write_text('package shop\nagent x = "ä漢"\n', encoding="utf-8")
    ran = process("check", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert ran.returncode == 3
    assert 'agent x = "ä漢"'.encode() in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("argument", ["check", "--version"])
def test_output_that_cannot_be_written_is_status_2(policy: Path, argument: str) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-c", "import sys, agpc.cli; sys.exit(agpc.cli.main())", argument],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == b"error: cannot read or write the output: No space left on device\n"


def test_a_closed_pipe_ends_the_command_quietly(policy: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "agpc", "decide", "--request", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdout.close()
        running.stdin.write(b"{}\n" * 10)
        running.stdin.close()
        assert running.wait(120) == 141
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_quietly(policy: Path, sent: signal.Signals, status: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "agpc", "decide", "--request", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write(b"{}\n")
        running.stdin.flush()
        assert running.stdout.readline().startswith(b'{"decision": false')
        running.send_signal(sent)
        assert running.wait(120) == status
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_amid_writing_leaves_nothing_beside_the_output(
    policy: Path, work: Path, name: str, status: int
) -> None:
    code = (
        "import os, signal, sys\n"
        f"os.fsync = lambda file: os.kill(os.getpid(), signal.{name})\n"
        "from agpc.cli.process import run\n"
        "sys.exit(run(['compile', '-t', 'python', '-o', 'build']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr.strip()) == (status, b"", b"")
    assert os.listdir(work) == ["shop.agp"]


RESULTS = {
    "help": "--help",
    "version": "--version",
    "help of a command": "decide --help",
    "init": "init new",
    **{
        f"check as {format}": f"check --format {format} --select AGP3"
        for format in ("text", "json", "sarif", "github", "junit")
    },
    "check, findings alone": "check other.agp",
    "fmt": "fmt other.agp",
    "fmt of standard input": "fmt -",
    "fmt --check": "fmt --check other.agp",
    "fmt --diff": "fmt --diff other.agp",
    **{f"test as {format}": f"test shop.agp --format {format}" for format in ("text", "json", "junit")},
    "compile": "compile shop.agp -t ir -o out",
    "compile as json": "compile shop.agp -t ir -o out --format json",
    "decide": "decide shop.agp -r request.json",
    "decide lines": "decide shop.agp -r requests.jsonl",
    "explain": "explain shop.agp -r request.json",
    "who-can": "who-can till.open shop.agp",
    "what-can": "what-can bot shop.agp",
    **{f"matrix as {format}": f"matrix shop.agp --format {format}" for format in ("table", "csv", "html")},
    "import mcp": "import mcp tools.json",
    "bundle sign": "bundle sign bundle -o signed.tgz --key-file key --algorithm HS256",
    "bundle verify": "bundle verify signed --key-file key --algorithm HS256",
}  # fmt: skip


@pytest.fixture
def inputs(policy: Path, work: Path, process: Process) -> Path:
    """What the commands of `RESULTS` read."""
    (work / "other.agp").write_text(policy.read_text().replace("    to bot", "  to bot"))
    (work / "request.json").write_text("{}")
    (work / "requests.jsonl").write_text("{}\n")
    (work / "tools.json").write_text('{"tools": [{"name": "a", "inputSchema": {}}]}')
    (work / "key").write_text("0123456789" * 4)
    (work / "bundle").mkdir()
    (work / "bundle/a.rego").write_text("package a\n")
    (work / "signed").mkdir()
    (work / "signed/a.rego").write_text("package a\n")
    from agpc.targets.rego.signatures import FILE, sign

    text = sign({"a.rego": b"package a\n"}, b"0123456789" * 4, "HS256")
    (work / "signed" / FILE).write_text(text)
    return work


@pytest.mark.parametrize("command", RESULTS)
def test_a_result_that_cannot_be_written_is_told_and_exits_with_2(
    inputs: Path, command: str
) -> None:
    for where in (">&-", ">/dev/full") if Path("/dev/full").exists() else (">&-",):
        if command in ("check as github", "fmt") and "full" in where:
            continue  # nothing to say, or said before
        with (inputs / "shop.agp").open("rb") as policy:
            ran = subprocess.run(
                ["/bin/sh", "-c", f"exec {sys.executable} -m agpc {RESULTS[command]} {where}"],
                stderr=subprocess.PIPE,
                stdin=policy,
                check=False,
            )
        assert ran.returncode == 2, (where, ran)
        assert ran.stderr.splitlines()[-1].startswith(b"error: cannot read or write the output: ")
        shutil.rmtree(inputs / "new", ignore_errors=True)


def test_findings_that_cannot_be_written_exit_with_2(inputs: Path) -> None:
    (inputs / "wrong.agp").write_text("package wrong\nagent a = 1\n")
    ran = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m agpc check wrong.agp 2>&-"],
        stdout=subprocess.PIPE,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, b"")


def test_closed_standard_input_is_told(policy: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m agpc decide --request - <&-"],
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (2, b"error: standard input is closed\n")


def test_start_up_is_close_to_a_bare_interpreter(work: Path) -> None:
    def fastest(*arguments: str) -> float:
        def once() -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            return time.perf_counter() - start

        return min(once() for _ in range(7))

    assert fastest("-m", "agpc", "--version") < fastest("-c", "pass") * 3 + 0.05


def test_the_public_api_is_lazy_and_whole() -> None:
    code = (
        "import sys, agpc\n"
        "print(sorted(each for each in sys.modules if each.startswith('agpc.')))\n"
        "print([name for name in agpc.__all__ if getattr(agpc, name) is None])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n[]\n"
    assert isinstance(agpc, ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = agpc.nothing
