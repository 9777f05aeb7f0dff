"""The policy IR: what a set of `.agp` files means, with every name resolved and every type known.

Plain immutable data. Names are fully qualified (`finance.ledger`, `finance.reconcile`), and a
capability is `RESOURCE.ACTION`. Every tuple that has no order of its own is sorted, so that equal
policies are equal however their files were arranged. Spans take no part in comparisons.

Begin with `policy.py`, `conditions.py`.
"""

from __future__ import annotations

from .bindings import *
from .conditions import *
from .constraints import *
from .documentation import *
from .facts import *
from .policy import *
from .rules import *
from .tests import *
from .types import *
from .vocabulary import *
