"""Teams whose members come late, never, or lose their processor at any moment: every share is done once, in order."""

import array
import ctypes
import itertools
import os
import subprocess
import sys
import threading
import time
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.python.backend import PythonBackend
from numbanet.backends.select import backend
from numbanet.core import processors
from numbanet.core.settings import Config
from numbanet.errors import ThreadsWarning
from numbanet.kernels import attendance, threads, words
from numbanet.kernels.recording import Launch, Slot
from numbanet.launching import pace, program, walks
from numbanet.training import engine
from tests import thread_work

pytestmark = pytest.mark.needs_compiled("teams walk compiled loops")

LONG = 1e9  # nanoseconds: worth sharing in any case


class Ledger:
    """Launches that write down who did what; `pause(launch, share start)` may sleep, in any thread."""

    def __init__(self, sizes, pause=lambda launch, start: None):
        self.sizes, self.pause = sizes, pause
        self.lock, self.wrong = threading.Lock(), []
        self.done = [np.zeros(n, int) for n in sizes]  # how often each position was computed
        self.numbers = []
        self.others = 0  # shares that were not done by the first thread
        self.me = threading.get_ident()
        self.functions = [self._function(i) for i in range(len(sizes))]

    def _function(self, i):
        from numbanet.kernels.recording import LAUNCH

        def run(block, start, stop):
            start = start or 0
            if start == (stop or 0):  # more members than positions
                return
            before = self.done[i][start:stop].copy()
            step = int(before[0]) + 1
            if any((other < step).any() for other in self.done[:i]) or any(
                (other < step - 1).any() for other in self.done[i + 1 :]
            ):
                self.wrong.append(f"launch {i} began step {step} too early")
            number = ctypes.c_double.from_address(block).value
            if number != 2 * step:
                self.wrong.append(f"launch {i} found {number} in step {step}")
            self.pause(i, start)
            with self.lock:
                self.done[i][start:stop] += 1
                self.others += threading.get_ident() != self.me
            if not np.array_equal(self.done[i][start:stop], before + 1):
                self.wrong.append(f"launch {i}: {start} to {stop} was done twice")

        return LAUNCH(run)

    def program(self):
        launches = []
        for name, (function, n) in enumerate(zip(self.functions, self.sizes, strict=True)):
            block = array.array("q", [0])
            address = ctypes.cast(function, ctypes.c_void_p).value
            launches.append(Launch(str(name), address, block, n, LONG, (), [(0, Slot(2.0, 0, 2.0))]))
        return program.Program(launches, self)

    def run(self, one, steps, first=0):
        """Run a Program; every position must have been computed once per step."""
        one.run(steps, np.arange(first + 1.0, first + steps + 1)[:, None])
        self.check(first + steps)

    def check(self, steps):
        assert not self.wrong, self.wrong[0]
        for done in self.done:
            np.testing.assert_array_equal(done, steps)


@pytest.fixture(autouse=True)
def as_many_as_asked_for(monkeypatch):
    """Teams may be larger than the machine, and whether they pay is not asked."""
    monkeypatch.setattr(import_module("numbanet.core.settings"), "usable_processors", lambda: 1024)
    monkeypatch.setattr(pace, "TRIALS", 0)
    monkeypatch.setattr(threads, "helpers", threads.Helpers())
    for module in (program, walks):
        monkeypatch.setattr(module, "helpers", threads.helpers)


@pytest.fixture
def team(monkeypatch):
    """Sets the number of threads."""
    return lambda count: monkeypatch.setattr(nn.config, "_num_threads", count)


SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=5)


@given(
    sizes=SIZES, steps=st.integers(1, 5), count=st.integers(1, 4),
    pauses=st.dictionaries(st.integers(0, 60), st.sampled_from([0.0, 0.0005, 0.004]), max_size=8),
)  # fmt: skip
def test_every_share_is_done_once_and_in_order(sizes, steps, count, pauses):
    """Whoever sleeps in the middle of whichever share."""
    calls = itertools.count()
    ledger = Ledger(sizes, lambda launch, start: time.sleep(pauses.get(next(calls), 0.0)))
    before, nn.config._num_threads = nn.config.num_threads, count
    try:
        ledger.run(ledger.program(), steps)
    finally:
        nn.config._num_threads = before


@pytest.mark.parametrize("turn", [walks.TURN_NS, 0])
def test_the_interpreter_walks_what_a_build_recorded_that_has_failed(turn, team, monkeypatch):
    """By itself, however many threads there may be."""
    monkeypatch.setattr(walks, "TURN_NS", turn)
    monkeypatch.setattr(program, "on_backend", lambda make: make(PythonBackend()))
    monkeypatch.setattr(walks.Together, "run", None)
    team(3)
    ledger = Ledger([4, 3, 9])
    one = ledger.program()
    ledger.run(one, 5)
    ledger.run(one, 1, first=5)
    ledger.run(one, 1, first=6)
    assert ledger.others == 0


@pytest.mark.parametrize("missing", [(1,), (2,), (1, 2), (1, 2, 3)])
@pytest.mark.parametrize("steps", [1, 6])
def test_members_that_never_come_cost_nothing(missing, steps, team, monkeypatch):
    real, kept = threads.helpers.submit, []

    def submit(function, me):
        if me not in missing:
            return real(function, me)
        kept.append(threading.Lock())
        kept[-1].acquire()
        return kept[-1]

    monkeypatch.setattr(threads.helpers, "submit", submit)
    team(4)
    ledger = Ledger([9, 4, 1, 7])
    one = ledger.program()
    for i in range(3):
        ledger.run(one, steps, first=i * steps)


def test_a_member_that_comes_when_all_is_done_does_nothing(team, monkeypatch):
    """Nor when the same Program runs again meanwhile: a step that is called again and again keeps its memory."""
    real, late = threads.helpers.submit, []

    def submit(function, me):
        late.append((function, me))
        return threading.Lock() if len(late) % 2 else real(lambda _: None, me)

    monkeypatch.setattr(threads.helpers, "submit", submit)
    team(2)
    ledger = Ledger([4, 8])
    one = ledger.program()
    for i in range(6):
        ledger.run(one, 1, first=i)
        for function, me in late:
            function(me)
        ledger.check(i + 1)


def test_a_member_that_comes_in_the_middle_joins(team, monkeypatch):
    started, done = threading.Event(), threading.Event()

    def submit(function, me):
        def come():
            started.wait()
            function(me)
            lock.release()

        lock = threading.Lock()
        lock.acquire()
        threading.Thread(target=come).start()
        return lock

    def pause(launch, start):
        if ledger.done[-1][0] == 2:
            started.set()
        if threading.get_ident() != ledger.me:
            done.set()
        elif (launch, start) == (0, 0) and ledger.done[-1].min() >= 3:
            done.wait(20)  # it will come: this share is taken, the other one of the launch is not

    monkeypatch.setattr(threads.helpers, "submit", submit)
    team(2)
    ledger = Ledger([2, 2, 2], pause)
    ledger.run(ledger.program(), 8)
    assert ledger.others


class TestSentHome:
    def run(self, team, count, steps=4):
        """A team whose helpers sleep in their first share; the sizes of the teams of all turns."""

        def pause(launch, start):
            if threading.get_ident() != ledger.me and ledger.others < count - 1:
                time.sleep(0.03)
            elif threading.get_ident() == ledger.me:
                time.sleep(0.002)  # so that there is time for helpers to come

        ledger = Ledger([count, count], pause)
        team(count)
        ledger.run(ledger.program(), steps)
        return ledger

    @pytest.mark.parametrize("count", [2, 3])
    def test_who_was_waited_for_leaves_and_the_next_teams_are_smaller(self, count, team, monkeypatch):
        monkeypatch.setattr(attendance, "REST", 1e9)
        assert threads.helpers.attendance.expected(count) == count
        self.run(team, count)
        left = threads.helpers.attendance.expected(count)
        assert left < count
        assert left > 1 or self.run(team, count).others == 0

    def test_it_comes_again_when_it_has_rested(self, team, monkeypatch):
        monkeypatch.setattr(attendance, "REST", 0)
        self.run(team, 2)
        assert threads.helpers.attendance.expected(2) == 2
        assert self.run(team, 2).others > 0


class TestAttendance:
    def test_rests_grow_and_shrink(self, monkeypatch):
        now = 100.0
        monkeypatch.setattr(attendance.time, "monotonic", lambda: now)
        one = attendance.Attendance()
        for times in (2, 4, 8):
            one.note(1, 0.004, 0.1)
            assert (one.expected(2), one.expected(1), one.expected(16)) == (1, 1, 15)
            now += 0.004 * attendance.REST * times * 0.99
            assert one.expected(2) == 1
            now += 0.004 * attendance.REST * times * 0.02
            assert one.expected(2) == 2
        for _ in range(3):
            one.note(0, 0.0, 0.1)
        one.note(1, 0.004, 0.1)
        now += 0.004 * attendance.REST * 2.01
        assert one.expected(2) == 2

    def test_rests_end(self, monkeypatch):
        now = 0.0
        monkeypatch.setattr(attendance.time, "monotonic", lambda: now)
        one = attendance.Attendance()
        for _ in range(20):
            one.note(3, 50.0, 100.0)
        now = attendance.MOST
        assert one.expected(4) == 4

    def test_what_may_be_lost_is_a_share_in_the_long_run(self):
        one = attendance.Attendance()
        one.note(0, attendance.ALLOWED, 0.0)
        assert one.allowed == 0
        one.note(0, 0.0, attendance.ALLOWED * words.TOLERANCE / 2)
        assert one.allowed == pytest.approx(attendance.ALLOWED / 2)
        one.note(0, 0.0, 1.0)
        assert one.allowed == attendance.ALLOWED
        one.note(0, 1.0, 0.0)
        one.note(1, 1.0, 1.0)  # a new start after the rest
        assert one.allowed == attendance.ALLOWED


class TestPace:
    """Whether a team pays is measured."""

    @pytest.fixture
    def now(self, monkeypatch):
        monkeypatch.setattr(pace, "TRIALS", 3)
        moment = [100.0]
        monkeypatch.setattr(pace.time, "monotonic", lambda: moment[0])
        return moment

    def trials(self, one, alone, team):
        """Note trials until they are over; in which ways they were."""
        ways = []
        while one.on_trial:
            ways.append(one.together())
            one.note(ways[-1], next(team) if ways[-1] else next(alone))
        return ways

    @pytest.mark.parametrize(
        ("alone", "team", "ways", "pays"),
        [
            ([1.0], [0.5], 2, True),
            ([1.0], [2.0], 2, False),
            ([1.0, 1.0, 1.0], [0.9, 0.9, 0.9], 6, True),
            ([1.0, 1.0, 1.0], [0.97, 0.97, 0.97], 6, False),
            ([1.0, 1.0, 1.0], [1.3, 0.9, 1.1], 6, True),  # two of them were disturbed
            ([1.0, 0.9, 1.0], [1.0, 0.9, 0.9], 6, False),
        ],
    )  # fmt: skip
    def test_the_fastest_trials_decide(self, alone, team, ways, pays, now):
        one = pace.Pace()
        assert self.trials(one, iter(alone), iter(team)) == [False, True] * (ways // 2)
        assert one.together() == pays

    def test_it_is_tried_again_less_and_less_often(self, now):
        one, rests = pace.Pace(), []
        for slower in (2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.5, 0.5):
            self.trials(one, itertools.repeat(1.0), itertools.repeat(slower))
            began = now[0]
            while not one.on_trial:
                assert one.together() == (slower < 1)
                now[0] += pace.FIRST_REST / 4
            rests.append((now[0] - began) / pace.FIRST_REST)
        assert rests == [1, 2, 4, 8, 16, 16, 16, 1, 2]

    def test_what_is_known_outlasts_a_trial_that_was_disturbed(self, now):
        one = pace.Pace()
        self.trials(one, itertools.repeat(1.0), itertools.repeat(0.6))
        now[0] += pace.LONGEST_REST
        self.trials(one, iter([1.0, 1.0, 1.0]), iter([1.8, 0.6, 0.6]))
        assert one.together()
        now[0] += pace.LONGEST_REST
        self.trials(one, iter([1.0, 1.0, 1.0]), iter([1.8, 1.7, 1.8]))
        assert not one.together()

    def test_programs_alike_share_it_and_few_are_kept(self, monkeypatch):
        monkeypatch.setattr(pace, "_paces", {})
        monkeypatch.setattr(pace, "KEPT", 3)
        first = pace.pace_of("a")
        assert pace.pace_of("a") is first
        for key in "bcd":
            pace.pace_of(key)
        assert list(pace._paces) == ["b", "c", "d"]
        assert pace.pace_of("a") is not first

    @pytest.mark.parametrize("quick", [False, True])
    def test_a_program_tries_and_then_goes_the_faster_way(self, quick, now, team, monkeypatch):
        monkeypatch.setattr(pace, "_paces", {})
        monkeypatch.setattr(program, "TRIAL_NS", 2 * LONG)
        monkeypatch.setattr(attendance, "REST", 0)  # whatever else this machine does
        monkeypatch.setattr(walks.Alone, "pace", 1.0)
        monkeypatch.setattr(walks.Together, "pace", 0.5 if quick else 2.0)
        team(2)
        ledger = Ledger([2])
        one, turns, real = ledger.program(), [], program.Program._walk

        def walk(one, team, values):
            turns.append((team, len(values)))
            return real(one, team, values)

        monkeypatch.setattr(program.Program, "_walk", walk)
        ledger.run(one, 9)
        assert turns == [(1, 2), (2, 2), (1 + quick, 5)]
        turns.clear()
        ledger.run(one, 6, first=9)
        assert turns == [(1 + quick, 6)]

    @pytest.mark.parametrize(
        ("steps", "ended", "half", "pace"),
        [(4, 4, 700, 150e-9), (5, 5, 400, 200e-9), (1, 1, 100, 900e-9), (8, 2, 0, 450e-9), (8, 4, 0, 225e-9)],
    )
    def test_paces_are_those_of_the_second_half_if_there_is_one(self, steps, ended, half, pace):
        one = object.__new__(walks.Alone)
        one._steps, one._line = steps, np.zeros(words.LINE, np.int64)
        one._line[[words.BEGAN, words.HALF, words.OVER, words.ENDED]] = 100, half, 1000, ended
        assert one.pace == pytest.approx(pace)


class TestChunks:
    """Launches that are not part of a Program: helpers that keep the launching thread waiting rest as well."""

    def test_who_waits_long_launches_alone(self, team, monkeypatch):
        from numbanet.kernels.recording import LAUNCH

        def run(block, start, stop):
            done[start or 0 : stop] += 1
            if threading.get_ident() == me:
                others.wait(20 if waits else 0)  # until somebody has come
            else:
                others.set()
                time.sleep(0.3)  # longer than a busy machine keeps the launching thread from waiting for it

        team(2)
        done, me, others, waits = np.zeros(64, int), threading.get_ident(), threading.Event(), True
        function = LAUNCH(run)
        monkeypatch.setattr(attendance, "REST", 1e9)
        threads.run_range(function, 0, 64, LONG, backend().chunk_loop)
        assert others.is_set()
        assert threads.helpers.attendance.expected(2) == 1
        others.clear()
        waits = False
        threads.run_range(function, 0, 64, LONG, backend().chunk_loop)
        assert not others.is_set()
        np.testing.assert_array_equal(done, 2)


class TestBytes:
    """Of whole trainings, with members that are late at every turn."""

    @pytest.fixture
    def shared(self, monkeypatch):
        thread_work.share_all(monkeypatch)

    @pytest.mark.parametrize("late", [0.0, 0.0003, 0.002, 60.0])
    def test_they_do_not_depend_on_who_comes(self, late, shared, team, monkeypatch):
        team(1)
        expected = thread_work.fitted()
        real = walks.Together._walk

        def walk(self, me):
            if me and late == 60.0:
                return  # never
            time.sleep(late * me)
            real(self, me)

        monkeypatch.setattr(walks.Together, "_walk", walk)
        team(3)
        for a, b in zip(thread_work.fitted(), expected, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_several_at_once(self, shared, team):
        team(1)
        expected, found = thread_work.fitted(), []
        team(3)
        fits = [threading.Thread(target=lambda: found.append(thread_work.fitted())) for _ in range(4)]
        for fit in fits:
            fit.start()
        for fit in fits:
            fit.join()
        assert len(found) == 4
        for a, b in zip(itertools.chain(*found), expected * 4, strict=True):
            np.testing.assert_array_equal(a, b)


class TestTurns:
    @pytest.mark.parametrize("count", [1, 3])
    def test_python_gets_a_turn_at_the_end_of_a_step(self, count, team, monkeypatch):
        monkeypatch.setattr(walks, "TURN_NS", 1_000_000)
        ledger = Ledger([3, 2], lambda launch, start: time.sleep(0.001))
        turns, real = [], program.Program._turn

        def turn(one, values, steps):
            turns.append(real(one, values, steps))
            ledger.check(sum(turns))
            return turns[-1]

        monkeypatch.setattr(program.Program, "_turn", turn)
        team(count)
        ledger.run(ledger.program(), 5)
        assert turns == [1] * 5

    @pytest.mark.parametrize("count", [1, 2])
    def test_fit_goes_on_where_a_turn_has_ended(self, count, team, monkeypatch):
        """The same weights, losses and random numbers, in more slices."""

        def trained():
            rng, slices = np.random.default_rng(5), []
            model = nn.Sequential([nn.layers.Dense(9, activation="relu"), nn.layers.Dropout(0.5), nn.layers.Dense(3)])
            schedule = nn.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
            model.compile(nn.optimizers.Adam(schedule), "mse", ["mae"])
            targets = np.stack([thread_work.LABELS] * 3, axis=1).astype(np.float32)
            real = engine.Engine._replay
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(engine.Engine, "_replay", lambda *given: slices.append(0) or real(*given))
                found = model.fit(thread_work.X, targets, batch_size=4, epochs=3, verbose=0, rng=rng)
            return [*model.get_weights(), *found.history.values(), rng.random(3)], len(slices)

        expected, few = trained()
        monkeypatch.setattr(walks, "TURN_NS", 1)
        monkeypatch.setattr(walks, "LOOK_NS", 0)
        team(count)
        found, many = trained()
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)
        assert many > 3 * few

    def test_the_clock_is_not_looked_at_in_every_short_step(self):
        assert walks.looking_every(0.0) == walks.LOOK_NS
        assert walks.looking_every(walks.LOOK_NS / 10) == 10
        assert walks.looking_every(10 * walks.LOOK_NS) == 1


def test_ctrl_c_while_the_team_is_called_together(team, monkeypatch):
    """Those who have come end the step that they are in; a second Ctrl-C meanwhile changes nothing."""
    real = threads.helpers.submit

    class Lock:
        def __init__(self, done):
            self.done, self.calls = done, 0

        def acquire(self, **options):
            self.calls += 1
            if self.calls == 1:
                raise KeyboardInterrupt
            return self.done.acquire(**options)

    def submit(function, me):
        if me == 2:
            assert begun.wait(20)
            raise KeyboardInterrupt
        return Lock(real(function, me))

    begun = threading.Event()
    monkeypatch.setattr(threads.helpers, "submit", submit)
    team(3)
    ledger = Ledger([3, 5, 2], lambda launch, start: (begun.set(), time.sleep(0.002)))
    one = ledger.program()
    with pytest.raises(KeyboardInterrupt):
        ledger.run(one, 10**6)
    steps = int(ledger.done[0][0])
    assert 0 < steps < 10**6
    ledger.check(steps)
    monkeypatch.setattr(threads.helpers, "submit", real)
    ledger.run(one, 3, first=steps)


CTRL_C = """
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
BATCH, STEPS = 8, 200_000
x = np.random.default_rng(0).normal(size=(BATCH * STEPS, 20)).astype("f4")
y = (x[:, 0] > 0).astype(int)
def model():
    model = nn.Sequential([nn.layers.Dense(16, activation="relu"), nn.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
def interrupt():
    time.sleep(0.3)
    signal.raise_signal(signal.SIGINT) if os.name == "nt" else os.kill(os.getpid(), signal.SIGINT)
one, other = model(), model()
one.fit(x[:BATCH], y[:BATCH], batch_size=BATCH, verbose=0, rng=0, shuffle=False)
thread = threading.Thread(target=interrupt)
try:
    thread.start()
    one.fit(x[BATCH:], y[BATCH:], batch_size=BATCH, verbose=0, rng=0, shuffle=False, epochs=1000)
except KeyboardInterrupt:
    done = one.optimizer.iterations
thread.join()
left = (done - 1) % (STEPS - 1)
other.fit(x[:BATCH], y[:BATCH], batch_size=BATCH, verbose=0, rng=0, shuffle=False)
epochs = (done - 1) // (STEPS - 1)
if epochs:
    other.fit(x[BATCH:], y[BATCH:], batch_size=BATCH, verbose=0, rng=0, shuffle=False, epochs=epochs)
if left:
    other.fit(x[BATCH : (1 + left) * BATCH], y[BATCH : (1 + left) * BATCH], batch_size=BATCH, verbose=0, rng=0,
              shuffle=False)
same = all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights()))
print(done > 1, same, other.optimizer.iterations == done)
"""


def test_ctrl_c_in_the_middle_of_a_slice_leaves_the_steps_that_were_done():
    done = subprocess.run(
        [sys.executable, "-c", "from tests.thread_work import *\n" + CTRL_C],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBANET_NUM_THREADS": "2"},
    )  # fmt: skip
    assert done.stdout.split() == ["True"] * 3, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_while_a_team_runs(team):
    """In the child the Program, whose team is gone, runs again."""

    def pause(launch, start):
        if launch == 1 and ledger.done[0][0] >= 3 and threading.get_ident() == ledger.me and not forked:
            forked.append(True)  # first: the child runs the same launches, and must not fork as well
            texts.append(thread_work.in_fork(in_child))

    def in_child():
        another = Ledger([5, 4])
        another.run(another.program(), 3)
        before = [done.copy() for done in ledger.done]
        one.run(2, np.zeros((2, 1)))
        same = [np.array_equal(done, old + 2) for done, old in zip(ledger.done, before, strict=True)]
        return f"{same}"

    forked, texts = [], []
    team(3)
    ledger = Ledger([4, 6], pause)
    one = ledger.program()
    ledger.run(one, 200)  # on a busy processor, the others may do whole steps without this thread
    assert texts == ["[True, True]"]


class TestProcessors:
    """num_threads is cut to the processors that the process may use."""

    def files(self, folder, monkeypatch, membership, files):
        (folder / "cgroup").write_text(membership)
        for name, text in files.items():
            path = folder / "mounted" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.setattr(processors, "MEMBERSHIP", folder / "cgroup")
        monkeypatch.setattr(processors, "CGROUPS", folder / "mounted")
        monkeypatch.setattr(processors, "_allowed", lambda: 8)

    V1 = "cpu/docker/0/cpu.cfs_quota_us", "cpu/docker/0/cpu.cfs_period_us"

    @pytest.mark.parametrize(
        ("membership", "files", "count"),
        [
            ("0::/a/b\n", {"a/b/cpu.max": "300000 100000\n"}, 3),
            ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "250000 100000\n"}, 2),  # of a group around it
            ("0::/a/b\n", {"a/b/cpu.max": "400000 100000\n", "cpu.max": "50000 100000\n"}, 1),  # less than one
            ("0::/a/b\n", {"cpu.max": "200000 100000\n"}, 2),  # a container that shows its own group as the outermost
            ("0::/\n", {"cpu.max": "9000000 100000\n"}, 8),
            ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
            ("0::/\n", {"cpu.max": "much\n"}, 8),
            ("0::/\n", {"cpu.max": ""}, 8),
            ("0::/\n", {"cpu.max": "100000 0\n"}, 8),
            ("0::/\n", {}, 8),
            ("", {}, 8),
            ("nonsense\n::\n", {}, 8),
            ("1:name=systemd:/x\n0::/x\n", {"unified/x/cpu.max": "200000 100000"}, 2),
            ("3:cpu,cpuacct:/docker/0\n", dict(zip(V1, ("250000\n", "50000\n"), strict=True)), 5),
            ("3:cpu,cpuacct:/docker/0\n", {name.replace("cpu/", "cpu,cpuacct/", 1): "7" for name in V1}, 1),
            ("3:cpu:/docker/0\n", dict(zip(V1, ("-1\n", "50000\n"), strict=True)), 8),
            ("3:cpuset:/docker/0\n", dict(zip(V1, ("250000\n", "50000\n"), strict=True)), 8),
        ],
    )
    def test_quotas(self, membership, files, count, tmp_path, monkeypatch):
        self.files(tmp_path, monkeypatch, membership, files)
        assert processors.usable_processors() == count

    def test_no_such_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr(processors, "MEMBERSHIP", tmp_path / "none")
        assert 1 <= processors.usable_processors() <= (os.cpu_count() or 1)

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
    def test_affinity(self):
        before = os.sched_getaffinity(0)
        try:
            os.sched_setaffinity(0, {min(before)})
            assert processors.usable_processors() == 1
        finally:
            os.sched_setaffinity(0, before)

    def test_a_system_without_affinity(self, monkeypatch):
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
        monkeypatch.setattr(os, "cpu_count", lambda: None)
        monkeypatch.delattr(os, "process_cpu_count", raising=False)
        assert processors.usable_processors() == 1
        monkeypatch.setattr(os, "process_cpu_count", lambda: 5, raising=False)
        assert processors._allowed() == 5

    @pytest.mark.parametrize("environment", [{}, {"NUMBANET_NUM_THREADS": "64"}])
    def test_one_warning(self, environment, monkeypatch):
        monkeypatch.setattr(import_module("numbanet.core.settings"), "usable_processors", lambda: 2)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            config = Config(environment)
            for count in (1, 2, 64, 3):
                config.num_threads = count
        assert config.num_threads == 2
        assert [one.category for one in caught] == [ThreadsWarning]
        assert "is 64, but this process may use 2 processors: 2 threads are used" in str(caught[0].message)

    def test_as_many_as_there_are_need_no_warning(self, monkeypatch):
        monkeypatch.setattr(import_module("numbanet.core.settings"), "usable_processors", lambda: 2)
        assert Config({}).num_threads == 2
        assert Config({"NUMBANET_NUM_THREADS": "2"}).num_threads == 2
