"""The language server: what an editor shows of policies, over the Language Server Protocol.

It says what `agpc check` says, by the same functions. `snapshot` is one policy set as it was after an edit;
each file in `features` answers one kind of question about it; `server` speaks the protocol.

Messages in and out (`stdio.py`), what the client can (`abilities.py`), what is open and which policy set it is
of (`documents.py`, `sets.py`), what is wrong with it (`checking.py`, `diagnostics.py`; `carried.py` for what
was found before the edit), the analysis in its thread (`background.py`), and all of this for one editor
(`session.py`).

Begin with `session.py`, `snapshot.py`.
"""
