"""Who runs the loops: Numba, else the compiled extension, else the interpreter; chosen at first use, not at import.

Whatever is wrong with one of them leads to the next, with one warning that says why: a Numba that cannot be imported,
and one that can but fails at the first kernel that is not in the cache. What ran until then stays valid, recorded
launches too: compiled code does not go away.
"""

import textwrap
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from numbanet.core.settings import config
from numbanet.errors import ArgumentError

NO_NUMBA = "Numba is not installed"
NOTHING_COMPILED = "the cache has nothing that Numba compiled; numbanet warmup has it compile"
NOT_BUILT = Path(__file__).parent / "cython" / "not_built.txt"
"""Where setup.py writes why the extension was not built, or not all of it."""


class Superseded(Exception):
    """The backend has failed at a kernel, and the next one has taken its place: to be asked again."""


def _numba():
    if find_spec("numba") is None:
        raise ModuleNotFoundError(NO_NUMBA)
    from numbanet.backends.numba.build import NumbaBuild

    return NumbaBuild()


def _working_numba():
    found = _numba()
    found.try_out()
    return found


def _cython():
    from numbanet.backends.cython.build import ExtensionBuild

    return ExtensionBuild()


def _python():
    from numbanet.backends.python.build import PythonBuild

    return PythonBuild()


_MAKERS = {"numba": _working_numba, "cython": _cython, "python": _python}
_HELP = {
    "numba": "install a Numba that works here, or choose auto",
    "cython": "install numbanet again, from a wheel or where there is a C compiler, or choose auto",
}
_CONSEQUENCES = {"cython": "in its compiled extension", "python": "in plain Python, slowly"}

_chosen: dict = {}  # the build by the value of `config.backend`
_reasons: dict[str, str] = {}
_failures: dict[str, str] = {}  # why those before the one that `auto` chose do not run
_superseded: list = []


def backend():
    """The build that runs the loops now: chosen at first use, and again when `config.backend` changes."""
    name = config.backend
    return _chosen.get(name) or _start(name)


def backend_reason():
    """Why this build runs the loops."""
    backend()
    return _reasons[config.backend]


def described(build):
    """A build's name, and for which processors it was compiled if it was so ahead of time."""
    variant = getattr(build, "variant", None)
    return f"{build.name} {variant}" if variant else build.name


def extension():
    """For which processors the compiled extension that suits this machine was built, or why there is none."""
    try:
        note = _note()
        return _cython().variant + (f" (not built: {note})" if note else "")
    except Exception as error:
        return _why_not("cython", error)


def on_backend(action):
    """What `action(build)` returns, for the build that runs the loops, or for the next one if that fails."""
    while True:
        try:
            return action(backend())
        except Superseded:
            pass


def give_up(build, error):
    """Called by a build that cannot make a kernel, with the reason: raises `Superseded` if there is a next one.

    Raises
    ------
    ArgumentError
        When this build was asked for by name.
    """
    if build in _superseded:  # another thread came first
        raise Superseded from error
    if build is _chosen.get(config.backend):
        if config.backend != "auto":
            raise ArgumentError(_forced(build.name, error)) from error
        _failures[build.name] = _why_not(build.name, error)
        _superseded.append(build)
        del _chosen["auto"]
        _choose()
        raise Superseded from error
    raise error  # it is just being started


def _start(name):
    if name == "auto":
        return _choose()
    try:
        found = _MAKERS[name]()
    except Exception as error:
        raise ArgumentError(_forced(name, error)) from error
    return _settle(name, found, "asked for")


def _choose():
    """Start the first build that can be started, apart from those that have failed.

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
        extension = _cython()
        if next(config.cache_dir.glob("*/*.kernel"), None) is None or not _numba().cache.has_kernels():
            extension.compiler = cache(_numba)
            return extension
    except Exception:  # the usual order will tell
        return None
    return None


def warn_of_no_compiler(error):
    """Called when the extension runs, and Numba cannot be started for a body that has no twin in it."""
    text = f"{_CONSEQUENCES['cython']}, and others in plain Python, slowly: {_why_not('numba', error)}"
    warnings.warn(f"numbanet runs its loops {text}", RuntimeWarning, stacklevel=2)


def _settle(name, found, reason):
    """Keep the build for a value of `config.backend`, the first one if several threads have started one."""
    _reasons[name] = reason
    found = _chosen.setdefault(name, found)
    config.note_running(name, f"{described(found)} ({reason})")
    return found


def _note():
    return NOT_BUILT.read_text(encoding="utf-8").strip() if NOT_BUILT.exists() else ""


def _why_not(name, error):
    text = textwrap.shorten(f"{type(error).__name__}: {error}", 300, placeholder=" ...")
    if name == "numba":
        return NO_NUMBA if str(error) == NO_NUMBA else f"Numba cannot be used ({text})"
    return f"the compiled extension cannot be used ({_note() or text})"


def _forced(name, error):
    return f'backend (NUMBANET_BACKEND) is "{name}", but {_why_not(name, error)}; {_HELP[name]}'
