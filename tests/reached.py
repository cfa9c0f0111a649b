"""Which tests run which lines of some files, and how long each takes; and runs of those alone, in a fork.

For `tests/mutation.py`: a change can be noticed only by a test that gets to the changed line.
"""

import importlib
import json
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-k", "not 100000 and not grow"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # Hypothesis is loaded before pytest runs
START_SECONDS = 60.0
"""How long imports and the collection of tests may take."""


class Reached:
    """A plugin of pytest's that notes for each test its time, and the lines of some files that it runs.

    Parameters
    ----------
    folder : Path
        Where the package is.
    files : list of str
        Within the package.
    output : Path
        Where {"seconds": {test: s}, "lines": {file: {line: [test, ...]}}} is written at the end.
    """

    def __init__(self, folder, files, output):
        self.files = {str(folder / "numbanet" / file): file for file in files}
        self.output, self.seconds, self.lines = output, {}, {file: {} for file in files}
        self.hits = set()

    def pytest_runtest_setup(self, item):
        """Begin to trace; before the fixtures of the test, which may start threads."""
        self.hits, self.started = set(), time.perf_counter()
        threading.settrace(self._called)
        sys.settrace(self._called)

    def pytest_runtest_logfinish(self, nodeid):
        """The test is over: note what it ran."""
        sys.settrace(None)
        threading.settrace(None)
        self.seconds[nodeid] = time.perf_counter() - self.started
        for path, line in self.hits:
            self.lines[self.files[path]].setdefault(line, []).append(nodeid)

    def pytest_sessionfinish(self):
        """Write down everything."""
        self.output.write_text(json.dumps({"seconds": self.seconds, "lines": self.lines}), "utf-8")

    def _called(self, frame, event, argument):
        if frame.f_code.co_filename not in self.files:
            return None
        return self._line

    def _line(self, frame, event, argument):
        self.hits.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


class Chosen:
    """A plugin of pytest's that runs some tests in this order, and says through a pipe which it begins."""

    def __init__(self, tests, pipe):
        self.tests, self.pipe = tests, pipe

    def pytest_collection_modifyitems(self, items):
        """Leave the chosen tests, if some were."""
        if self.tests is not None:
            found = {item.nodeid: item for item in items}
            items[:] = [found[test] for test in self.tests if test in found]

    def pytest_runtest_logstart(self, nodeid):
        """Tell the parent."""
        os.write(self.pipe, nodeid.encode() + b"\n")


def fingerprint():
    """What kernels depend on here, and in the copies: no file that is compiled is changed there."""
    from numbanet.backends.numba import backend as numba_build

    return numba_build._fingerprint()


def run_in_fork(folder, backend, kernels, arguments, plugin_of, seconds=None):
    """Run pytest in a folder, in a fork of this process.

    Parameters
    ----------
    folder : Path
        A copy of the library and its tests.
    backend : str
        That of the loops.
    kernels : str
        The fingerprint by which compiled kernels are found.
    arguments : list of str
        Of pytest, beside `OPTIONS`.
    plugin_of : callable
        From the end of a pipe that takes the names of tests to a plugin.
    seconds : dict, optional
        How long tests take; one that takes ten seconds and five times as long has failed. No limit if not given.

    Returns
    -------
    bool
        Whether all passed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        _run(folder, backend, kernels, arguments, plugin_of(writing))
    os.close(writing)
    try:
        return _wait(child, reading, seconds)
    finally:
        os.close(reading)


def _wait(child, reading, seconds):
    limit = None if seconds is None else time.monotonic() + START_SECONDS
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        if select.select([reading], [], [], 0.01)[0]:
            told = os.read(reading, 1 << 16).decode().split("\n")
            if seconds is not None and len(told) > 1:
                limit = time.monotonic() + 10 + 5 * seconds.get(told[-2], 1.0)
            elif not told[0]:
                time.sleep(0.01)  # the pipe is closed: the child ends
        if limit is not None and time.monotonic() > limit:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False


def _run(folder, backend, kernels, arguments, plugin):
    """Run tests of a folder in this process, and end it."""
    code = 1
    try:
        import pytest

        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(folder)
        os.environ["NUMBANET_BACKEND"] = backend
        sys.path[:] = [str(folder), *(path for path in sys.path if Path(path).resolve() != ROOT)]
        sys.dont_write_bytecode = True  # which would be taken for that of the next text, written in the same second
        for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "numbanet")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        importlib.import_module("numbanet.backends.numba.backend")._fingerprint = lambda: kernels
        code = pytest.main([*OPTIONS, *arguments], plugins=[plugin])
    finally:
        os._exit(code)
