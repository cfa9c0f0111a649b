"""The bodies of numbanet/loops: each has the name of its op, so that a search for the op finds its loop."""

import ast
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet import loops
from numbanet.backends.python.backend import PythonBackend
from numbanet.core.settings import config
from numbanet.core.table import TABLE
from numbanet.plotting import timeline
from tests.table_cases import call

nn.ops  # noqa: B018  (fills the table)
FILES = sorted(set(Path(loops.__file__).parent.glob("*.py")) - {Path(loops.__file__)})
ELEMENTWISE = {name: op for name, op in TABLE.items() if hasattr(op.forward, "kernel")}
OTHERS = {name: op for name, op in TABLE.items() if op.recordable and name not in ELEMENTWISE}
OF_SEVERAL = {"copy_strided", "vector_dot", "matrix_vector_dot", "matrix_dot", "sum_of_squares"}
"""What several ops are made of: every way to walk an array, the products of the textbook, and the squares of norms."""
DTYPES = {"f": np.float32, "i": np.int64, "u": np.uint8, "b": np.bool_}


def bodies_run_by(op, monkeypatch):
    """The names of the bodies of numbanet/loops that an op runs on its cases, for one dtype of each kind."""
    found, run = set(), PythonBackend.run

    def noting(build, kernel, *arguments):
        if kernel.qualified_name.startswith("numbanet.loops."):
            found.add(kernel.name)
        run(build, kernel, *arguments)

    monkeypatch.setattr(PythonBackend, "run", noting)
    monkeypatch.setattr(config, "backend", "python")
    for case in op.cases:
        for kind in "fiub":
            if any(kind in domain.kinds for domain in case.inputs):
                call(op.function, list(inputs_of(case, kind)), case.params)
    return found


def inputs_of(case, kind):
    for domain, shape in zip(case.inputs, case.shapes or [(2, 3)] * len(case.inputs), strict=True):
        own = kind if kind in domain.kinds else domain.kinds[0]
        yield np.full(shape, max(domain.low, min(domain.high, 1)), DTYPES[own])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_body_of_an_elementwise_op_has_its_name(name):
    forward = ELEMENTWISE[name].forward
    assert forward.kernel.name == name
    assert forward.integer_kernel.name in (name, f"{name}_integers")


@pytest.mark.parametrize("name", OTHERS)
def test_the_bodies_of_another_op_have_its_name_and_what_is_special(name, monkeypatch):
    others = [own for own in (*TABLE, *OF_SEVERAL) if own != name]
    for body in bodies_run_by(OTHERS[name], monkeypatch):
        assert is_of(body, name) or any(is_of(body, other) for other in others), f"{name} runs the body {body}"


def is_of(body, name):
    return body == name or body.startswith(f"{name}_")


@pytest.mark.parametrize("name", ["sum", "prod", "max", "any", "softmax", "cumulative_sum", "dropout", "take"])
def test_the_bodies_that_an_op_runs_are_seen(name, monkeypatch):
    assert any(is_of(body, name) for body in bodies_run_by(OTHERS[name], monkeypatch))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_name_in_a_body_means_another_body(path):
    """In a file with a body `abs`, `abs(x[i])` would call it in Python, and another function in C."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    bodies = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not bodies & (called | imported)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_timeline_groups_a_body_by_its_own_file(path):
    """Launches are known by the names of their bodies: no two files have one of the same name."""
    bodies = [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    expected = timeline.KINDS.get(path.stem, timeline.OTHERS)
    assert {timeline._kind(name) for name in bodies if not name.startswith("dot")} <= {expected}
