"""A port of this machine, and the browser."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable

from numbanet.demo.app import make_app
from numbanet.demo.reader import Reader


def serve(reader: Reader, tell: Callable[[str], object], browser: bool = True) -> None:
    """Serve the page on a free port of 127.0.0.1, until Ctrl-C.

    Parameters
    ----------
    reader : Reader
    tell : callable
        Gets the address as soon as the page can be opened.
    browser : bool
        Whether to open it.

    Raises
    ------
    DependencyError
        When starlette or uvicorn is missing.
    """
    token = secrets.token_urlsafe()
    app = make_app(reader, token)
    import uvicorn

    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # a browser that comes before the server waits
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/{token}/"
        tell(address)
        if browser:  # a browser in the terminal comes back when it is left
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
        uvicorn.Server(config).run([listener])
