"""What the pages on operations are made from: the loops that run are shown, tables are read right."""

import importlib.util
from pathlib import Path

import pytest

import numbanet as nn
from numbanet.core.table import TABLE
from numbanet.kernels.substitutes import SUBSTITUTES

PATH = Path(__file__).parents[1] / "docs" / "op_pages.py"


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("op_pages", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_elementwise_function_shows_the_body_that_it_was_declared_with(pages):
    shown = 0
    for name in dir(nn):
        forward = getattr(TABLE.get(name), "forward", None)
        if hasattr(forward, "kernel"):
            bodies = list(pages.bodies(name).values())
            assert forward.kernel.function in bodies or getattr(forward.integer_kernel, "function", None) in bodies, (
                name
            )
            shown += 1
    assert shown > 60


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("matmul", ["dot.matrix_dot"]),
        ("softmax", ["softmax.softmax"]),
        ("max_pool", ["pool.max_pool"]),
        ("count_nonzero", ["arithmetic.not_equal", "reduce.sum_integers"]),
        ("reshape", []),
    ],
)
def test_other_functions_show_what_their_example_launches(pages, name, keys):
    assert list(pages.bodies(name)) == keys
    assert bool(pages.loops(name)) == bool(keys)


def test_a_loop_comes_with_what_runs_in_its_place(pages):
    text = "\n".join(pages.loops("exp"))
    assert "def exp(x, out, start, stop):" in text
    (one,) = [one for one in SUBSTITUTES if (one.body, one.dtype, one.backend) == ("functions.exp", "float32", "numba")]
    assert one.implementation in text.replace("`", "")
    assert "compiled as it is written" in "\n".join(pages.loops("relu"))


def test_figures_belong_to_functions(pages):
    assert pages.errors().keys() | pages.times().keys() <= TABLE.keys()
    assert pages.times()["exp"].count(", ") == 1
    assert ", " not in pages.times()["gelu"]  # which NumPy lacks
