"""Every public function tells, in the sections of numpydoc, what it takes, what it returns, and how it is called."""

import inspect
import itertools
import re
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

STANDARD = """
    abs acos acosh add all any arange argmax argmin argsort asarray asin asinh astype atan atan2 atanh bitwise_and
    bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_arrays broadcast_shapes
    broadcast_to can_cast ceil clip concat conj copysign cos cosh count_nonzero cumulative_prod cumulative_sum device
    diff divide empty empty_like equal exp expand_dims expm1 eye finfo flip floor floor_divide from_dlpack full
    full_like greater greater_equal hypot iinfo imag isdtype isfinite isin isinf isnan less less_equal linspace log
    log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum mean
    meshgrid min minimum moveaxis multiply negative nextafter nonzero not_equal ones ones_like permute_dims positive pow
    prod real reciprocal remainder repeat reshape result_type roll round searchsorted sign signbit sin sinh sort sqrt
    square squeeze stack std subtract sum take take_along_axis tan tanh tensordot tile to_device tril triu trunc
    unique_all unique_counts unique_inverse unique_values unstack var vecdot where zeros zeros_like
"""
"""The functions of the Python array API standard 2025.12, without those of its extensions; `to_device` is a method."""
OF_FORMULAS = {"if", "else", "and", "or", "not", "e", "ln", "inf"}
IN_WORDS = {"nn.arctan2", "nn.atan2", "nn.copysign", "nn.erf", "nn.gelu"}
"""Their formulas are sentences."""

IN_PROSE = {"nn.Model"}
"""Its parameters are for functional models alone, of which its first paragraph tells."""


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
def test_parameters_of_classes_are_those_of_the_signature_in_its_order(name):
    parameters = parameters_of(CLASSES[name])
    assert documented(CLASSES[name]) == parameters if name not in IN_PROSE else not documented(CLASSES[name])


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


@pytest.mark.parametrize("name", [name for name, obj in FUNCTIONS.items() if len(parameters_of(obj)) == 1])
def test_one_operand_does_not_broadcast(name):
    texts = {title: text for title, text in sections_of(FUNCTIONS[name]).items() if title != "Parameters"}
    wrong = [title for title, text in texts.items() if "broadcast together" in text or "do not broadcast" in text]
    assert not wrong


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in IN_WORDS])
def test_formulas_are_of_the_parameters(name):
    formula = re.search(r"^Computes `([^`]+)`", inspect.getdoc(FUNCTIONS[name]), re.MULTILINE)
    names = set(re.findall(r"[A-Za-z_]\w*", formula[1])) if formula else set()
    assert names <= {*parameters_of(FUNCTIONS[name]), *OF_FORMULAS, *dir(nn)}


def test_what_names_the_standard_is_in_it():
    functions = {name.removeprefix("nn."): obj for name, obj in FUNCTIONS.items() if name.count(".") == 1}
    citing = [obj for obj in functions.values() if "array API standard" in sections_of(obj)["References"]]
    assert {obj.__name__ for obj in citing} <= {*STANDARD.split()}
