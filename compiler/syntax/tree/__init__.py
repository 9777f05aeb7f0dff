"""The syntax tree: what is written in one `.agp` file, before any name is looked up.

Every node carries its span, which takes no part in comparisons: `parse(format(x)) == parse(x)`.
Comments are kept beside the tree (`File.comments`), since they belong to places and not to nodes.

Begin with `file.py`, `expressions.py`.
"""

from __future__ import annotations

from .bindings import *
from .constraints import *
from .declarations import *
from .expressions import *
from .file import *
from .rules import *
from .tests import *
