"""The messages of `agentgateway.dev.ext_mcp`, by their published names and numbers.

The interface is agentgateway's (`crates/protos/proto/ext_mcp.proto`, Apache-2.0). It is described here once more, as far as
it is spoken, so that nothing has to be generated; a test holds it against the published file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2
from google.protobuf.json_format import MessageToDict

PACKAGE: Final = "agentgateway.dev.ext_mcp"
SERVICE: Final = f"{PACKAGE}.ExtMcp"
Code: TypeAlias = Literal["UNKNOWN", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "INVALID"]
CODES: Final[tuple[Code, ...]] = ("UNKNOWN", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "INVALID")

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: Final = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "Code": _Field.TYPE_ENUM,
}
_NAMES: Final = {"Struct": ".google.protobuf.Struct", "Code": f".{PACKAGE}.AuthorizationError.Code"}
_RESULT: Final = "result"
"""The alternatives of a result: a field whose rule is this is one of them."""
_MESSAGES: Final[Mapping[str, tuple[tuple[int, str, str, str], ...]]] = {
    "McpRequest": (
        (1, "service_names", "repeated", "string"),
        (2, "method", "", "string"),
        (3, "metadata_context", "", "Struct"),
        (4, "mcp_request", "optional", "bytes"),
        (5, "headers", "repeated", "McpHeader"),
    ),
    "McpResponse": (
        (1, "service_names", "repeated", "string"),
        (2, "method", "", "string"),
        (3, "metadata_context", "", "Struct"),
        (4, "mcp_response", "", "bytes"),
    ),
    "McpRequestResult": (
        (1, "pass", _RESULT, "Pass"),
        (2, "mutated", _RESULT, "bytes"),
        (3, "error", _RESULT, "AuthorizationError"),
        (4, "header_mutation", "", "HeaderMutation"),
        (5, "metadata", "", "Struct"),
    ),
    "McpResponseResult": (
        (1, "pass", _RESULT, "Pass"),
        (2, "mutated", _RESULT, "bytes"),
        (3, "error", _RESULT, "AuthorizationError"),
    ),
    "HeaderMutation": (
        (1, "set", "repeated", "McpHeader"),
        (2, "remove", "repeated", "string"),
    ),
    "McpHeader": ((1, "key", "", "string"), (2, "value", "", "bytes")),
    "Pass": (),
    "AuthorizationError": (
        (1, "code", "", "Code"),
        (2, "reason", "", "string"),
        (3, "mcp_error", "optional", "bytes"),
    ),
}


def described() -> Any:
    """Describe the messages."""
    file = descriptor_pb2.FileDescriptorProto(
        name="agpc/ext_mcp.proto",
        package=PACKAGE,
        syntax="proto3",
        dependency=["google/protobuf/struct.proto"],
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(rule == _RESULT for _, _, rule, _ in fields):
            message.oneof_decl.add(name=_RESULT)
        for number, called, rule, type_ in fields:
            _describe(message, number, called, rule, type_)
    error = next(each for each in file.message_type if each.name == "AuthorizationError")
    codes = error.enum_type.add(name="Code")
    for at, code in enumerate(CODES):
        codes.value.add(name=code, number=at)
    return file


def _describe(message: Any, number: int, called: str, rule: str, type_: str) -> None:
    field = message.field.add(name=called, number=number)
    field.label = _Field.LABEL_REPEATED if rule == "repeated" else _Field.LABEL_OPTIONAL
    field.type = _SCALARS.get(type_, _Field.TYPE_MESSAGE)
    if type_ not in ("string", "bytes"):
        field.type_name = _NAMES.get(type_, f".{PACKAGE}.{type_}")
    if rule == _RESULT:
        field.oneof_index = 0
    elif rule == "optional":
        message.oneof_decl.add(name=f"_{called}")
        field.oneof_index = len(message.oneof_decl) - 1
        field.proto3_optional = True


_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
_pool.AddSerializedFile(described().SerializeToString())


def message(name: str) -> Any:
    """Give the class of a message."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))


McpRequest = message("McpRequest")
McpResponse = message("McpResponse")
RequestResult = message("McpRequestResult")
ResponseResult = message("McpResponseResult")


def metadata_of(asked: Any) -> dict[str, Any]:
    """Give what the gateway's settings say of a request or a response."""
    found: dict[str, Any] = MessageToDict(asked.metadata_context)
    return found


def passed(kind: Any, told: Mapping[str, str] | None = None) -> Any:
    """Let something go as it is, and have the gateway keep what is `told` with a request."""
    found = kind()
    getattr(found, "pass").SetInParent()
    for name, value in (told or {}).items():
        found.metadata.fields[name].string_value = value
    return found


def changed(
    kind: Any, content: Mapping[str, Any] | bytes, told: Mapping[str, str] | None = None
) -> Any:
    """Have the gateway put something in its place, and keep what is `told` with a request."""
    whole = content if isinstance(content, bytes) else json.dumps(content).encode()
    found = kind(mutated=whole)
    for name, value in (told or {}).items():
        found.metadata.fields[name].string_value = value
    return found


def refused(kind: Any, code: Code, reason: str) -> Any:
    """Have the gateway answer with an error."""
    found = kind()
    found.error.code = CODES.index(code)
    found.error.reason = reason
    return found
