"""The files of a bundle that is signed."""

from __future__ import annotations

from engines.rego import bundle_of

from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .policies import POLICY

FILES = {
    name: content.encode("utf-8")
    for name, content in bundle_of(TARGET.emit(POLICY, Options()).files).items()
}
