"""Change the library here and there, a little at a time, and count the changes that no test notices.

    python -m tests.mutation [--sample N] [--save FILE] [--again FILE --tests TEST...] [FILE...]

Cosmic Ray makes the changes: another operator, another number, a condition turned round, a loop that does not run.
All lines of the files in `NEAR` may change, and the gradient rules in `ops/`; N changes of each file are tried, drawn
with seed 0. Tests run in a copy, in a fork of this process that has the tests' libraries loaded: one second for most.

For the files in `NEAR`, all `TESTS` run once with a tracer (`tests/reached.py`); then every change is shown to the
tests that run its line: first those near the file, then others, the quickest first, until they are through or would
have taken `SECONDS`. For `ops/`, the gradients that are declared in the file are tested, and then `WIDE`, with loops in
the interpreter.

What is left is printed: it is in docs/testing.md, with why nobody can notice it, or a test is missing. `--save` keeps
it, and `--again` tries what was kept with other tests.
"""

import argparse
import ast
import difflib
import importlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.planted_faults import ROOT, copy_of_the_library
from tests.reached import Chosen, Reached, fingerprint, run_in_fork

REPLAY = ["passes", "function", "engine", "replay_function", "replay_memory", "check_replay"]
FIT = ["models", "engine", "weighted_metrics", "targets", "callbacks", "keras_callbacks", "before_training"]
NEAR = {
    "core/shapes.py": ["shapes", "errors"],
    "autodiff/tape.py": ["tape", "connected", "pytrees", "graphs"],
    "autodiff/gradients.py": ["tape", "gradients", "pytrees", "connected"],
    "graph/trace.py": REPLAY,
    "graph/passes.py": REPLAY,
    "graph/lowering.py": REPLAY,
    "graph/recorded.py": REPLAY,
    "graph/function.py": REPLAY,
    "training/engine.py": FIT,
    "training/batch_steps.py": FIT,
    "training/checks.py": FIT,
    "training/evaluation.py": FIT,
    "training/trainer.py": FIT,
    "tensor/variable.py": ["tensor", "tape", "inplace_variables"],
    "kernels/memory.py": REPLAY,
    "ops/declare.py": ["tensor", "errors", "conventions", "numbers"],
}
"""Files of which every line may change, and the names of the tests near them."""
OTHERS = """
attributes composition core_details custom_gradients data_sources debug extreme_gradients fit_changes initializers
integer_sums interop layers looks losses metrics module numpy_functions numpy_scalars optimizers pickles replay_fit
replay_random saving saving_contract snapshot trainable weak_lists
"""
TESTS = sorted({*OTHERS.split(), *(name for names in NEAR.values() for name in names)})
SECONDS = 25.0
"""Under the tracer, which takes three times as long."""
WIDE = [f"tests/test_{name}.py" for name in ("errors", "tape", "graphs", "tensor", "layers", "losses")]
BINARY = {"Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "MatMul_Mul"}
"""Of the binary operators; `x << g` raises and says nothing of the tests."""


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


def mutants_of(file, text):
    """What the text of a file may become, and where it is changed then, (row, column)."""
    tree, parsed, found = ast.parse(text), get_ast(text), {}
    nodes = tree.body if file in NEAR else rules_of(tree)
    for name in filter(is_telling, sorted(operator_names())):
        kind = get_operator(name)
        if kind.arguments():
            continue
        positions = [where for node in ast_nodes(parsed) for where in kind().mutation_positions(node)]
        for number, (start, _) in enumerate(positions):
            if is_inside(start, nodes):
                found.setdefault(mutate_code(text, kind(), number), start)
    found.pop(text, None)
    return found


def lines_about(tree, position):
    """The lines of the statement at a position (row, column); None where it runs when the module is imported."""
    inside = [node for node in ast.walk(tree) if hasattr(node, "lineno") and is_inside(position, [node])]
    functions = [node for node in inside if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    functions = [f for f in functions if is_inside(position, f.body if isinstance(f.body, list) else [f.body])]
    if not functions:
        return None
    innermost = max(
        (node for node in inside if isinstance(node, (ast.stmt, ast.Lambda))),
        key=lambda node: (node.lineno, node.col_offset),
    )
    body = getattr(innermost, "body", None)
    end = body[0].lineno - 1 if isinstance(body, list) else innermost.end_lineno
    return range(min(innermost.lineno, position[0]), max(end, position[0]) + 1)


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


def copied_texts(folder):
    """A function that runs pytest on the copy in a folder."""
    return partial(run_in_fork, folder, "numba", fingerprint())


class Reaching:
    """Chooses the tests of a change by what a traced run of all of them has reached."""

    def __init__(self, folder, files, known=None):
        self.folder, self.start = folder, copied_texts(folder)
        path = Path(known) if known else folder / "reached.json"
        if not path.exists():
            tests = [f"tests/test_{name}.py" for name in TESTS if (ROOT / f"tests/test_{name}.py").exists()]
            plugin = partial(_tracer, folder, files, path)
            if not self.start(tests, plugin):
                sys.exit(f"tests fail without any change: {(folder / 'log').read_text('utf-8')[-2000:]}")
        found = json.loads(path.read_text("utf-8"))
        self.seconds, self.lines = found["seconds"], found["lines"]

    def tests_of(self, file, tree, position):
        """Two lists of tests that run a position, those near the file and others, for up to `SECONDS` together."""
        lines = lines_about(tree, position)
        reached = {test for line in lines or () for test in self.lines[file].get(str(line), ())}
        reached = reached or set(self.seconds)  # it runs when the library is imported
        near = tuple(f"tests/test_{name}.py" for name in NEAR[file])
        lists, total = ([], []), 0.0
        for test in sorted(reached, key=lambda test: (not test.startswith(near), self.seconds[test])):
            total += self.seconds[test]
            if total < SECONDS:
                lists[not test.startswith(near)].append(test)
        return lists

    def notices(self, file, tree, position):
        """Whether a test of the two lists fails."""
        return not all(self._pass(tests) for tests in self.tests_of(file, tree, position) if tests)

    def _pass(self, tests):
        files = sorted({test.partition("::")[0] for test in tests})
        shutil.rmtree(self.folder / ".hypothesis", ignore_errors=True)
        return self.start(files, partial(Chosen, tests), self.seconds)


def _tracer(folder, files, path, pipe):
    return Reached(folder, files, path)


def rules_notice(folder, tests, position):
    """Whether a test of gradient rules fails, with loops in the interpreter."""
    start = partial(run_in_fork, folder, "python", fingerprint())
    return not all(start(some, partial(Chosen, None), {}) for some in (tests, WIDE))


def survivors_of(file, noticed, path, sample, keep):
    """How many changes were tried, how many there are, and how many nobody noticed.

    Parameters
    ----------
    file : str
    noticed : callable
        From the position of the change to whether a test fails.
    path : Path
        Where the text is changed.
    sample : int
    keep : callable
        Called with file, right text, changed text of what nobody noticed.
    """
    right, unseen = path.read_text("utf-8"), 0
    mutants = mutants_of(file, right)
    chosen = random.Random(0).sample(sorted(mutants), min(sample, len(mutants)))
    for text in chosen:
        path.write_text(text, "utf-8")
        if not noticed(mutants[text]):
            unseen += 1
            keep(file, right, text)
    path.write_text(right, "utf-8")
    return len(chosen), len(mutants), unseen


def kept(save, file, right, text):
    """Print what nobody noticed, and add it to the file `save`, if given."""
    lines = difflib.unified_diff(right.splitlines(), text.splitlines(), file, file, lineterm="", n=0)
    print(f"{file}: " + "\n".join(list(lines)[2:]), file=sys.stderr, flush=True)
    if save:
        with open(save, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"file": file, "right": right, "text": text}) + "\n")


def length_of_same(old, new):
    """How many lines two lists begin with that are the same."""
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def made_again(change, text):
    """What a kept change makes of the text of its file now; other lines may have changed since."""
    old, new = change["right"].splitlines(keepends=True), change["text"].splitlines(keepends=True)
    start = length_of_same(old, new)
    end = length_of_same(old[start:][::-1], new[start:][::-1])
    for reach in range(len(old)):
        first, left = max(0, start - reach), max(0, end - reach)
        before, after = "".join(old[first : len(old) - left]), "".join(new[first : len(new) - left])
        if before and text.count(before) == 1:
            return text.replace(before, after)
    sys.exit(f"{change['file']}: the lines of a change are not there any more: {''.join(old[start : len(old) - end])}")


def try_again(folder, changes, tests, save):
    """Show changes that were kept to other tests; print, and keep, those that are still not noticed."""
    unseen = 0
    start = copied_texts(folder)
    if not start(tests, partial(Chosen, None), {}):
        sys.exit("these tests fail without any change")
    for change in changes:
        path = folder / "numbanet" / change["file"]
        right = path.read_text("utf-8")
        text = made_again(change, right)
        path.write_text(text, "utf-8")
        if start(tests, partial(Chosen, None), {}):
            unseen += 1
            kept(save, change["file"], right, text)
        path.write_text(right, "utf-8")
    print(f"{len(changes)} tried, {len(changes) - unseen} noticed")


def run_all(folder, options, parser):
    """Print a table for docs/testing.md: changes that were tried, and noticed, per file."""
    files = options.files or [*NEAR, *sorted(file for file in near_tests() if file.startswith("ops/"))]
    whole = [file for file in files if file in NEAR]
    reaching = Reaching(folder, [*NEAR], options.reached) if whole else None
    rules = near_tests() if len(whole) < len(files) else {}
    print("| file | changes | tried | noticed |\n|---|---|---|---|")
    for file in files:
        path = folder / "numbanet" / file
        tree = ast.parse(path.read_text("utf-8"))
        if file in NEAR:
            noticed = partial(reaching.notices, file, tree)
        elif file in rules:
            noticed = partial(rules_notice, folder, rules[file])
        else:
            parser.error(f"{file} is none of {', '.join([*NEAR, *rules])}")
        tried, count, unseen = survivors_of(file, noticed, path, options.sample, partial(kept, options.save))
        if count:
            print(f"| `{file}` | {count} | {tried} | {tried - unseen} |", flush=True)


def main():
    """Try changes, or try some again."""
    parser = argparse.ArgumentParser(prog="tests.mutation")
    parser.add_argument("--sample", type=int, default=60, help="changes per file")
    parser.add_argument("--save", help="a file to which changes that nobody noticed are added")
    parser.add_argument("--again", help="such a file: try these changes, and no others, with --tests")
    parser.add_argument("--tests", nargs="+", help="arguments of pytest: tests that --again runs")
    parser.add_argument("--reached", help="a file that keeps which tests run which lines; made if it is not there")
    parser.add_argument("files", nargs="*", help="shapes.py, ops/linalg.py, ...; all when not given")
    options = parser.parse_args()
    if (options.again is None) != (options.tests is None):
        parser.error("--again and --tests need each other")
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    for name in ("pytest", "hypothesis.extra.numpy", "hypothesis.stateful", "numpy"):
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_the_library(folder)
        if options.again:
            changes = [json.loads(line) for line in Path(options.again).read_text("utf-8").splitlines()]
            try_again(folder, changes, options.tests, options.save)
        else:
            run_all(folder, options, parser)


if __name__ == "__main__":
    main()
