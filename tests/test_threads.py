"""Threads: from wherever kernels are launched, and whoever helps, the bytes are the same and nothing waits for ever.

What could hang runs in a process of its own, with a limit. The processes share nothing but `thread_work.work`, whose
digest must be the same in all of them.
"""

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.core.settings import config
from numbanet.kernels import threads
from numbanet.launching import program
from numbanet.launching.launch import Kernel
from numbanet.loops import functions
from tests import thread_work

pytestmark = pytest.mark.needs_compiled("launches are split")

METHODS = multiprocessing.get_all_start_methods()
needs_fork = pytest.mark.skipif("fork" not in METHODS, reason="this system has no fork")


@pytest.fixture(autouse=True)
def everything_is_shared(monkeypatch):
    """Every launch is worth splitting."""
    thread_work.share_all(monkeypatch)


@pytest.fixture
def tiny_shares(monkeypatch):
    """Between three threads."""
    monkeypatch.setattr(config, "_num_threads", 3)


@pytest.fixture(scope="module")
def expected():
    """The digest that one thread comes to."""
    before, config.num_threads = config.num_threads, 1
    yield thread_work.work()
    config.num_threads = before


def run(code, count="2"):
    """The lines that a script prints, in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.thread_work import *\n" + code],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBANET_NUM_THREADS": count},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.split()


class TestChunks:
    @given(st.integers(1, 10**7), st.integers(2, 64), st.integers(1, 10**6))
    def test_they_cover_the_range_and_are_few(self, n, count, least):
        edges = threads._edges(n, count, least)
        sizes = np.diff(edges)
        assert (edges[0], edges[-1]) == (0, n)
        assert (sizes >= 1).all()
        assert (sizes[:-1] >= min(least, n)).all()
        assert len(sizes) <= 2 * count * (1 + np.log(n)) + 2 * count

    @given(st.integers(1, 3000), st.integers(1, 9))
    def test_every_position_is_computed_once(self, n, count):
        def run_share(block, start, stop):
            done[start:stop] += 1

        function, done = launch_type()(run_share), np.zeros(n, int)
        before, threads.SPLIT_NS, threads.CHUNK_NS = (config.num_threads, threads.SPLIT_NS, threads.CHUNK_NS), 1, 1
        try:
            config.num_threads = count
            threads.run_range(function, 0, n, 1.0, backend().chunk_loop)
        finally:
            config.num_threads, threads.SPLIT_NS, threads.CHUNK_NS = before
        np.testing.assert_array_equal(done, 1)

    def test_nobody_waits_for_helpers_that_are_busy(self, tiny_shares):
        released = threading.Event()
        threads.helpers.available(2)
        for _ in range(threads.helpers.count):
            threads.helpers.submit(released.wait, 60)
        try:
            results = [np.asarray(x) for x in thread_work.eager()]
            assert not released.is_set()
        finally:
            released.set()
        for a, b in zip(results, thread_work.eager(), strict=True):
            np.testing.assert_array_equal(a, np.asarray(b))

    @pytest.mark.parametrize("calls", [1, 2])
    def test_ctrl_c_leaves_no_helper_in_the_operands(self, calls, tiny_shares, interrupted):
        x = np.linspace(-4, 4, 100_000, dtype=np.float32)
        out = np.empty_like(x)
        kernel = Kernel(functions.tanh)
        interrupted(calls)
        with pytest.raises(KeyboardInterrupt):
            kernel(x.size, x, out)
        np.testing.assert_array_equal(out, np.asarray(nn.tanh(x)))


def launch_type():
    from numbanet.kernels.recording import LAUNCH

    return LAUNCH


@pytest.fixture
def interrupted(monkeypatch):
    """Call it with n, and submitting work to a helper for the n-th time raises KeyboardInterrupt, once."""
    real, count = threads.helpers.submit, 0

    def after(calls):
        def submit(*work):
            nonlocal count
            count += 1
            if count == calls:
                raise KeyboardInterrupt
            return real(*work)

        monkeypatch.setattr(threads.helpers, "submit", submit)

    return after


class TestTeams:
    @pytest.mark.parametrize("calls", [1, 2])
    def test_a_team_that_will_not_be_complete_goes_home(self, calls, tiny_shares, interrupted):
        """Ctrl-C after the first helper has started must not leave it waiting for ever."""
        model = nn.Sequential([nn.layers.Dense(8, "relu"), nn.layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(thread_work.X, thread_work.LABELS, verbose=0)
        interrupted(calls)
        with pytest.raises(KeyboardInterrupt):
            model.explanation.steps[0].program.run(2, model.optimizer.numbers_of_steps(1, 2))
        model.fit(thread_work.X, thread_work.LABELS, verbose=0)  # helpers and team are free again
        assert threads.helpers.team.acquire(blocking=False)
        threads.helpers.team.release()

    def test_a_second_team_is_one_thread(self, tiny_shares):
        weights = thread_work.fitted()
        with threads.helpers.team:
            for a, b in zip(thread_work.fitted(), weights, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_any_number_of_threads_gives_the_same_bytes(count, expected, tiny_shares):
    config.num_threads = count
    assert thread_work.work() == expected


def test_a_system_without_threads(expected, tiny_shares, monkeypatch):
    """Where no thread can be had, the launching one does all the work."""

    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "helpers", threads.Helpers())
    monkeypatch.setattr(program, "helpers", threads.helpers)
    monkeypatch.setattr(threading.Thread, "start", start)
    assert thread_work.work() == expected
    assert threads.helpers.count == 0


THREADS = """
import itertools, threading
results, started = [], threading.Barrier(7)
def first_use():
    started.wait()
    results.append(work())
def failing():
    started.wait()
    for _ in range(20):
        try:
            nn.dot(X, X)
        except nn.errors.ShapeError:
            results.append("refused")
everyone = [threading.Thread(target=first_use, daemon=i % 2) for i in range(5)] + [threading.Thread(target=failing)]
for thread in everyone: thread.start()
started.wait()
for count in itertools.cycle([1, 2, 3, 16]):
    nn.config.num_threads = count
    if not any(thread.is_alive() for thread in everyone):
        break
    everyone[0].join(0.001)
print(*results)
"""


def test_first_use_from_threads_at_once(expected):
    """While one of them raises, and the main thread changes the number of threads."""
    assert sorted(run(THREADS)) == sorted([expected] * 5 + ["refused"] * 20)


def test_thread_pool(expected):
    code = "from concurrent.futures import ThreadPoolExecutor\nprint(*ThreadPoolExecutor(4).map(work, range(8)))"
    assert run(code, "16") == [expected] * 8


PROCESSES = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
print(work())
with ProcessPoolExecutor({workers}, mp_context=multiprocessing.get_context({method!r})) as pool:
    print(*pool.map({function}, range(2)))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes(method, expected):
    if method not in METHODS:
        pytest.skip(f"this system has no {method}")
    assert run(PROCESSES.format(workers=1, method=method, function="work")) == [expected] * 3


@needs_fork
def test_forks_of_forks(expected):
    """A child has none of its parent's threads, and makes its own; its own children do the same."""
    code = "def forked(_): return work() + ' ' + in_fork(work)\n"
    assert run(code + PROCESSES.format(workers=2, method="fork", function="forked"), "3") == [expected] * 5


FORK_AMID = """
import threading
from numbanet.launching.launch import Kernel
def compiling():
    text = "def body(x, out, start, stop):\\n    for i in range(start, stop):\\n        out[i] = x[i]"
    exec(text, space := {"__name__": "elsewhere"})
    Kernel(space["body"])(1, X[0, :1], np.empty(1, "f4"))
def child():
    compiling()
    return work()
def for_ever(function):
    while not ended.is_set():
        function()
print(work())
ended = threading.Event()
others = [threading.Thread(target=for_ever, args=(function,)) for function in (compiling, work)]
for thread in others: thread.start()
print(*[in_fork(child) for _ in range(6)])
ended.set()
for thread in others: thread.join()
"""


@needs_fork
def test_fork_while_others_train_and_compile(expected):
    assert run(FORK_AMID) == [expected] * 7


def test_joblib(expected):
    pytest.importorskip("joblib", reason="joblib is not installed: it is in the extra test")
    code = """
from joblib import Parallel, delayed
print(work())
for backend in ("loky", "threading"):
    print(*Parallel(2, backend=backend)(delayed(work)(i) for i in range(2)))
"""
    assert run(code) == [expected] * 5


TORCH = """
import threading, torch
torch.set_num_threads(2)
matrix = torch.rand(400, 400)
def both():
    before = matrix @ matrix + matrix.exp()
    results.append(work())
    results.append("same" if torch.equal(matrix @ matrix + matrix.exp(), before) else "other")
results = []
both()
threads = [threading.Thread(target=both) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*results)
if hasattr(os, "fork"):
    print(in_fork(work))
"""


def test_beside_pytorch(expected):
    """Its OpenMP threads and ours at once, from several threads; a forked child uses ours."""
    pytest.importorskip("torch", reason="PyTorch is not installed: no dependency, not even of the tests")
    found = run(TORCH)
    assert sorted(found) == sorted([expected] * (4 + hasattr(os, "fork")) + ["same"] * 4)


EXIT = """
import atexit, threading, time
def for_ever():
    while True:
        eager()
def later():
    threading.main_thread().join()
    print(work(), flush=True)
atexit.register(lambda: print(work(), flush=True))
print(work(), flush=True)
threading.Thread(target=for_ever, daemon=True).start()
threading.Thread(target=later).start()
"""


def test_exit_while_threads_are_at_work(expected):
    """Helpers wait, a daemon thread launches on, another thread outlives the main one, and work is done `atexit`."""
    assert run(EXIT) == [expected] * 3


CTRL_C = """
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
def interrupt(after):
    time.sleep(after)
    signal.raise_signal(signal.SIGINT) if os.name == "nt" else os.kill(os.getpid(), signal.SIGINT)
work()
for function in (eager, lambda: fitted(epochs=10_000)):
    for i in range(8):
        thread = threading.Thread(target=interrupt, args=(0.02 + 0.003 * i,))
        try:
            thread.start()
            while True:
                function()
        except KeyboardInterrupt:
            pass
        thread.join()
print(work())
"""


def test_ctrl_c(expected):
    """During launches that are split, and during `fit`; afterwards all goes on."""
    assert run(CTRL_C) == [expected]
