"""`service.toml`: what is wrong is said with its line and a way out, and what is secret is not said at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.callers import CallerEntry
from agpc.service.config.guard import ChannelEntry, Guarding
from agpc.service.config.limits import Limits
from agpc.service.config.models import TLS, Audit, Loaded, Logging, Reload, Settings, host_and_port
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.config.secrets import SecretError, SecretFrom

CALLER = """
[[callers]]
name = "gate"
roles = ["decide"]
agents = ["spiffe://example.org/**"]
key_sha256 = "{}"
""".format("0" * 64)


def read(tmp_path: Path, text: str, **flags: Any) -> Loaded:
    path = tmp_path / "service.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, flags)


def problems(tmp_path: Path, text: str, **flags: Any) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text, **flags)
    return [each.replace(f"`{tmp_path}/service.toml`", "FILE") for each in error.value.problems]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listn = 'x'", "FILE, line 1: `listn`: there is no such key; did you mean `listen`?"),
        ("\n[limits]\nrat = 1", "FILE, line 3: `limits.rat`: there is no such key; did you mean `rate`?"),
        ("qqq = 1", "FILE, line 1: `qqq`: there is no such key"),
        ("limits.time = 3", 'FILE, line 1: `limits.time`: a duration is written like "30s" or "1h30m"'),
        ("workers = true", "FILE, line 1: `workers`: input should be a valid integer"),
        ("workers = '2'", "FILE, line 1: `workers`: input should be a valid integer"),
        ("[limits]\nrate = 0", "FILE, line 2: `limits.rate`: input should be greater than or equal to 1"),
        ("[tls]\ncert = 'a'", "FILE, line 1: `tls`: `cert` and `key` go together"),
        ("[audit]\nretention = '1h'", 'FILE, line 2: `audit.retention`: this is a day at least, as in "180d"'),
        (CALLER + CALLER, "FILE: two callers are named `gate`"),
        (CALLER.replace("gate", "system"), "FILE, line 2: `callers.0`: `system` is what the service calls itself, or whoever has no key: choose another `name`"),
        (CALLER.replace("agents", "#"), "FILE, line 2: `callers.0`: who may `decide`, `start`, `confirm` or get a `lease` says for which `agents`"),
        (CALLER.replace("key_sha256", "key"), "FILE, line 2: `callers.0.key_sha256`: this key is needed"),
        ("store_key = 'x'", 'FILE, line 1: `store_key`: a secret has a place: `{ file = "PATH" }` or `{ env = "NAME" }`'),
        ("[audit]\nkey = 'x'", 'FILE, line 2: `audit.key`: a secret has a place: `{ file = "PATH" }` or `{ env = "NAME" }`'),
        ("limits = 5", "FILE, line 1: `limits`: this is a table, with keys of its own"),
        ("tls = 'x'", "FILE, line 1: `tls`: this is a table, with keys of its own"),
        ("callers = ['x']", "FILE, line 1: `callers.0`: this is a table, with keys of its own"),
        ("callers = 'x'", "FILE, line 1: `callers`: input should be a list"),
        ("policies = []", "FILE, line 1: `policies`: at least one is needed"),
        ("store = 5", "FILE, line 1: `store`: input should be a valid string"),
        ("= 1", "FILE is not TOML: invalid statement (at line 1, column 1)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(tmp_path, text)


def test_every_problem_is_said_at_once(tmp_path: Path) -> None:
    text = (
        CALLER
        + CALLER.replace("gate", "other").replace("decide", "decid")
        + "[limits]\nrate = 0\nx = 1\n"
    )
    assert len(problems(tmp_path, text)) == 3
    assert any("line 10: `callers.1.roles.0`" in each for each in problems(tmp_path, text))


@pytest.mark.parametrize(
    "pattern",
    ["*", "", "spiffe://a/[b]", "http://a/b", "spiffe://a/**/b", "spiffe://a/b*", "spiffe://a//b"],
)
def test_agents_are_patterns_as_policies_write_them(tmp_path: Path, pattern: str) -> None:
    text = CALLER.replace("spiffe://example.org/**", pattern)
    assert any("line 5: `callers.0.agents.0`" in each for each in problems(tmp_path, text))


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:8080", "[::]:8080", "agp.example.org:8080", "10.0.0.1:80"]
)
def test_without_callers_only_this_machine_is_served(tmp_path: Path, listen: str) -> None:
    assert "without `callers`" in problems(tmp_path, f"listen = '{listen}'")[0]
    assert "in the clear" in problems(tmp_path, f"listen = '{listen}'" + CALLER)[0]
    read(tmp_path, f"listen = '{listen}'{CALLER}[tls]\nelsewhere = true\n")


def test_a_public_url_is_public(tmp_path: Path) -> None:
    assert "without `callers`" in problems(tmp_path, "public_url = 'https://agp.example.org'")[0]
    assert (
        read(tmp_path, "public_url = 'https://agp.example.org/'" + CALLER).settings.public_url
        == "https://agp.example.org"
    )
    for url in (
        "http://agp.example.org",
        "https://a:b@x.org",
        "https://x.org?a",
        "ftp://x.org",
        "x.org",
    ):
        assert problems(tmp_path, f"public_url = '{url}'" + CALLER)


def test_the_command_line_goes_over_the_file(tmp_path: Path) -> None:
    found = read(
        tmp_path, "workers = 3\n[limits]\nrate = 5", workers=2, listen=None, **{"limits.rate": 7}
    )
    assert (found.settings.workers, found.settings.limits.rate) == (2, 7)
    assert problems(tmp_path, "workers = 3", workers=0) == [
        "`--workers`: input should be greater than or equal to 1"
    ]


@pytest.mark.parametrize(
    "url", ["postgresql://ann:S3CRET@db/agpc", "postgresql://db/agpc?password=S3CRET"]
)
def test_a_password_stands_in_no_file(tmp_path: Path, url: str) -> None:
    (said,) = problems(tmp_path, f"store = '{url}'")
    assert "a password stands in no file" in said and "S3CRET" not in said


def test_no_value_is_repeated(tmp_path: Path) -> None:
    text = (
        CALLER.replace("0" * 64, "S3CRET")
        + "store = 'S3CRET'\nlisten = 'S3CRET'\n[audit]\nkey = 'S3CRET'\n"
    )
    assert not any("S3CRET" in each for each in problems(tmp_path, text))


class TestSecrets:
    def test_they_stand_in_a_file_or_in_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "key").write_text("S3CRET\n")
        monkeypatch.setenv("AGPC_TEST_SECRET", "other")
        assert SecretFrom(file="key").read(tmp_path) == b"S3CRET"
        assert SecretFrom(env="AGPC_TEST_SECRET").read_text(tmp_path) == "other"
        assert "S3CRET" not in repr(SecretFrom(file="key")) + str(SecretFrom(file="key"))

    def test_what_is_not_there_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "latin").write_bytes(b"\xff")
        for each in (
            SecretFrom(file="none"),
            SecretFrom(file="empty"),
            SecretFrom(env="AGPC_NONE"),
            SecretFrom(file="."),
        ):
            with pytest.raises(SecretError):
                each.read(tmp_path)
        with pytest.raises(SecretError):
            SecretFrom(file="latin").read_text(tmp_path)

    @pytest.mark.parametrize(
        "table", ["{}", "{file = 'a', env = 'b'}", "{fil = 'a'}", "{file = ''}"]
    )
    def test_a_secret_has_one_place(self, tmp_path: Path, table: str) -> None:
        assert problems(tmp_path, f"store = {table}")


@pytest.mark.parametrize(
    "listen", ["", "8080", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "a:99999", "a b:1", "a:1\n"]
)
def test_what_is_no_place_is_none(listen: str) -> None:
    with pytest.raises(ValueError, match="an address to listen on"):
        host_and_port(listen)


@pytest.mark.parametrize("content", [b"\xff", b"a = " + b"[" * 20_000, b"a = " + b"9" * 5_000])
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "service.toml").write_bytes(content)
    with pytest.raises(ConfigError):
        read_settings(tmp_path / "service.toml", {})
    for path in (tmp_path / "none.toml", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigError):
            read_settings(path, {})


def test_every_key_is_read_somewhere() -> None:
    """A setting that is passed over in silence is one that somebody relies on in vain."""
    root = Path(__file__).parents[3]
    files = [each for layer in ("service", "guard") for each in (root / layer).rglob("*.py")]
    code = "\n".join(each.read_text("utf-8") for each in files if each.parent.name != "config")
    named = [
        name
        for model in (
            Settings,
            TLS,
            CallerEntry,
            Limits,
            Audit,
            Reload,
            Logging,
            Guarding,
            ChannelEntry,
        )
        for name in model.model_fields
    ]
    unread = [each for each in named if not re.search(rf"\.{each}\b", code)]
    assert unread == ["elsewhere"]  # which the models read, where they ask for TLS
