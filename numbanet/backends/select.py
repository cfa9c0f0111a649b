"""Who runs the loops: Numba, else the compiled extension, else the interpreter; chosen at first use, not at import.

Whatever is wrong with one of them leads to the next, with one warning that says why: a Numba that cannot be imported,
and one that can but fails at the first kernel that is not in the cache. What ran until then stays valid, recorded
launches too: compiled code does not go away.
"""

import contextlib
import textwrap
import warnings
from importlib.util import find_spec
from pathlib import Path

from numpy import ndarray

from numbanet.backends.protocol import BackendFailed
from numbanet.backends.python.backend import PythonBackend
from numbanet.core.settings import config
from numbanet.errors import ArgumentError

NO_NUMBA = "Numba is not installed"
NOTHING_COMPILED = "the cache has nothing that Numba compiled; numbanet warmup has it compile"
NOT_BUILT = Path(__file__).parent / "cython" / "not_built.txt"
"""Where setup.py writes why the extension was not built, or not all of it."""


def _numba():
    if find_spec("numba") is None:
        raise ModuleNotFoundError(NO_NUMBA)
    from numbanet.backends.numba.backend import NumbaBackend

    return NumbaBackend()


def _working_numba():
    found = _numba()
    try:
        found.try_out()
    except BackendFailed as failure:
        raise failure.__cause__ from None
    return found


def _cython():
    from numbanet.backends.cython.backend import CythonBackend

    return CythonBackend()


_MAKERS = {"numba": _working_numba, "cython": _cython, "python": PythonBackend}
_HELP = {
    "numba": "install a Numba that works here, or choose auto",
    "cython": "install numbanet again, from a wheel or where there is a C compiler, or choose auto",
}
_CONSEQUENCES = {"cython": "in its compiled extension", "python": "in plain Python, slowly"}

_chosen: dict = {}  # the backend by the value of `config.backend`
_reasons: dict[str, str] = {}
_failures: dict[str, str] = {}  # why those before the one that `auto` chose do not run
_superseded: list = []


def backend():
    """The backend that runs the loops now: chosen at first use, and again when `config.backend` changes."""
    name = config.backend
    return _chosen.get(name) or _start(name)


def backend_reason():
    """Why this backend runs the loops."""
    backend()
    return _reasons[config.backend]


def extension():
    """For which processors the compiled extension that suits this machine was built, or why there is none."""
    try:
        note = _note()
        return _cython().variant + (f" (not built: {note})" if note else "")
    except Exception as error:
        return _why_not("cython", error)


@contextlib.contextmanager
def instead(other):
    """Inside the block another backend runs the loops of the host, in all threads: one that is tried out or counts.

    Parameters
    ----------
    other : Backend
        Its name differs from those in `config.backend`.
    """
    _chosen[other.name], _reasons[other.name] = other, "instead of another"
    try:
        with config._instead(other.name):
            yield other
    finally:
        del _chosen[other.name], _reasons[other.name]


def backend_of(array):
    """The backend that runs loops over an array: that of its device, or the one that runs those of the host."""
    return backend() if type(array) is ndarray else array.device.backend


def call(method, array, *arguments):
    """What a method of the backend of an array returns; that of the next backend, if this one fails.

    Parameters
    ----------
    method : str
        The name of a method of `protocol.Backend`.
    array : numpy.ndarray or DeviceArray
    *arguments
        What the method takes.
    """
    while True:
        chosen = _chosen.get(config.backend) or backend() if type(array) is ndarray else array.device.backend
        try:
            return getattr(chosen, method)(*arguments)
        except BackendFailed as failure:
            _go_on_without(failure)


def run(body, n, operands, cost):
    """`call("run", ...)` on the first operand, 75 ns sooner: every launch goes this way, or the next."""
    array = operands[0]
    while True:
        chosen = _chosen.get(config.backend) or backend() if type(array) is ndarray else array.device.backend
        try:
            chosen.run(body, n, operands, cost)
            return
        except BackendFailed as failure:
            _go_on_without(failure)


def map(body, out, inputs):
    """`call("map", ...)` on the result."""
    while True:
        chosen = _chosen.get(config.backend) or backend() if type(out) is ndarray else out.device.backend
        try:
            chosen.map(body, out, inputs)
            return
        except BackendFailed as failure:
            _go_on_without(failure)


def on_backend(action):
    """What `action(backend)` returns for the backend that runs the loops of the host, or the next one if it fails."""
    while True:
        try:
            return action(backend())
        except BackendFailed as failure:
            _go_on_without(failure)


def _go_on_without(failure):
    """Choose the next backend, unless another thread has.

    Raises
    ------
    ArgumentError
        When the one that failed was asked for by name.
    """
    failed, error = failure.backend, failure.__cause__
    running = _chosen.get(config.backend)  # first: what another thread has replaced by now, it has noted before
    if failed in _superseded:
        return
    if failed is not running:
        raise error  # it does not run the loops
    if config.backend != "auto":
        raise ArgumentError(_forced(failed.name, error, failure.kernel)) from error
    _failures[failed.name] = _why_not(failed.name, error, failure.kernel)
    _superseded.append(failed)
    _chosen.pop("auto", None)
    _choose()


def _start(name):
    if name == "auto":
        return _choose()
    try:
        found = _MAKERS[name]()
    except Exception as error:
        raise ArgumentError(_forced(name, error)) from error
    return _settle(name, found, "asked for")


def _choose():
    """Start the first backend that can be started, apart from those that have failed.

    With nothing compiled by Numba in the cache the extension comes first: it is as fast, and nobody waits for a
    compiler. What it has no twin for, Numba compiles.
    """
    found, name = _instead_of_compiling(), "cython"
    reason = NOTHING_COMPILED
    if found is None:
        for name, make in _MAKERS.items():
            if name not in _failures:
                try:
                    found = make()
                    break
                except Exception as error:  # what is missing, broken or too old must not take numbanet with it
                    _failures[name] = _why_not(name, error)
        reason = "; ".join(_failures.values()) or "Numba can be used"
    normal = name == "numba" or (name == "cython" and reason in (NO_NUMBA, NOTHING_COMPILED))
    kept = _settle("auto", found, reason)
    if kept is found and not normal:
        warnings.warn(f"numbanet runs its loops {_CONSEQUENCES[name]}: {reason}", RuntimeWarning, stacklevel=2)
    return kept


def _instead_of_compiling():
    """The extension, if there is one and Numba is installed, but has nothing in the cache; else None."""
    if _failures or find_spec("numba") is None:
        return None
    try:
        if next(config.cache_dir.glob("*/*.kernel"), None) is not None and _numba().cache.has_kernels():
            return None  # found out first: it takes 11 ms to start the extension
        extension = _cython()
        extension.compile = _NumbaBeside()
        return extension
    except Exception:  # the usual order will tell
        return None


class _NumbaBeside:
    """Compiles bodies that the extension has no twin for: Numba, started at the first of them.

    One that does not work is told of once, in a warning, and not tried again.
    """

    def __init__(self):
        self._numba, self._works = None, True

    def __call__(self, body, key, operands, flat):
        """The compiled kernel, or None: the interpreter runs the body then, and tells what is wrong with it, if it is.

        See `NativeBackend._build` for the parameters.
        """
        if not self._works:
            return None
        try:
            self._numba = self._numba or _numba()
            return self._numba._build(body, key, operands, flat)
        except Exception as error:
            if self._numba is None or not self._numba.can_compile():
                self._works = False
                cause = error.__cause__ if isinstance(error, BackendFailed) else error
                text = f"{_CONSEQUENCES['cython']}, and others in plain Python, slowly: {_why_not('numba', cause)}"
                warnings.warn(f"numbanet runs its loops {text}", RuntimeWarning, stacklevel=2)
            return None


def _settle(name, found, reason):
    """Keep the backend for a value of `config.backend`, the first one if several threads have started one."""
    _reasons[name] = reason
    found = _chosen.setdefault(name, found)
    config.note_running(name, f"{found.description()} ({reason})")
    return found


def _note():
    return NOT_BUILT.read_text(encoding="utf-8").strip() if NOT_BUILT.exists() else ""


def _why_not(name, error, kernel=None):
    text = textwrap.shorten(f"{type(error).__name__}: {error}", 300, placeholder=" ...")
    if name == "numba":
        cannot = f"cannot compile {kernel}" if kernel else "cannot be used"
        return NO_NUMBA if str(error) == NO_NUMBA else f"Numba {cannot} ({text})"
    if name != "cython":
        return f"it cannot be used ({text})"
    return f"the compiled extension cannot be used ({_note() or text})"


def _forced(name, error, kernel=None):
    needed = "mend its body, or choose auto" if kernel else _HELP.get(name, "choose another")
    return f'backend (NUMBANET_BACKEND) is "{name}", but {_why_not(name, error, kernel)}; {needed}'
