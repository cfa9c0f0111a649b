"""Files that are written from tables of the package, that of operations above all, are what the tables give."""

import subprocess
import sys
from pathlib import Path

import pytest

from numbanet.backends.cython import generate
from numbanet.core.table import TABLE
from tests import generated, types_of_bodies

TEXTS = generated.texts()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_generated_file_is_what_the_table_gives(path):
    assert generated.is_current(path, TEXTS[path]), f"{path.name} is out of date: {generated.COMMAND}"


def test_the_bodies_of_all_elementwise_ops_are_there():
    names = {path.name for path in TEXTS}
    assert {"__init__.pyi", "substitutes.md", "arithmetic.pxd", "functions.pxd"} <= names
    declared = {(module, body.name) for module in generate.MODULES for body in generate.declared(module)}
    for op in TABLE.values():
        if hasattr(op.forward, "kernel"):
            body = op.forward.kernel.function
            assert (body.__module__.rpartition(".")[2], body.__name__) in declared


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add", "const number[::1] x, const number[::1] y, number[::1] out"),
        ("subtract", "const numeric[::1] x, const numeric[::1] y, numeric[::1] out"),
        ("floor", "const real[::1] x, real[::1] out"),
        ("exp", "const real[::1] x, real[::1] out"),
        ("less", "const number[::1] x, const number[::1] y, boolean[::1] out"),
        ("logical_not", "const source[::1] x, boolean[::1] out"),
        ("bitwise_and", "const integer[::1] x, const integer[::1] y, integer[::1] out"),
        ("bitwise_left_shift", "const whole[::1] x, const whole[::1] y, whole[::1] out"),
        ("where", "const truth[::1] condition, const number[::1] x, const number[::1] y, number[::1] out"),
    ],
)
def test_the_dtypes_of_a_body_are_those_that_its_op_gives_it(name, expected):
    """By hand, what the rules for dtypes say: integers pass floor unchanged, subtract rejects booleans, and so on."""
    op = TABLE[name]
    body = op.forward.kernel.function
    found = types_of_bodies.declaration(body, types_of_bodies.dtypes_of(op)[body], name.startswith("logical"))
    assert found == f"cdef void {name}({expected}, size_t start, size_t stop) noexcept nogil\n"


def test_powers_of_integers_have_a_body_of_their_own():
    op = TABLE["pow"]
    found = types_of_bodies.dtypes_of(op)
    whole = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"}
    assert {codes[-1] for codes in found[op.forward.kernel.function]} == {"f4", "f8"}
    assert {codes[-1] for codes in found[op.forward.integer_kernel.function]} == whole


def test_an_op_that_was_asked_is_what_it_was():
    forward = TABLE["exp"].forward
    before = dict(vars(forward))
    types_of_bodies.dtypes_of(TABLE["exp"])
    assert vars(forward) == before


def test_dtypes_without_a_type_in_c_are_told():
    with pytest.raises(ValueError, match=r"no fused type in common.pxd has the dtypes \['f4', 'i8'\]"):
        types_of_bodies.fused_type({"f4", "i8"})


def test_what_is_out_of_date_is_found(tmp_path, monkeypatch):
    path = tmp_path / "stub.pyi"
    monkeypatch.setattr(generated, "texts", lambda: {path: "new\n"})
    assert generated.out_of_date() == {path: "new\n"}
    path.write_text("old\n")
    assert generated.out_of_date() == {path: "new\n"}
    path.write_text("new\n")
    assert generated.out_of_date() == {}


def test_the_command_succeeds_where_nothing_is_out_of_date():
    command, root = [sys.executable, "-m", "tests.generated"], Path(generated.__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wheel_is_generated_without_what_numbanet_needs(tmp_path):
    """Where a wheel is built there is no NumPy: types of bodies are committed, and the rest is read from sources."""
    script = f"""
import sys
from importlib.util import module_from_spec, spec_from_file_location
sys.modules |= dict.fromkeys(("numpy", "numba", "llvmlite"))  # importing them fails
spec = spec_from_file_location("numbanet_generate", {str(generate.HERE / "generate.py")!r})
module = module_from_spec(spec)
spec.loader.exec_module(module)
folder = module.Path({str(tmp_path)!r})
print(module.write(folder, "_kernels").name, len(module._from_numbanet("c_functions").header()) > 1000)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("_kernels.py True\n", "")
    assert "cdef void functions_exp(const real[::1] x" in (tmp_path / "_kernels.pxd").read_text("utf-8")
