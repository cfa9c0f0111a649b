"""Change the library here and there, a little at a time, and count the changes that no test notices.

    python -m tests.mutation [--sample N] [FILE...]

Cosmic Ray makes the changes: another operator, another number, a condition turned round, a loop that does not run.
All lines of the files in `NEAR` may change, and the gradient rules in `ops/`; N changes of each file are tried, drawn
with seed 0. Tests run in a copy, with loops in the interpreter where they need not be compiled, in a fork of this
process that has the tests' libraries loaded: one second for most. First those near the file, then, if they pass, those
of `WIDE`. What is left is printed: it is in docs/testing.md, with why nobody can notice it, or a test is missing.
"""

import argparse
import ast
import difflib
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.planted_faults import ROOT, copy_of_the_library

QUICK = ["-k", "not 100000 and not grow"]
REPLAY = ["passes", "function", "engine", "fit_changes", "replay_function", "replay_random", "replay_fit"]
FIT = ["models", "engine", "fit_changes", "weighted_metrics", "targets", "data_sources", "keras_callbacks", "callbacks"]
NEAR = {
    "shapes.py": ["shapes", "errors"],
    "tape.py": ["tape", "graphs", "connected", "gradients"],
    "gradients.py": ["tape", "gradients", "pytrees", "connected"],
    "trace.py": REPLAY,
    "passes.py": REPLAY,
    "lowering.py": REPLAY,
    "recorded.py": REPLAY,
    "replayed.py": REPLAY,
    "engine.py": FIT,
    "evaluation.py": FIT,
    "training.py": FIT,
    "variable.py": ["tensor", "tape", "inplace_variables", "function", "optimizers"],
    "kernels/memory.py": REPLAY,
    "ops/declare.py": ["tensor", "errors", "conventions", "numbers"],
}
"""Files of which every line may change, and the names of the tests near them."""
COMPILED = {"trace.py", "passes.py", "lowering.py", "recorded.py", "replayed.py", "engine.py", "kernels/memory.py"}
"""What these do is done with compiled kernels only: their tests run with Numba, on kernels that are cached."""
PURE = {
    file: [path for name in names if (ROOT / (path := f"tests/test_{name}.py")).exists()] + QUICK
    for file, names in NEAR.items()
}
WIDE = [f"tests/test_{name}.py" for name in ("errors", "tape", "graphs", "tensor", "layers", "losses")]
WIDE += QUICK
BINARY = {"Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "MatMul_Mul"}
"""Of the binary operators; `x << g` raises and says nothing of the tests."""
LIMIT = 120.0
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # Hypothesis is loaded before pytest runs


def rules_of(tree):
    """The nodes of a module of ops that are gradient rules, and the functions that these call in it."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    references = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "reference"
    }
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and [arg.arg for arg in node.args.args[:1]] in (["g"], ["h"])
        if id(node) not in references
    ]
    found += [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "vjp"]
    reached = set()
    for node in found:  # grows as it is read
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & functions.keys() - reached
        reached |= names
        found += [functions[name] for name in names if name.startswith("_")]
    return found


def is_inside(position, nodes):
    """Whether a position (row, column) is in one of the nodes."""
    return any((n.lineno, n.col_offset) <= position < (n.end_lineno, n.end_col_offset) for n in nodes)


def is_telling(name):
    """Whether an operator of Cosmic Ray makes changes of which the tests should tell."""
    kind, _, pair = name.removeprefix("core/Replace").partition("Operator_")
    if kind == "Binary":
        return pair in BINARY
    return not (kind == "Comparison" and "Is" in pair and pair not in ("Is_IsNot", "IsNot_Is"))


def mutants_of(file):
    """The texts that a file may become."""
    text = (ROOT / "numbanet" / file).read_text("utf-8")
    tree, parsed = ast.parse(text), get_ast(text)
    nodes = tree.body if file in PURE else rules_of(tree)
    for name in filter(is_telling, sorted(operator_names())):
        kind = get_operator(name)
        if kind.arguments():
            continue
        positions = [where for node in ast_nodes(parsed) for where in kind().mutation_positions(node)]
        for number, (start, _) in enumerate(positions):
            if is_inside(start, nodes):
                yield mutate_code(text, kind(), number)


def near_tests():
    """From the files of ops to the tests of the gradients that are declared there."""
    code = (
        "import json; from tests.table_cases import GRADIENT_CASES as cases; near = {}\n"
        "for case in cases:\n"
        "    rules = case.values[0].vjp or ()\n"
        "    for rule in [rules] if callable(rules) else rules:\n"
        "        file = rule and rule.__module__.replace('numbanet.', '').replace('.', '/') + '.py'\n"
        "        near.setdefault(file, []).append(case.id)\n"
        "print(json.dumps({str(file): sorted(set(ids)) for file, ids in near.items()}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    test = "tests/test_ops.py::test_gradient_equals_central_differences"
    corners = "tests/test_ops.py::TestCorners"
    return {file: [corners, *(f"{test}[{one}]" for one in ids)] for file, ids in json.loads(done.stdout).items()}


def passes(folder, tests):
    """Whether tests pass in a folder; they run in a fork. What takes too long does not pass."""
    shutil.rmtree(folder / ".hypothesis", ignore_errors=True)
    child = os.fork()
    if child == 0:
        run(folder, tests)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def run(folder, tests):
    """Run tests of a folder in this process, and end it."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(folder)
    sys.path[:] = [str(folder), *(path for path in sys.path if Path(path).resolve() != ROOT)]
    sys.dont_write_bytecode = True  # which would be taken for that of the next text, written in the same second
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "numbanet")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    code = 1
    try:
        code = pytest.main([*OPTIONS, *tests])
    finally:
        os._exit(code)


def survivors_of(file, tests, folder, sample):
    """How many changes were tried, how many there are, and the differences of those that nobody noticed."""
    os.environ["NUMBANET_BACKEND"] = "numba" if file in COMPILED else "python"
    path = folder / "numbanet" / file
    right = path.read_text("utf-8")
    if not passes(folder, tests):
        sys.exit(f"{file}: its tests fail without any change: {' '.join(tests[:5])}")
    mutants = sorted(set(mutants_of(file)) - {right})
    chosen = random.Random(0).sample(mutants, min(sample, len(mutants)))
    unseen = []
    for text in chosen:
        path.write_text(text, "utf-8")
        if passes(folder, tests) and passes(folder, WIDE):
            lines = difflib.unified_diff(right.splitlines(), text.splitlines(), file, file, lineterm="", n=0)
            unseen.append("\n".join(list(lines)[2:]))
            print(f"{file}: {unseen[-1]}", file=sys.stderr, flush=True)
    path.write_text(right, "utf-8")
    return len(chosen), len(mutants), unseen


def main():
    """Print a table for docs/testing.md: changes that were tried, and noticed, per file."""
    parser = argparse.ArgumentParser(prog="tests.mutation")
    parser.add_argument("--sample", type=int, default=60, help="changes per file")
    parser.add_argument("files", nargs="*", help="shapes.py, ops/linalg.py, ...; all when not given")
    options = parser.parse_args()
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    for name in ("pytest", "hypothesis.extra.numpy", "hypothesis.stateful", "numpy"):
        importlib.import_module(name)
    tests = {**PURE, **{file: near for file, near in sorted(near_tests().items()) if file.startswith("ops/")}}
    with tempfile.TemporaryDirectory() as folder:
        copy_of_the_library(Path(folder))
        print("| file | changes | tried | noticed |\n|---|---|---|---|")
        for file in options.files or tests:
            if file not in tests:
                parser.error(f"{file} is none of {', '.join(tests)}")
            tried, count, unseen = survivors_of(file, tests[file], Path(folder), options.sample)
            if count:
                print(f"| `{file}` | {count} | {tried} | {tried - len(unseen)} |", flush=True)


if __name__ == "__main__":
    main()
