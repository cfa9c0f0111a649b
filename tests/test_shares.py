"""Sharing a step out to a team: every position once, and a meeting wherever one member needs what another wrote."""

import array
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.kernels.recording import Launch
from numbanet.launching import pace, program, shares
from numbanet.launching.reach import Memory
from numbanet.launching.shares import shared_out

NS = 1500.0
MEMORY = np.zeros(400)


def launch(number, reads, writes, n=10, cost=1.0, body="numbanet.loops.arithmetic.add"):
    """A launch whose function is its number, and which writes to the last of its arrays."""
    return Launch(body.rpartition(".")[2], number, array.array("q", [0]), n, cost, (*reads, writes), [], body)


@st.composite
def steps(draw):
    """Launches over parts of one memory, some of them long, some of them unknown."""
    made = []
    for number in range(draw(st.integers(1, 14))):
        length = draw(st.sampled_from([5, 40, 80]))
        parts = [
            MEMORY[(at := 40 * draw(st.integers(0, 8))) : at + draw(st.sampled_from([length, length, length, 7]))]
            for _ in range(3)
        ]
        body = draw(st.sampled_from(["numbanet.loops.arithmetic.add", "numbanet.loops.optimizers.adam", "mine.add"]))
        n = draw(st.sampled_from([length, length, 33]))
        one = launch(number, parts[:2], parts[2], n, draw(st.sampled_from([1.0, 1e4])), body)
        if draw(st.integers(0, 9)) == 0:
            one.keep = ()
        made.append(one)
    return made


def cells(one, start, stop):
    """What positions of a launch touch, and what they may write, as sets of places in the memory."""
    touched = []
    for x in one.keep:
        places = range(at := (x.ctypes.data - MEMORY.ctypes.data) // 8, at + len(x))
        own = one.body.startswith("numbanet.") and len(x) == one.n
        touched.append(set(places[start:stop] if own else places))
    if not touched:
        return set(range(len(MEMORY))), set(range(len(MEMORY)))
    all_of_them = set().union(*touched)
    return all_of_them, touched[-1] if one.body.endswith("arithmetic.add") else all_of_them


@given(steps(), st.integers(1, 4))
def test_every_position_once_and_in_order_where_that_counts(launches, team):
    pieces, items = shared_out(launches, team, NS)
    assert items.shape[1] == team + 2
    done, placed = [np.zeros(one.n, int) for one in launches], []
    for at, row in enumerate(items.tolist()):
        count, ends = row[0], row[1:]
        assert 1 <= count <= team
        assert ends == sorted(ends)
        assert all(end == ends[count] for end in ends[count:])  # nothing is left over for more members
        assert all(ends[share] < ends[share + 1] for share in range(count))
        for share in range(count):
            for p in range(ends[share], ends[share + 1]):
                number, _, start, stop = pieces[p].tolist()
                done[number][start:stop] += 1
                placed.append((number, at, share, p, cells(launches[number], start, stop)))
    assert all((times == 1).all() for times in done)
    for number, at, share, p, (touched, written) in placed:
        for other, later, whose, q, (others, changed) in placed:
            if number < other and (written & others or touched & changed):
                assert at < later or (at == later and share == whose and p < q)


@pytest.mark.parametrize("team", [2, 3])
def test_parts_that_follow_from_each_other_stay_with_one_member(team):
    """Nobody waits in a chain of rows, and what needs all of them goes later than what does not."""
    rows = np.zeros((5, 96, 4))
    half = np.zeros(1)
    names = ["arithmetic.exp", "arithmetic.add", "softmax.softmax"]
    chain = [
        launch(i, [rows[i].ravel() if i < 2 else rows[i]], rows[i + 1].ravel() if i < 2 else rows[i + 1],
               384 if i < 2 else 96, 100.0, f"numbanet.loops.{names[i]}")
        for i in range(3)
    ]  # fmt: skip
    total = launch(3, [rows[1]], half, 1, 10.0, "numbanet.loops.reduce.sum")
    after = launch(4, [rows[3].ravel()], rows[4].ravel(), 384, 1.0)
    pieces, items = shared_out([*chain, total, after], team, NS)
    assert items[:, 0].tolist() == [team, 1]
    assert [pieces[p, 0] for p in range(items[0, 1], items[0, 2])] == [0, 1, 2, 4]
    assert pieces[items[1, 1], 0] == 3
    assert pieces[:4, 3].tolist() == [384 // team, 384 // team, 96 // team, 384 // team]


def test_small_launches_that_follow_from_each_other_are_one_item():
    chain = [launch(i, [MEMORY[i : i + 1]], MEMORY[i + 1 : i + 2]) for i in range(8)]
    pieces, items = shared_out(chain, 2, NS)
    assert items.tolist() == [[1, 0, 8, 8]]
    assert pieces[:, 0].tolist() == list(range(8))


def test_long_launches_are_cut_and_meet_where_they_must():
    a, b, c = MEMORY[:8], MEMORY[8:16], MEMORY[16:24]
    long = {"n": 100, "cost": 1e3}
    apart = [launch(0, [a], b, **long), launch(1, [a], c, **long)]
    assert shared_out(apart, 2, NS)[1].tolist() == [[2, 0, 2, 4]]
    follows = [launch(0, [a], b, **long), launch(1, [b], c, **long)]
    assert shared_out(follows, 2, NS)[1].tolist() == [[2, 0, 1, 2], [2, 2, 3, 4]]
    overwrites = [launch(0, [a], b, **long), launch(1, [c], a, **long)]
    assert len(shared_out(overwrites, 2, NS)[1]) == 2


def test_what_is_known_of_bodies_is_true():
    """Types in C say which arrays a body only reads."""
    folder = Path(nn.__file__).parent / "backends" / "cython"
    checked = 0
    for path in folder.glob("*.pxd"):
        module = path.stem
        if not (Path(nn.__file__).parent / "loops" / f"{module}.py").exists():
            continue
        for name, operands in re.findall(
            r"^cdef void (\w+)\((.*), size_t start, size_t stop\)", path.read_text(), re.M
        ):
            arrays = [one.strip() for one in re.split(r",\s*(?![^\[]*\])", operands) if "[" in one]
            written = [i for i, one in enumerate(arrays) if not one.startswith("const")]
            body = f"numbanet.loops.{module}.{name}"
            parts = [MEMORY[i : i + 1] for i in range(len(arrays))]
            one = Launch(name, 0, array.array("q", [0]), 1, 1.0, tuple(parts), [], body)
            known = [i for i, x in enumerate(parts) if np.lib.array_utils.byte_bounds(x) in Memory(one).whole.written]
            assert set(written) <= set(known), body
            checked += 1
    assert checked > 50


@pytest.mark.needs_compiled("teams walk compiled loops")
class TestTraining:
    def network(self, *units):
        rng = np.random.default_rng(0)
        x, y = rng.random((192, units[0]), np.float32), rng.integers(0, units[-1], 192)
        model = nn.Sequential([nn.layers.Dense(units[1], "relu"), nn.layers.Dense(units[-1], "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model, x, y

    def test_a_small_network_is_walked_by_one_thread(self, monkeypatch):
        """Nothing in it is worth sharing: no team is called, and none is tried."""
        monkeypatch.setattr(nn.config, "_num_threads", 2)
        monkeypatch.setattr(program.Program, "_paced", None)
        model, x, y = self.network(64, 32, 10)
        model.fit(np.tile(x, (20, 1)), np.tile(y, 20), 32, 2, verbose=0, rng=0)

    @pytest.mark.parametrize("share_ns", [1, 1500])
    def test_any_team_gives_the_same_bytes(self, monkeypatch, share_ns):
        monkeypatch.setattr(pace, "TRIALS", 0)  # always a team
        monkeypatch.setattr(program, "SPLIT_NS", 1)
        monkeypatch.setattr(program, "SHARE_NS", share_ns)
        found = set()
        for count in (1, 2, 3):
            monkeypatch.setattr(nn.config, "_num_threads", count)
            model, x, y = self.network(96, 64, 10)
            model.fit(x, y, 32, 4, verbose=0, rng=0)
            found.add(b"".join(w.numpy().tobytes() for w in model.weights) + model.predict(x, verbose=0).tobytes())
        assert len(found) == 1

    def test_a_step_has_fewer_meetings_than_launches(self, monkeypatch):
        made = []
        real = program.Program.__init__
        monkeypatch.setattr(program.Program, "__init__", lambda self, *rest: (made.append(self), real(self, *rest))[1])
        model, x, y = self.network(256, 128, 10)
        model.fit(x, y, 64, 1, verbose=0, rng=0)
        step = max(made, key=lambda one: len(one.launches))
        assert len(shares.shared_out(step.launches, 2, program.SHARE_NS)[1]) < len(step.launches) / 2
