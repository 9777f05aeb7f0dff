"""How what is asked is done: in turns of one thread, each thing once, with its events in the trail.

The thread is `writer.py`; each key (`once.py`) and proof (`proofs.py`) counts once; events are added in
`trail.py`.

Begin with `step.py`, `writer.py`.
"""
