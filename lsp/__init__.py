"""The language server: what an editor shows of policies, over the Language Server Protocol.

It says what `agpc check` says, by the same functions. `snapshot` is one policy set as it was after an edit;
each file in `features` answers one kind of question about it; `server` speaks the protocol.
"""
