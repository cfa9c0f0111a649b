"""What type checkers make of numbanet: every public name has its types, and users' code passes, or fails, as it should.

mypy and pyright look at the pages and examples that users start from, and at `typing_samples/`: what is in `uses.py`
and `calls.py` must be accepted, and each line of `wrong.py` that is ignored must be an error.
"""

import ast
import doctest
import importlib.util
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import numbanet as nn
from numbanet import typing
from tests import stub
from tests.test_conventions import CLASSES, FUNCTIONS, public_objects
from tests.test_docs import blocks

ROOT = Path(__file__).parent.parent
PACKAGE = Path(nn.__file__).parent
SAMPLES = Path(__file__).parent / "typing_samples"
PAGES = [ROOT / "README.md", ROOT / "docs" / "quickstart.md"]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


# Signatures


@cache
def tree_of(path):
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def seen_by_checkers(nodes):
    """The statements that a type checker looks at: those for it, and not those for Python alone."""
    for node in nodes:
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        if test == "TYPE_CHECKING":
            yield from seen_by_checkers(node.body)
        elif test == "not TYPE_CHECKING":
            yield from seen_by_checkers(node.orelse)
        else:
            yield node


def definitions_in(nodes):
    """From names to the functions of that name: several for an overloaded one."""
    found = {}
    for node in seen_by_checkers(nodes):
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def untyped(function, method=False):
    """The parameters of a function that have no type, and "return"."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if method and not any(ast.unparse(one) == "staticmethod" for one in function.decorator_list):
        positional = positional[1:]
    every = [*positional, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
    return [one.arg for one in every if one.annotation is None] + ["return"] * (function.returns is None)


STUB = definitions_in(tree_of(PACKAGE / "__init__.pyi").body)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_are_typed(name):
    found = STUB.get(name)
    if found is None:
        function = inspect.unwrap(FUNCTIONS[name])
        if function.__module__ == "numbanet":  # an operation by another name, as in nn.activations
            found = STUB[function.__name__]
        else:
            found = definitions_in(tree_of(inspect.getsourcefile(function)).body)[function.__name__]
    assert not [untyped(one) for one in found if untyped(one)]


def class_tree(cls):
    """The statements in the body of a class, as type checkers see them."""
    node = tree_of(inspect.getsourcefile(cls))
    for part in cls.__qualname__.split("."):
        node = next(one for one in ast.walk(node) if isinstance(one, ast.ClassDef) and one.name == part)
    return node.body


TYPES = CLASSES | {type(one).__name__: type(one) for one in (nn.config, nn.function(len), nn.finfo("float32"))}
"""Public classes, and those of objects that are public, or that public functions return."""


@pytest.mark.parametrize("name", TYPES)
def test_methods_of_public_classes_are_typed(name):
    known, wrong = set(), {}
    ours = [cls for cls in TYPES[name].__mro__ if cls.__module__.split(".")[0] == "numbanet"]
    for cls in ours:
        body = class_tree(cls)
        for method, found in definitions_in(body).items():
            known.add(method)
            lacking = [untyped(one, method=True) for one in found if untyped(one, method=True)]
            if lacking and (not method.startswith("_") or method.startswith("__")):
                wrong[f"{cls.__name__}.{method}"] = lacking
        plain = [one for one in body if isinstance(one, ast.Assign) and isinstance(one.value, ast.Name)]
        known |= {ast.unparse(one.targets[0]) for one in plain}
    methods = {m for cls in ours for m, value in vars(cls).items() if inspect.isfunction(value) and m[0] != "_"}
    assert not wrong
    assert methods <= known, "methods that are made by calls need a declaration under TYPE_CHECKING"


def test_every_public_object_is_looked_at():
    rest = {name: one for name, one in public_objects().items() if name not in FUNCTIONS and name not in CLASSES}
    assert all(inspect.isclass(one) and issubclass(one, BaseException) for one in rest.values())


def test_names_that_an_annotation_may_have_are_known():
    with pytest.raises(NameError, match="nobody knows where Unknown"):
        stub.rendered("Unknown | None", {}, set())
    assert stub.rendered("bool | Literal['a']", {"Literal": "typing"}, set()) == 'builtins.bool | Literal["a"]'


@pytest.mark.parametrize("name", typing.__all__)
def test_aliases_can_be_used_where_annotations_are_evaluated(name):
    assert type(None) in (getattr(typing, name) | None).__args__


# Users' code


@pytest.fixture(scope="module")
def users_code(tmp_path_factory):
    """A folder with the samples, the Python blocks of the pages, and the examples."""
    folder = tmp_path_factory.mktemp("users_code")
    for path in [*SAMPLES.glob("*.py"), *EXAMPLES]:
        shutil.copy(path, folder / path.name)
    for page in PAGES:
        parts = [script_of(text) for _, text in blocks(page, "python")]
        (folder / f"{page.stem.lower()}.py").write_text("\n\n".join(parts), encoding="utf-8")
    return folder


def script_of(text):
    return doctest.script_from_examples(text) if text.startswith(">>> ") else text


def need(module):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed; `make lint` installs it")


ELSEWHERE = [] if "site-packages" in PACKAGE.parts else [str(PACKAGE.parent)]
"""Where type checkers find the package when it is not among the installed ones: they do not follow import hooks."""


def mypy(folder, *names):
    """The lines that `mypy --strict` prints about files; errors in the package itself are those of `make lint`."""
    options = ["--strict", "--follow-imports=silent", "--no-error-summary", "--no-pretty", "--hide-error-context"]
    command = [sys.executable, "-m", "mypy", *options, *names]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(ELSEWHERE)}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout.splitlines()


def is_of_the_page(line, folder):
    """Whether an error is that a function of the page itself, or a library, has no types: strict asks for them."""
    if "[no-untyped-def]" in line or "[import-untyped]" in line or ": note: " in line:
        return True
    called = re.search(r'Call to untyped function "(\w+)" in typed context  \[no-untyped-call\]', line)
    own = (folder / line.split(":")[0]).read_text(encoding="utf-8")
    return called is not None and re.search(rf"^ *(def|class) {called[1]}\b", own, re.MULTILINE) is not None


def test_mypy_accepts_and_refuses_what_it_should(users_code):
    need("mypy")
    assert mypy(users_code, *(path.name for path in SAMPLES.glob("*.py"))) == []


def test_mypy_accepts_the_examples(users_code):
    need("mypy")
    need("matplotlib")
    lines = mypy(users_code, *(path.name for path in EXAMPLES))
    foreign = ("[import-untyped]", "[import-not-found]", ": note: ")  # libraries without types, or not installed here
    assert [line for line in lines if not any(word in line for word in foreign)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_mypy_accepts_the_pages(users_code, page):
    need("mypy")
    lines = mypy(users_code, f"{page.stem.lower()}.py")
    assert [line for line in lines if not is_of_the_page(line, users_code)] == []


def test_pyright_accepts_and_refuses_what_it_should(users_code):
    need("basedpyright")
    need("matplotlib")
    unused = {"reportUnusedExpression": False}  # of examples that show a value
    guessed = [
        "plot_21_shallow_methods.py"
    ]  # pyright guesses types of scikit-learn, which has none, and some are wrong
    settings = {"typeCheckingMode": "standard", "extraPaths": ELSEWHERE, "ignore": guessed, **unused}
    (users_code / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, cwd=users_code, text=True, capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len([*users_code.glob("*.py")])
    assert [
        f"{one['file']}:{one['range']['start']['line'] + 1}: {one['message']}" for one in report["generalDiagnostics"]
    ] == []


def test_what_checkers_accept_works(tmp_path, capsys):
    """The sample of uses runs: its annotations promise nothing that is not so."""
    specification = importlib.util.spec_from_file_location("uses", SAMPLES / "uses.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.main(tmp_path)
    assert "step runs as it is" in capsys.readouterr().out
