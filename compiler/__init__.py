"""From source text to the policy IR: parse, resolve, type-check, lower, interpret.

Rooms, and beside them what all rooms use: when garbage is collected (`garbage.py`), dataclasses that load fast
(`structs.py`; `struct_methods.py` has the methods that they copy, `standard_dataclass.py` what `dataclasses`
asks of them), files beside modules (`packaged.py`), work that several processes share (`processes.py`).
"""
