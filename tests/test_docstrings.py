"""Every public function tells, in the sections of numpydoc, what it takes, what it returns, and how it is called."""

import inspect
import itertools
from types import ModuleType

import pytest

import numbanet as nn
from tests.test_conventions import DTYPE_WORDS, SHAPE_WORDS, sections_of

HOMES = (
    "callbacks", "constraints", "fft", "initializers", "layers", "linalg", "losses", "math", "metrics", "nn", "ops",
    "optimizers", "random", "regularizers", "utils",
)  # fmt: skip
"""The modules that users see, besides `numbanet` itself."""
NEVER_RAISE = {"nn.ops.is_tensor"}
"""It takes any object at all."""


def public_callables():
    """(name as users write it, function or class), each once."""
    seen = set()
    for home, module in [("nn", nn), *((f"nn.{name}", getattr(nn, name)) for name in HOMES)]:
        for name in getattr(module, "__all__", dir(module)):
            obj = getattr(module, name)
            if not name.startswith("_") and callable(obj) and not isinstance(obj, ModuleType) and id(obj) not in seen:
                seen.add(id(obj))
                yield f"{home}.{name}", obj


CALLABLES = dict(public_callables())
FUNCTIONS = {name: obj for name, obj in CALLABLES.items() if not inspect.isclass(obj)}
CLASSES = {name: obj for name, obj in CALLABLES.items() if inspect.isclass(obj) and not issubclass(obj, Exception)}


def parameters_of(obj):
    try:
        signature = inspect.signature(obj)
    except (TypeError, ValueError):
        return []
    return [name for name in signature.parameters if not name.startswith("_")]


def documented(obj):
    """The names in a Parameters section, in their order; `x, y : array-like` is two."""
    lines = [line for line in sections_of(obj).get("Parameters", "").splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for line in lines for name in line.split(" : ")[0].split(",")]


def returns_nothing(obj):
    return getattr(obj, "__annotations__", {}).get("return") in ("None", "Never", None) and not hasattr(
        obj, "__wrapped__"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters_are_those_of_the_signature_in_its_order(name):
    assert documented(FUNCTIONS[name]) == parameters_of(FUNCTIONS[name])


@pytest.mark.parametrize("name", CLASSES)
def test_parameters_of_classes_are_in_the_order_of_the_signature(name):
    """A class may leave those of its base to the base."""
    own = documented(CLASSES[name])
    assert own == [parameter for parameter in parameters_of(CLASSES[name]) if parameter in own]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_all_sections(name):
    function = FUNCTIONS[name]
    wanted = {"Returns", "Raises", "References", "Examples"}
    if returns_nothing(function):
        wanted.remove("Returns")
    if not parameters_of(function) or name in NEVER_RAISE:
        wanted.remove("Raises")
    sections = sections_of(function)
    missing = [title for title in sorted(wanted) if not sections.get(title)]
    assert not missing
    assert ">>> " in sections["Examples"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sections_are_in_the_order_of_numpydoc(name):
    order = ["", "Parameters", "Returns", "Yields", "Raises", "Warns", "See Also", "Notes", "References", "Examples"]
    titles = list(sections_of(FUNCTIONS[name]))
    assert titles == [title for title in order if title in titles]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_summary_is_one_sentence_in_the_imperative(name):
    summary = sections_of(FUNCTIONS[name])[""].split("\n\n")[0]
    assert summary.endswith(".")
    first = summary.split()[0]
    assert first not in ("A", "An", "The", "Whether"), "a verb comes first, in the imperative"
    assert not first.endswith("s")
    assert "\n" not in summary


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_parameter_has_a_type(name):
    text = sections_of(FUNCTIONS[name]).get("Parameters", "")
    bare = [line for line in text.splitlines() if line and not line[0].isspace() and " : " not in line]
    assert not bare


def undescribed(text):
    """The entries of a section that have no line of text below them; sets of names tell enough."""
    lines = [*text.splitlines(), ""]
    return [
        line
        for line, below in itertools.pairwise(lines)
        if line and not line[0].isspace() and "{" not in line and not below.startswith(" ")
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters_results_and_errors_are_described(name):
    sections = sections_of(FUNCTIONS[name])
    assert not [line for title in ("Parameters", "Returns", "Raises") for line in undescribed(sections.get(title, ""))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_return_tensors_tell_shapes_and_dtypes(name):
    sections = sections_of(FUNCTIONS[name])
    returns = sections.get("Returns", "")
    text = sections.get("Parameters", "") + returns
    assert "Tensor" not in returns or (SHAPE_WORDS.search(text) and DTYPE_WORDS.search(text))
