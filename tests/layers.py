"""Which layers there are, which rooms stand in them, and which of them each may import from."""

from __future__ import annotations

from collections.abc import Mapping

LAYERS = {
    "runtime": set(),
    "monitor": {"runtime"},
    "grammar": set(),
    "compiler": {"grammar", "runtime"},
    "targets": {"compiler", "runtime"},
    "audit": {"grammar", "compiler", "targets", "runtime", "monitor"},
    "service": {"compiler", "targets", "runtime", "monitor"},
    "guard": {"compiler", "targets", "runtime", "monitor", "service"},
    "lsp": {"compiler", "runtime"},
    "cli": {"compiler", "targets", "runtime", "monitor", "service", "guard", "audit", "lsp"},
}
"""The layers, which are the folders at the top, and those that each may import from."""

ROOMS = {
    "text": set(),
    "report": {"text"},
    "syntax": {"text", "report"},
    "format": {"text", "report", "syntax"},
    "ir": {"text", "report"},
    "lowering": {"text", "report", "syntax", "ir"},
    "meaning": {"text", "report", "ir"},
    "analysis": {"text", "report", "ir", "meaning"},
    "replay": {"text", "report", "ir", "meaning", "analysis"},
    "testing": {"text", "report", "format", "ir", "meaning", "analysis"},
    "check": {"text", "report", "syntax", "format", "ir", "lowering", "meaning", "analysis"},
    "telling": {"text", "report", "ir", "meaning", "analysis", "testing", "check"},
    "importers": {"text", "report", "syntax", "format", "ir", "lowering", "check"},
}
"""The rooms of the compiler, and those that each may know. What stands in none of them all may."""
ROOMS_OF_CLI = {
    "input": set(),
    "output": {"input"},
    "report": {"input", "output"},
    "pipeline": {"input", "output"},
    "repl": {"input", "output"},
    "commands": {"input", "output", "report", "pipeline", "repl"},
}
"""The same of the command line."""
ROOMS_OF_THE_CORE = {
    "operations": set(),
    "turns": {"operations"},
    "upkeep": {"operations", "turns"},
    "deciding": {"operations", "turns"},
    "people": {"operations", "turns", "deciding"},
    "approvals": {"operations", "turns", "deciding", "people"},
    "leases": {"operations", "turns", "deciding", "people", "approvals"},
    "tasks": {"operations", "turns", "deciding", "people", "approvals", "leases"},
}
"""The same of the core of the service. What stands in none of them may know all, and none of them knows it."""
ROOMS_OF_HTTP = {
    "contract": set(),
    "telemetry": set(),
    "connections": set(),
    "gate": {"contract", "telemetry", "connections"},
    "endpoints": {"contract", "telemetry", "connections", "gate"},
}
"""The same of its application."""
ROOMS_OF_LOWERING = {
    "names": set(),
    "literals": {"names"},
    "vocabulary": {"names", "literals"},
    "references": {"names", "literals", "vocabulary"},
    "conditions": {"names", "literals", "vocabulary", "references"},
    "rules": {"names", "literals", "vocabulary", "references", "conditions"},
    "scenarios": {"names", "literals", "vocabulary", "references", "conditions", "rules"},
    "uses": {"names", "literals", "vocabulary", "references", "conditions", "rules"},
}
ROOMS_OF_CHECK = {
    "project": set(),
    "compiling": {"project"},
    "review": {"project", "compiling"},
    "edits": {"project", "compiling"},
}
ROOMS_OF_COMMANDS = {
    "writing": set(),
    "asking": set(),
    "releasing": set(),
    "service": set(),
    "guard": {"service"},
}
ROOMS_OF_AUDIT = {
    "reading": set(),
    "known": {"reading"},
    "people": {"reading", "known"},
    "checking": {"reading", "known", "people"},
    "stored": {"reading", "people", "checking"},
}
HOUSES = {
    "cli": ROOMS_OF_CLI,
    "cli/commands": ROOMS_OF_COMMANDS,
    "service/core": ROOMS_OF_THE_CORE,
    "service/http": ROOMS_OF_HTTP,
    "compiler/lowering": ROOMS_OF_LOWERING,
    "compiler/check": ROOMS_OF_CHECK,
    "audit": ROOMS_OF_AUDIT,
}


def order(rooms: Mapping[str, set[str]]) -> str:
    """`a < {b, c} < d`: each room behind all that it knows, and in braces those that do not know one another."""
    groups: list[list[str]] = []
    built: set[str] = set()
    while len(built) < len(rooms):
        ready = [room for room in rooms if room not in built and rooms[room] <= built]
        assert ready, f"a circle of {sorted(rooms.keys() - built)}"
        groups.append(ready)
        built |= set(ready)
    return " < ".join(f"{{{', '.join(each)}}}" if each[1:] else each[0] for each in groups)
