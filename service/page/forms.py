"""Forms: what a browser sends of a page of ours, and nothing that a page of somebody else's makes it send."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

MAX_FORM = 8192


def _is_from_here(request: Request) -> bool:
    """Whether a browser says that a form was on a page of ours, as far as it says anything."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:  # brackets that hold no address
        return False


async def form_in(request: Request, most: int = MAX_FORM) -> dict[str, str] | None:
    """The fields of a small form that was on a page of ours, but for empty ones; None of what is none, or has one twice."""
    if not _is_from_here(request):
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=8
        )
    except ValueError:
        return None
    found = dict(pairs)
    if len(found) < len(pairs):
        return None
    return {name: value for name, value in found.items() if value}
