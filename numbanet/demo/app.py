"""The web application: three files, what the model is, and what it says of a picture, for whoever has the token."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from numbanet.demo.reader import Reader
from numbanet.errors import DependencyError

SIDE = 112
"""Pixels of a picture along each edge, as the page sends it: one byte each, row by row, 255 for ink."""

HOME = Path(__file__).parent
FILES = {
    "/": (HOME / "page" / "page.html", "text/html"),
    "/page.css": (HOME / "page" / "page.css", "text/css"),
    "/page.js": (HOME / "page" / "page.js", "text/javascript"),
    "/network.js": (HOME / "network.js", "text/javascript"),
}
HOSTS = ["127.0.0.1", "localhost"]
"""What the browser may have called this machine. Another name that leads here is somebody else's: DNS rebinding."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer: the page runs nothing but its own files, and tells nobody its address, which has the token in it."""


def check_installed() -> None:
    """Raise a DependencyError if a package is missing that the page needs."""
    try:
        import starlette
        import uvicorn
    except ImportError as error:
        raise DependencyError(
            f"draw needs starlette and uvicorn, which are not there ({error}): python -m pip install starlette uvicorn"
        ) from None
    del starlette, uvicorn


def make_app(reader: Reader, token: str) -> Any:
    """Return the ASGI application that shows what a Reader says.

    The token is the first part of every path. Nothing is kept between requests, and nothing is written to disk.

    Parameters
    ----------
    reader : Reader
    token : str
        Safe in an address, as from `secrets.token_urlsafe`.

    Returns
    -------
    starlette.applications.Starlette

    Raises
    ------
    DependencyError
        When starlette or uvicorn is missing.
    """
    check_installed()
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    def file(path):
        content, kind = FILES[path][0].read_bytes(), FILES[path][1]
        return Route(path, lambda request: Response(content, media_type=kind), methods=["GET"])

    async def model(request):
        return JSONResponse(reader.facts())

    async def answer(request):
        picture = await read_picture(request)
        return JSONResponse(await run_in_threadpool(reader.answer, picture))

    routes = [Route("/model", model, methods=["GET"]), Route("/answer", answer, methods=["POST"])]
    guards = [Middleware(Headers), Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)]
    app = Starlette(routes=[*map(file, FILES), *routes], middleware=[*guards, Middleware(Token, token=token)])
    app.router.redirect_slashes = False  # it would leave out the token
    return app


async def read_picture(request: Any) -> np.ndarray:
    """Return the picture in the body of a request; no more of it is read than a picture has.

    Raises
    ------
    starlette.exceptions.HTTPException
        413 when there are too many bytes, 400 when there are too few.
    """
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect

    body = bytearray()
    with contextlib.suppress(ClientDisconnect):  # a page that is left gets no answer, and no traceback is printed
        async for chunk in request.stream():
            body += chunk
            if len(body) > SIDE * SIDE:
                raise HTTPException(413, f"a picture has {SIDE} x {SIDE} bytes, these are more")
    if len(body) < SIDE * SIDE:
        raise HTTPException(400, f"a picture has {SIDE} x {SIDE} bytes, these are {len(body)}")
    return np.frombuffer(body, np.uint8).reshape(SIDE, SIDE)


class Headers:
    """Adds HEADERS to every answer, refusals included.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one connection."""

        async def send_more(message):
            if message["type"] == "http.response.start":
                more = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        await self.app(scope, receive, send_more)


class Token:
    """Lets requests pass whose path begins with the token, and takes it off; all others get 403.

    Parameters
    ----------
    app : ASGI application
    token : str
    """

    def __init__(self, app: Any, token: str) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one connection. Comparing takes as long for a nearly right token as for any other."""
        from starlette.responses import PlainTextResponse

        if scope["type"] == "lifespan":  # the server starts or ends; nobody asks
            await self.app(scope, receive, send)
            return
        given, slash, rest = scope["path"].removeprefix("/").partition("/")
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            refusal = PlainTextResponse("The address is not the one that numbanet draw has printed.", 403)
            await refusal(scope, receive, send)
        else:
            await self.app({**scope, "path": slash + rest}, receive, send)
