"""The server: the protocol's messages to the session and to the handlers, and nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.language_server import lsp_method

from .. import __version__
from ..compiler.structs import changed
from .documents import Change
from .handlers.diagnostics import diagnostics
from .positions import chosen
from .registry import Handler, load
from .session import Session
from .stdio import Garbage, Incoming, gone

log = logging.getLogger(__name__)

ENDED = 0
LOST = 1
"""Exit statuses: the client said that it would go, or went without a word."""


class Protocol(LanguageServerProtocol):
    """What pygls does by itself, done with our documents and folders in place of its own."""

    _server: Server

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """Begin."""
        general = params.capabilities.general
        if general is not None:
            general.position_encodings = [chosen(general.position_encodings)]
        self._server.begin(params)
        result = yield from super().lsp_initialize(params)
        return result

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take up a document."""
        self._server.session.open(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Change a document."""
        changes: list[Change] = list(params.content_changes)
        document = params.text_document
        self._server.session.change(document.uri, changes, document.version)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Let go of a document."""
        self._server.session.close(params.text_document.uri)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        """Add folders, and take some away."""
        event = params.event
        self._server.session.change_folders(
            [each.uri for each in event.added or ()], [each.uri for each in event.removed or ()]
        )

    def refuse(self, id: Any, error: JsonRpcException) -> None:
        """Answer a request with an error; None is the id of what nobody could read."""
        told = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": id, "error": told})


class Server(LanguageServer):
    """The language server of agpc."""

    protocol: Protocol

    def __init__(self) -> None:
        """Take up the handlers."""
        super().__init__(
            "agpc",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.session = Session(self._tell)
        self._beside = ThreadPoolExecutor(2, "agpc answers")
        self._state = "new"
        for each in load():
            self._take(each)

    def begin(self, params: types.InitializeParams) -> None:
        """Take up what the client can do."""
        self.session.initialize(params)
        if self.session.able.pulls:
            options = types.DiagnosticOptions(True, False, "agpc")
            method = types.TEXT_DOCUMENT_DIAGNOSTIC
            self._take(Handler(method, diagnostics, options, "document", False))

    # --- handlers ---

    def _take(self, handler: Handler) -> None:
        if handler.about == "command":
            self.command(handler.method)(self._ready(handler))
        else:
            self.feature(handler.method, handler.options)(self._ready(handler))

    def _ready(self, handler: Handler) -> Callable[..., Any]:
        """A handler as pygls calls it: it fails in words alone."""

        def answer(*given: Any) -> Any:
            first, rest = self._first(handler, given)
            return None if first is None else answered(handler, first, rest)

        async def answer_beside(*given: Any) -> Any:
            first, rest = self._first(handler, given)
            if first is None:
                return None
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._beside, answered, handler, first, rest)

        async def answer_later(*given: Any) -> Any:
            found = answer(*given)
            if not callable(found):
                return found
            loop = asyncio.get_running_loop()
            rest = changed(handler, answer=lambda first: found())
            return await loop.run_in_executor(self._beside, answered, rest, None, ())

        if handler.later:
            return answer_later
        return answer_beside if handler.slow else answer

    def _first(self, handler: Handler, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """What a handler is given, and what beside it."""
        if handler.about == "command":
            return self.session, (list(given),)
        if handler.about == "session":
            return self.session, given
        return self.session.here(given[0].text_document.uri), given

    # --- the connection ---

    def _tell(self, method: str, params: Any) -> None:
        """Tell the client something; of what it is asked, nobody waits for the answer."""
        if method in (
            types.WORKSPACE_DIAGNOSTIC_REFRESH,
            types.WORKSPACE_CODE_LENS_REFRESH,
            types.CLIENT_REGISTER_CAPABILITY,
        ):
            self.protocol.send_request(method, params)
        else:
            self.protocol.notify(method, params)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Write it to the log: a client is told of what it asked, and no author of anything else."""
        log.error("%s", error)

    def serve(self, stdin: BinaryIO, stdout: BinaryIO) -> int:
        """Serve a client until it goes, and give the exit status."""
        self.protocol.set_writer(StdoutWriter(stdout))
        return asyncio.run(self._serve(stdin))

    async def _serve(self, stdin: BinaryIO) -> int:
        incoming = Incoming(stdin, self.session.background.hold)
        reading = asyncio.ensure_future(self._read(incoming))
        watching = asyncio.ensure_future(self._client_gone())
        done, others = await asyncio.wait((reading, watching), return_when=asyncio.FIRST_COMPLETED)
        for each in others:
            each.cancel()
        return next(iter(done)).result()

    async def _client_gone(self) -> int:
        """Wait for the end of the client's process."""
        while self.process_id is None:
            await asyncio.sleep(1)
        await gone(self.process_id)
        return LOST

    async def _read(self, incoming: Incoming) -> int:
        """Handle messages until the client goes."""
        while True:
            try:
                body = await incoming.next()
            except Garbage as garbage:
                log.error("%s", garbage)
                return LOST
            if body is None:
                return LOST
            try:
                if not self._handle(body):
                    return ENDED if self._state == "ended" else LOST
            except OSError:  # nobody reads what is said
                return LOST
            if not incoming.is_waiting:
                self.session.rest()

    def _handle(self, body: bytes) -> bool:
        """Handle one message; False where it was the last."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self.protocol.refuse(None, JsonRpcParseError("this is not JSON"))
            return True
        if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
            self.protocol.refuse(None, JsonRpcInvalidRequest("this is no message of JSON-RPC 2.0"))
            return True
        method, id = data.get("method"), data.get("id")
        if method == types.EXIT:
            return False
        wrong = self._wrong(data, method)
        if wrong is None:
            try:
                message = self.protocol.structure_message(data)
            except JsonRpcException as error:
                wrong = error
            else:
                self.protocol.handle_message(message)
                if method == types.INITIALIZE:
                    self._state = "ready"
                elif method == types.SHUTDOWN:
                    self._state = "ended"
                return True
        if "method" in data and id is not None:
            self.protocol.refuse(id, wrong)
        return True

    def _wrong(self, data: dict[str, Any], method: object) -> JsonRpcException | None:
        """Why a message cannot be handled; None where it can."""
        id = data.get("id")
        if "method" not in data:
            known = isinstance(id, str | int) and ("result" in data or "error" in data)
            return None if known else JsonRpcInvalidRequest("this answers nothing")
        if not isinstance(method, str) or (id is not None and not isinstance(id, str | int)):
            return JsonRpcInvalidRequest("a method is a text, and an id is a text or a number")
        if self._state == "ended":
            return JsonRpcInvalidRequest("the server is shutting down")
        if self._state == "new" and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("the server waits for `initialize`")
        if self._state != "new" and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already")
        features = self.protocol.fm
        if method in features.builtin_features or method in features.features:
            return None
        if method == types.CANCEL_REQUEST:
            return None
        return JsonRpcMethodNotFound(f"there is no method `{method[:100]}`")


def answered(handler: Handler, first: Any, rest: tuple[Any, ...]) -> Any:
    """What a handler answers. Raises `JsonRpcException` for what it cannot."""
    try:
        return handler.answer(first, *rest)
    except JsonRpcException:
        raise
    except Exception as error:
        log.exception("%s failed", handler.method)
        said = f"internal error: {type(error).__name__}: {error}; this is a bug in agpc"
        raise JsonRpcInternalError(said) from None
