"""The benchmarks run: each is set up and called once, with its first parameters; nothing is timed."""

import importlib
import inspect
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("threadpoolctl", reason="threadpoolctl, which the benchmarks need, comes with the extra bench")

import numbanet as nn
from numbanet.core.table import TABLE

FOLDER = Path(__file__).parent.parent / "asv_benchmarks"
MODULES = ("ops", "eager", "dot", "convolutions", "layers", "recurrent", "training", "memory", "counts", "startup")
SLOW = {"Epoch", "DenseNoiseEpoch", "FromStart", "ToAccuracy", "TrainFromTheShell", "SmallSteps"}
"""Train MNIST or thousands of steps: `make bench-smoke` runs them."""

nn.ops  # noqa: B018  (fills the table)


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    """Benchmarks choose backends and threads: put them back."""
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setattr(nn.config, "_backend", nn.config._backend)
    monkeypatch.setattr(nn.config, "_num_threads", nn.config.num_threads)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def classes(module):
    """Return the benchmarks of a module by name."""
    found = vars(importlib.import_module(f"benchmarks.{module}")).items()
    return {
        name: kind
        for name, kind in found
        if inspect.isclass(kind) and not inspect.isabstract(kind) and hasattr(kind, "params") and name[0] != "_"
    }


def test_every_operation_is_timed():
    assert set(classes("ops")) == set(TABLE)


@pytest.mark.needs_compiled("counts and times are those of compiled kernels")
@pytest.mark.parametrize("module", ["eager", "dot", "convolutions", "layers", "recurrent", "counts"])
def test_each_runs(module):
    for name, kind in classes(module).items():
        if name in SLOW:
            continue
        params = [values[0] for values in kind.params]
        one = kind()
        one.setup(*params)
        for method in [method for method in dir(one) if method.startswith(("time_", "track_"))]:
            getattr(one, method)(*params)


@pytest.mark.needs_compiled("ops are timed compiled")
@pytest.mark.parametrize("name", ["add", "softmax_cross_entropy", "concat", "sort", "einsum", "where"])
def test_operations_run(name):
    one = classes("ops")[name]()
    one.setup("numbanet", "1000 float32")
    one.time_call("numbanet", "1000 float32")


@pytest.mark.needs_compiled("ops are timed compiled")
def test_every_operation_has_arguments():
    inputs, peers = (importlib.import_module(f"benchmarks.{name}") for name in ("inputs", "peers"))
    for op in list(TABLE.values()):
        peers.call_of("numbanet", op, *inputs.arguments(op, 1000, "float32"))()


@pytest.mark.needs_compiled("launches are counted")
def test_counts_are_exact():
    step = classes("counts")["Step"]
    seen = set()
    for _ in range(2):
        one = step()
        one.setup("numbanet", "64-32-10")
        seen.add((one.track_launches("numbanet", "64-32-10"), one.track_megabytes("numbanet", "64-32-10")))
    assert len(seen) == 1


@pytest.mark.needs_compiled("the worker times compiled kernels")
def test_a_worker_answers():
    requests = [
        {"benchmark": "eager.Operation", "params": ["numbanet", "add", 1000], "seconds": 0.01},
        {"benchmark": "eager.Operation", "params": ["no such library", "add", 1000], "seconds": 0.01},
        {"benchmark": "counts.Call", "params": ["numbanet", "add"]},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker"],
        cwd=FOLDER, input="\n".join(map(json.dumps, requests)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    timed, absent, counted = map(json.loads, done.stdout.splitlines())
    assert timed["seconds"] > 0
    assert timed["ratio"] > 0
    assert "no such library" in absent["absent"]
    assert counted["frames"] > 0


def test_parameters_of_the_table_and_of_the_comparison_exist():
    table, compare = importlib.import_module("table"), importlib.import_module("compare")
    try:
        rows = itertools.chain(
            ((part.benchmark, row) for part in table.SECTIONS for row in part.rows), compare.QUICK, compare.COUNTED
        )
        for benchmark, row in rows:
            module, _, name = benchmark.partition(".")
            params = classes(module)[name].params[1:]
            assert len(params) == len(row), benchmark
            assert all(value in values for value, values in zip(row, params, strict=True)), (benchmark, row)
    finally:
        for name in ("table", "compare", "turns"):
            sys.modules.pop(name, None)
