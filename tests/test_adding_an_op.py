"""What docs/adding_an_op.md says, done literally in a copy of the sources: its edits, its command, and its promises."""

import importlib
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import numbanet as nn
from numbanet.core.table import NUMPY_FUNCTIONS, TABLE

ROOT, PACKAGE = Path(__file__).parents[1], Path(nn.__file__).parent
PAGE = (ROOT / "docs" / "adding_an_op.md").read_text("utf-8")
EDITS = re.findall(r"to the end of\s`(numbanet/[\w/]+[.]py)`:\n\n```python\n(.*?)```", PAGE, re.DOTALL)
"""(the file, what is put to its end)"""
(SESSION,) = re.findall(r"```python\n(>>> .*?)```", PAGE, re.DOTALL)
pytestmark = pytest.mark.needs_numba("the copy of the sources has no compiled extension")
NUMBERS = ("no", "one", "two", "three", "four", "five")
TESTS = """
import sys, pytest
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-k", "relu6 or generated", *sys.argv[1:]]))
"""


def files_of(folder):
    """From the names of files that the sources have to what is in them."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def run(folder, *command):
    """Run a command with the copy's own numbanet."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "NUMBANET_BACKEND": "numba"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generating_commands():
    """What `make generated` runs."""
    rule = re.search(r"^generated:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return [line.strip().replace("$(BIN)/python", sys.executable).split() for line in rule[1].splitlines()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The sources with the edits of the page and what the command makes of them, and which files each has changed."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "numbanet", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    for name in ("tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build", "gallery"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copyfile(ROOT / name, folder / name)
    states = [files_of(folder)]
    for name, text in EDITS:
        with open(folder / name, "a", encoding="utf-8") as stream:
            stream.write("\n\n" + text)
    states.append(files_of(folder))
    for command in generating_commands():
        run(folder, *command)
    states.append(files_of(folder))
    return folder, [{name for name in new if new[name] != old.get(name)} for old, new in itertools.pairwise(states)]


def test_it_takes_as_many_edits_as_the_page_says(copy):
    _, (edited, _) = copy
    number = re.search(r"takes (\w+) edits", PAGE)[1]
    assert len(edited) == len(EDITS) == NUMBERS.index(number)


def test_the_command_writes_the_files_that_the_page_names_and_no_others(copy):
    folder, (_, written) = copy
    section = re.search(r"## Done\n(.*?)\n## ", PAGE, re.DOTALL)[1]
    assert written - {"docs/cuda_kernels.md"} == set(re.findall(r"`(numbanet/[\w/]+[.]\w+)`", section))
    types = (folder / "numbanet/backends/cython/functions.pxd").read_text("utf-8")
    assert "\ncdef void relu6(const number[::1] x, number[::1] out, size_t start, size_t stop) noexcept" in types
    stub = (folder / "numbanet/__init__.pyi").read_text("utf-8")
    docstring = '"""Return the rectified linear unit, at most 6.\n\n    Computes `min(max(x, 0), 6)`'
    assert f"def relu6(x: ArrayLike, /) -> Tensor:\n    {docstring}" in stub


def test_the_op_does_what_the_page_shows(copy):
    folder, _ = copy
    (folder / "session.txt").write_text(SESSION, "utf-8")
    run(folder, sys.executable, "-m", "doctest", "-o", "NORMALIZE_WHITESPACE", "session.txt")


def test_the_op_passes_the_tests_of_the_table(copy):
    folder, _ = copy
    files = [f"tests/test_{name}.py" for name in ("table", "ops", "bodies", "generated", "conventions")]
    told = run(folder, sys.executable, "-c", TESTS, *files)
    assert int(re.search(r"(\d+) passed", told)[1]) > 15, told


def test_the_op_can_be_declared_elsewhere():
    """By who uses numbanet: in one module of their own, from which Numba compiles the body."""
    known = dict(TABLE), dict(NUMPY_FUNCTIONS)
    scope = {"__name__": "elsewhere", **vars(importlib.import_module("numbanet.ops.activations"))}
    try:
        (_, body), (_, declaration) = EDITS
        exec(body, scope)
        exec(declaration.replace("loops.relu6", "relu6"), scope)
        assert nn.relu6([-1.0, 2.0, 9.0]).tolist() == [0.0, 2.0, 6.0]
        assert nn.grad(lambda x: nn.sum(nn.relu6(x)))([-1.0, 2.0, 9.0]).tolist() == [0.0, 1.0, 0.0]
    finally:
        for table, before in zip((TABLE, NUMPY_FUNCTIONS), known, strict=True):
            table.clear()
            table.update(before)
        vars(nn).pop("relu6", None)
