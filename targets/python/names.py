"""What generated code may name, by the module of the runtime that defines it."""

from __future__ import annotations

RUNTIME_NAMES: dict[str, tuple[str, ...]] = {
    "call": ("Call",),
    "conditions": (
        "Ranges",
        "age",
        "contains_all",
        "contains_any",
        "inside",
        "is_absent",
        "is_under",
        "read_bool",
        "read_json",
        "read_list",
        "read_member",
        "read_or_nothing",
        "read_rank",
        "read_record",
        "read_text",
        "read_texts",
        "subset_of",
    ),
    "facts": (
        "Condition",
        "Facts",
        "Key",
        "Meter",
        "Origin",
        "Part",
        "Place",
        "Read",
        "Shape",
        "Source",
    ),
    "evidence": ("Approval", "StepUp"),
    "glob": ("glob_match", "parse_glob"),
    "rules": ("Allow", "Forbid", "Owner", "Rule"),
    "values": ("read_address", "read_duration", "read_int", "read_number", "read_time"),
    "windows": ("Validity", "Window"),
}
