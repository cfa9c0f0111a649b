"""Every setting of numbanet: read once from the environment, validated, changeable at run time.

| setting | environment variable | meaning |
|---|---|---|
| `config.backend` | `NUMBANET_BACKEND` | `auto`, `numba`, `cython` or `python`: what runs the loops |
| `config.num_threads` | `NUMBANET_NUM_THREADS` | threads that one kernel may use; all processors of the process |
| `config.cache_dir` | `NUMBANET_CACHE_DIR` | where compiled kernels are kept between runs |
| `config.check_replay` | `NUMBANET_CHECK_REPLAY` | whether every replay is compared with the call that it stands for |
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import SupportsIndex

from numbanet.core.processors import usable_processors
from numbanet.errors import ArgumentError, ThreadsWarning

BACKENDS = ("auto", "numba", "cython", "python")


def _default_cache_dir():
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home, as in some containers: kernels are not kept
        home = Path(os.devnull)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = home / "Library" / "Caches"
    else:
        root = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(root) / "numbanet"


backend_changed: list[Callable[[], object]] = []
"""Called when another backend runs the loops than before."""


class Config:
    """The settings, as attributes; assigning one validates it and takes effect at the next operation.

    Raises
    ------
    ArgumentError
        When a value, or the environment variable that it comes from, is not valid.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.config.backend in ("auto", "numba", "cython", "python")
    True
    >>> _ = nn.asarray([1.0, 2.0]) + 1
    >>> nn.config.running  # doctest: +SKIP
    'numba (Numba can be used)'
    """

    __slots__ = ("_backend", "_cache_dir", "_check_replay", "_num_threads", "_running", "_warned")

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        # Not a default: signatures show defaults, and so help and the reference would show the whole environment.
        environment = os.environ if environment is None else environment
        self._running: dict[str, str] = {}
        self._warned = False
        self.backend = environment.get("NUMBANET_BACKEND") or "auto"
        self.num_threads = environment.get("NUMBANET_NUM_THREADS") or usable_processors()
        self.cache_dir = environment.get("NUMBANET_CACHE_DIR") or _default_cache_dir()
        self.check_replay = environment.get("NUMBANET_CHECK_REPLAY") or False

    @property
    def backend(self) -> str:
        """What runs the loops: `auto` (Numba, then the compiled extension, then Python), or one of them by name.

        The names are `numba`, `cython` and `python`. One that cannot be used raises an error at the next operation;
        `auto` goes on to the next one, with a warning.
        """
        return self._backend

    @backend.setter
    def backend(self, name: str) -> None:
        if name not in BACKENDS:
            raise ArgumentError(f"backend (NUMBANET_BACKEND) must be one of {', '.join(BACKENDS)}, got {name!r}")
        self._backend = name
        self._tell()

    @contextlib.contextmanager
    def _instead(self, name: str) -> Iterator[None]:
        """Inside the block `backend` is a name that users cannot set; see `backends.select.instead`."""
        before, self._backend = self._backend, name
        self._tell()
        try:
            yield
        finally:
            self._backend = before
            self._tell()

    def _tell(self) -> None:
        for function in backend_changed:
            function()

    @property
    def running(self) -> str:
        """What runs the loops, and why, as text; the choice is made at the first operation."""
        return self._running.get(self._backend, "nothing yet: it is chosen at the first operation")

    def note_running(self, backend: str, text: str) -> None:
        """Called when the choice for a value of `backend` has been made."""
        self._running[backend] = text
        self._tell()

    @property
    def num_threads(self) -> int:
        """How many threads one kernel may use; results do not depend on it.

        A number above that of the processors that this process may use is reduced to it, with a
        `numbanet.errors.ThreadsWarning` the first time: threads that wait for each other's processors take many times
        as long as a single one. Usable are the processors that the process may run on (its affinity), or fewer where a
        container has a quota, which is rounded down.
        """
        return self._num_threads

    @num_threads.setter
    def num_threads(self, count: SupportsIndex | str) -> None:
        try:
            number = int(count)
        except (TypeError, ValueError):
            number = 0
        if not 1 <= number <= 1024:
            raise ArgumentError(f"num_threads (NUMBANET_NUM_THREADS) must be an integer from 1 to 1024, got {count!r}")
        usable = usable_processors()
        self._num_threads = min(number, usable)
        if number > usable and not self._warned:
            self._warned = True
            text = f"num_threads (NUMBANET_NUM_THREADS) is {number}, but this process may use {usable} processors"
            warnings.warn(f"{text}: {usable} threads are used", ThreadsWarning, stacklevel=2)

    @property
    def cache_dir(self) -> Path:
        """The folder (a `pathlib.Path`) that keeps compiled kernels between runs."""
        return self._cache_dir

    @cache_dir.setter
    def cache_dir(self, path: str | PathLike[str]) -> None:
        self._cache_dir = Path(path).expanduser().absolute()

    @property
    def check_replay(self) -> bool:
        """Whether every step that `nn.function`, `fit`, `evaluate` or `predict` would replay runs both ways.

        The first difference, in results or in what is left behind, raises `errors.ReplayError` with the name of the
        operation that it comes from. Everything is left as one plain call leaves it. It costs more than the plain
        calls: turn it on to look for a function that reads something which replays cannot follow.
        """
        return self._check_replay

    @check_replay.setter
    def check_replay(self, wanted: bool | str) -> None:
        known = {"0": False, "1": True, "False": False, "True": True}
        if str(wanted) not in known:
            raise ArgumentError(f"check_replay (NUMBANET_CHECK_REPLAY) must be a bool, or 0 or 1, got {wanted!r}")
        self._check_replay = known[str(wanted)]

    def __repr__(self) -> str:
        settings = f"num_threads={self.num_threads}, cache_dir={str(self.cache_dir)!r}, running={self.running!r}"
        return f"Config(backend={self.backend!r}, {settings})"


config = Config()
