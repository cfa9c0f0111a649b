"""The reference has an entry for every public name, one for each function, and signatures that can be read."""

import ast
import builtins
import doctest
import functools
import importlib
import inspect
import itertools
import re
from pathlib import Path
from types import ModuleType

import pytest

import numbanet as nn
from docs.op_pages import public_ops

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
MODULES = (
    "activations", "callbacks", "compat", "constraints", "datasets", "debug", "errors", "fft", "initializers", "layers",
    "linalg", "losses", "math", "metrics", "models", "naive", "nn", "ops", "optimizers", "optimizers.schedules",
    "plotting", "random", "regularizers", "saving", "testing", "typing", "utils",
)  # fmt: skip
"""The modules that users see, besides `numbanet` itself."""
DIRECTIVE = re.compile(r"^\.\. (\S+):: ?(.*)\n((?:   .*\n)*)", re.MULTILINE)


def found(name):
    """The object of a dotted name; `module::Class` too."""
    parts = name.replace("::", ".").split(".")
    for length in range(len(parts), 0, -1):
        try:
            obj = importlib.import_module(".".join(parts[:length]))
            for part in parts[length:]:
                obj = getattr(obj, part)
            return obj
        except (ImportError, AttributeError):
            continue
    raise LookupError(name)


def data_with_text(module):
    """The names of a module whose assignments have a docstring behind them: Sphinx shows no others."""
    body = ast.parse(inspect.getsource(module)).body
    pairs = itertools.pairwise(body)
    return {
        statement.target.id
        for statement, text in pairs
        if isinstance(statement, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def members_of(module, left_out):
    """The names in `module` that `:members:` shows, with those that a class shows of its own functions."""
    for name in getattr(module, "__all__", None) or vars(module):
        obj = getattr(module, name)
        own = getattr(obj, "__module__", "").split(".")[0] == "numbanet" and inspect.getdoc(obj)
        if name in left_out or not own:
            continue
        yield f"{module.__name__}.{name}", obj
        if inspect.isclass(obj) and obj.__name__ == name:  # else it is shown as an alias
            for key, member in vars(obj).items():
                if isinstance(member, staticmethod) and not key.startswith("_") and key not in left_out:
                    yield f"{module.__name__}.{name}.{key}", member.__func__


def entries():
    """(name, object) for each entry of the reference, as its pages ask for it."""
    for path in sorted(REFERENCE.glob("*.rst")):
        current = ""
        for kind, argument, options in DIRECTIVE.findall(path.read_text("utf-8") + "\n"):
            if kind == "currentmodule":
                current = f"{argument}."
            elif kind in ("autofunction", "autoclass", "autodata", "py:data"):
                name = argument if "." in argument else current + argument
                yield name, found(name)
            elif kind == "ops":
                yield from ((f"numbanet.{name}", getattr(nn, name)) for name in public_ops(argument))
            elif kind == "keras-ops":
                for name in argument.split():
                    module = importlib.import_module(f"numbanet.compat.keras.{name}")
                    own = {key for key, obj in vars(module).items() if getattr(obj, "__module__", 0) == module.__name__}
                    yield from ((f"numbanet.ops.{key}", getattr(nn.ops, key)) for key in own & {*dir(nn.ops)})
            elif kind == "types":
                yield from ((f"numbanet.typing.{name}", getattr(nn.typing, name)) for name in data_with_text(nn.typing))
            elif kind == "automodule" and ":members:" in options:
                left_out = re.findall(r":exclude-members: (.+)", options)
                yield from members_of(found(argument), {*left_out[0].split(", ")} if left_out else set())


ENTRIES = list(entries())


def public_names(module):
    """(name, object) for each public function, class and type of a module."""
    for name in getattr(module, "__all__", None) or dir(module):
        obj = getattr(module, name)
        if not name.startswith("_") and not isinstance(obj, ModuleType) and (callable(obj) or module is nn.typing):
            yield f"{module.__name__}.{name}", obj


@pytest.mark.parametrize("home", ["numbanet", *(f"numbanet.{name}" for name in MODULES)])
def test_every_public_name_has_an_entry(home):
    names, objects = {name for name, _ in ENTRIES}, {id(obj) for _, obj in ENTRIES}
    assert not [name for name, obj in public_names(found(home)) if name not in names and id(obj) not in objects]


def docstrings():
    """(name, docstring) of what the entries are for: of classes, of their methods and properties too."""
    for name, obj in ENTRIES:
        yield name, inspect.getdoc(obj) or ""
        for key in dir(obj) if inspect.isclass(obj) else ():
            if not key.startswith("_"):
                yield f"{name}.{key}", inspect.getdoc(inspect.getattr_static(obj, key)) or ""


DOCSTRINGS = {name: text for name, text in docstrings() if not name.startswith("numbanet.typing.")}


def names_from_elsewhere(source):
    """The names that a program uses and does not make itself."""
    nodes = list(ast.walk(ast.parse(source)))
    made = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {(node.asname or node.name).split(".")[0] for node in nodes if isinstance(node, ast.alias)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    made |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - made - {*dir(builtins)}


def test_examples_can_be_pasted():
    sources = {
        name: "".join(example.source for example in doctest.DocTestParser().get_examples(text))
        for name, text in DOCSTRINGS.items()
    }
    unknown = {name: names_from_elsewhere(source) for name, source in sources.items()}
    assert not {name: names for name, names in unknown.items() if names}


def test_examples_import_what_users_import():
    public = {"numbanet", *(f"numbanet.{name}" for name in MODULES)}
    modules = {
        (name, module)
        for name, text in DOCSTRINGS.items()
        for module in re.findall(r">>> (?:from|import) (numbanet[.\w]*)", text)
    }
    assert not [(name, module) for name, module in modules if module not in public]


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"(?<!there )\b(is|are) no\b(?! such| longer)", "is not a"),
        (r"`docs/|\bdocs/\w+\.md", "the page on numerics: a page of the site has no such file"),
        (r"`[^`\n]*\($", "code in one line: between a parenthesis and what follows there is no space"),
    ],
)
def test_docstrings_have_no(pattern, instead):
    wrong = re.compile(pattern, re.MULTILINE)
    assert not {name: instead for name, text in DOCSTRINGS.items() if wrong.search(text)}


def test_public_names_in_docstrings_are_there():
    missing = {}
    for name, text in DOCSTRINGS.items():
        for mentioned in re.findall(r"`nn((?:\.[A-Za-z]\w*)+)", text):
            try:
                functools.reduce(getattr, mentioned.split(".")[1:], nn)
            except AttributeError:
                missing[name] = f"nn{mentioned}"
    assert not missing


def signature_of(obj):
    try:
        return inspect.signature(obj).parameters.values()
    except (TypeError, ValueError):  # of what is not written in Python
        return []


def test_no_function_has_two_entries():
    """A reader who meets the second one would compare them for what differs."""
    homes = {}
    for name, obj in ENTRIES:
        if inspect.isfunction(obj):
            homes.setdefault(id(obj), []).append(name)
    assert not [names for names in homes.values() if len(names) > 1]


def test_signatures_have_no_representations_of_objects():
    functions = [entry for entry in ENTRIES if callable(entry[1])]
    for name, obj in ENTRIES:
        if inspect.isclass(obj):
            methods = inspect.getmembers(obj, inspect.isfunction)
            functions += [(f"{name}.{key}", method) for key, method in methods if not key.startswith("_")]
    shown = [
        f"{name}({parameter})"
        for name, obj in functions
        for parameter in signature_of(obj)
        if parameter.default is not parameter.empty and repr(parameter.default).startswith("<")
    ]
    assert not shown
