"""What generated code may name, by the module of the library that defines it."""

from __future__ import annotations

LIBRARY_NAMES: dict[str, tuple[str, ...]] = {
    "addresses": ("Ranges", "readAddress"),
    "evidence": ("Approval", "Confirmation", "StepUp"),
    "glob": ("ANY", "ONE", "globMatch"),
    "hosts": (
        "isBelow",
        "readDomain",
        "readEmail",
        "readEmailDomain",
        "readHost",
        "readUrl",
        "readUrlHost",
        "readUrlPath",
        "readUrlPort",
        "readUrlQuery",
        "readUrlScheme",
    ),
    "rules": ("Allow", "Forbid"),
    "times": ("age", "readDate", "readDuration", "readTime"),
    "values": (
        "containsAll",
        "containsAny",
        "inside",
        "isAbsent",
        "isUnder",
        "readBool",
        "readInt",
        "readJson",
        "readList",
        "readMember",
        "readNumber",
        "readOrNothing",
        "readRank",
        "readRecord",
        "readText",
        "readTexts",
        "subsetOf",
    ),
    "windows": ("Validity", "Window"),
}
