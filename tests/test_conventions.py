"""The rules of the house that a test can check: imports point one way, docstrings are complete, things stay short."""

import ast
import inspect
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import numbanet as nn
from numbanet.core.table import TABLE

PACKAGE = Path(nn.__file__).parent

LAYERS = (
    ("errors", "aliases", "public", "typing", "version"),
    ("core",),
    ("datasets", "initializers", "loops", "vector_math"),
    ("kernels",),
    ("backends",),
    ("launching",),
    ("tensor",),
    ("ops",),
    (
        "about",
        "activations",
        "autodiff",
        "constraints",
        "debug",
        "fft",
        "linalg",
        "losses",
        "naive",
        "random",
        "regularizers",
    ),
    ("layers", "metrics", "numpy_functions", "optimizers", "testing"),
    ("compat",),
    ("math", "nn", "utils"),
    ("graph",),
    ("callbacks", "saving"),
    ("training",),
    ("models", "plotting"),
    ("",),  # the package itself, which loads all of them lazily
    ("demo", "warmup"),
    ("cli",),
    ("__main__",),
)
"""Modules and packages of numbanet, lowest first: each may import from the layers before its own and from itself."""

NO_NUMBANET = "numbanet.loops"
"""The bodies need NumPy and nothing else, so that every build can take them as they are."""

DRIVERS = "numbanet.backends.native.drivers"
"""The bodies that drive others: Numba and Cython compile the same text, which has functions in it and nothing else."""

FEW_FILES = {
    r"(from numba import .*\bcuda\b|(from|import) numba[._]cuda)": {"toolkit.py"},
    r"(from|import) cuda\b": {"calls.py", "toolchain.py"},
}
"""What is foreign and may change soon, and the files of the CUDA path that import it."""

HOMES = {
    "cuda": ("backends",),
    "Cython": ("backends",),  # where a wheel is built
    "IPython": ("callbacks",),  # which runs the notebook that is drawn in
    "llvmlite": ("backends",),
    "matplotlib": ("plotting",),
    "numba": ("backends",),
    "numpy": None,
    "rich": ("callbacks", "training"),
    "safetensors": ("saving",),
    "scipy": ("datasets",),
    "starlette": ("demo",),
    "typer": ("cli",),
    "uvicorn": ("demo",),
}
"""Which parts may import what is not of the standard library; None: all."""

PRINTERS = ("cli", "callbacks", "graph")
FILE_LINES, FUNCTION_LINES = 400, 40


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree_of(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def part_of(module):
    """`numbanet.ops.linalg` is of the part `ops`; the package itself is the part with the empty name."""
    return module.split(".")[1] if "." in module else ""


def run_nodes(tree):
    """All nodes but those under `if TYPE_CHECKING`, which only type checkers read, and which may point anywhere."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from run_nodes(node)


def statements_of_imports(nodes):
    """(line, module) of every import statement among nodes."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node.lineno, whole if whole in MODULES else node.module


@cache
def imports_of(name):
    """(line, module) of every import: those inside functions too, and what is named whole for `import_module`."""
    nodes = list(run_nodes(tree_of(name)))
    named = [node for node in nodes if isinstance(node, ast.Constant) and node.value in MODULES]
    texts = [(node.lineno, node.value) for node in named if node.value not in ("numbanet", name)]
    return [*statements_of_imports(nodes), *texts]


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_to_lower_layers(name):
    height = {part: i for i, parts in enumerate(LAYERS) for part in parts}
    part = part_of(name)
    assert part in height, f"numbanet.{part} stands in no layer: give it its place in LAYERS, and in docs/design.md"
    back = [
        f"line {line}: {target} is of layer {height[part_of(target)]}, {name} of layer {height[part]}"
        for line, target in imports_of(name)
        if target.split(".")[0] == "numbanet" and part_of(target) != part and height[part_of(target)] >= height[part]
    ]
    assert not back or name == "numbanet", f"{name} imports what is above or beside it:\n" + "\n".join(back)


def test_the_design_page_shows_these_layers():
    page = (Path(__file__).parent.parent / "docs" / "design.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(errors.*?)```", page, re.DOTALL)[1]
    shown = [re.split(r"\s{2,}", line)[0].split(", ") for line in block.splitlines()]
    assert shown == [[part or "numbanet" for part in parts] for parts in LAYERS]


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(NO_NUMBANET)])
def test_bodies_import_numpy_math_and_operator_alone(name):
    assert {target.split(".")[0] for _, target in imports_of(name)} <= {"numpy", "math", "operator"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(DRIVERS + ".")])
def test_drivers_import_primitives_numbers_and_each_other_alone(name):
    others = {target for _, target in imports_of(name) if not target.startswith(DRIVERS + ".")}
    assert others <= {"numbanet.backends.native.primitives", "numbanet.kernels.words"}
    statements = tree_of(name).body[1:]
    assert all(isinstance(one, ast.ImportFrom | ast.FunctionDef) for one in statements)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_foreign_is_imported_in_few_places(name):
    for line, target in imports_of(name):
        top = target.split(".")[0]
        if top == "numbanet" or top in sys.stdlib_module_names:
            continue
        assert top in HOMES, f"{name}, line {line}: {top} is no dependency of numbanet"
        assert HOMES[top] is None or part_of(name) in HOMES[top], (
            f"{name}, line {line}: {top} is imported in {HOMES[top]}"
        )


@pytest.mark.parametrize(("line", "homes"), FEW_FILES.items())
def test_the_compiler_and_the_driver_of_gpus_are_imported_in_few_files(line, homes):
    found = {path.name for path in MODULES.values() if re.search(rf"^\s*{line}", path.read_text("utf-8"), re.M)}
    assert found == homes


def test_public_objects_are_not_hidden_by_modules_of_their_name():
    for name, home in nn._OBJECTS.items():
        assert getattr(nn, name) is getattr(import_module(f"numbanet.{home}"), name), f"nn.{name} is another thing"


def test_importing_numbanet_loads_nothing_that_it_may_not_need():
    script = """
import sys, time, numpy
started = time.perf_counter()
import numbanet
print(f"{1e3 * (time.perf_counter() - started):.1f} ms over numpy")
print(*[name for name in ("llvmlite", "matplotlib", "numba", "rich", "safetensors", "typer") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    timing, loaded = done.stdout.split("\n")[:2]
    print(timing)
    assert loaded == ""


def test_the_first_operation_loads_no_random_numbers():
    script = "import sys, numpy; had = {*sys.modules}; import numbanet; numbanet.relu; print(*{*sys.modules} - had)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "numbanet.ops.pooling" in done.stdout
    assert "numpy.random" not in done.stdout


def test_gradients_of_operations_are_internal():
    gradients = {name for name in TABLE if name.endswith("_gradient")}
    assert gradients - nn._INTERNAL == {"stop_gradient"}


def test_launching_needs_no_compiler():
    """What decides about launches is imported without Numba and LLVM, whoever compiles the kernels."""
    names = ["backends.native." + name for name in ("products", "registers", "windows")]
    names += ["kernels.threads", "kernels.words", "launching.launch", "launching.program"]
    script = f"""
import importlib, sys
for name in {names}:
    importlib.import_module(f"numbanet.{{name}}")
print(*[name for name in ("llvmlite", "numba") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# Docstrings


def members(module):
    """The public functions and classes of a module, by name."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    for name in names:
        obj = getattr(module, name)
        if inspect.ismodule(obj) and obj.__name__.startswith(module.__name__):
            yield from ((f"{name}.{inner}", found) for inner, found in members(obj))
        elif callable(obj) and (hasattr(module, "__all__") or obj.__module__ == module.__name__):
            yield name, obj


def public_objects():
    found = {}
    for name in dir(nn):
        obj = getattr(nn, name)
        if inspect.ismodule(obj) and name not in ("ops", "typing"):  # types are no functions, though some can be called
            found.update({f"{name}.{inner}": member for inner, member in members(obj)})
        elif callable(obj):
            found[name] = obj
    return found


PUBLIC = public_objects()
FUNCTIONS = {name: obj for name, obj in PUBLIC.items() if not inspect.isclass(obj)}
CLASSES = {name: obj for name, obj in PUBLIC.items() if inspect.isclass(obj) and not issubclass(obj, BaseException)}
GIVES_NOTHING = {"datasets.save_idx", "testing.check_grad", "utils.set_random_seed"}
FROM_ELSEWHERE = ("layers", "optimizers")
"""Where each class is somebody's published rule, and names it; of the losses and metrics the functions do."""
SHAPE_WORDS = re.compile(
    r"shape|dimension|element|size|scalar|number|row|\(\w*,|axis|axes|broadcast|array", re.IGNORECASE
)
DTYPE_WORDS = re.compile(r"dtype|float|integer|\bint\b|bool|number|any\b", re.IGNORECASE)


def sections_of(obj):
    """The sections of a numpydoc docstring, by title; what stands before the first is the summary, ""."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(obj.__doc__ or ""), flags=re.MULTILINE)
    return {title: text.strip() for title, text in zip(["", *parts[1::2]], parts[::2], strict=True)}


def parameters_of(obj):
    try:
        parameters = inspect.signature(obj).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in parameters if not name.startswith("_")]


def documented_names(text):
    """The names before the colons of a Parameters section; `x, y : array` counts as two."""
    lines = [line for line in text.splitlines() if line and not line[0].isspace()]
    return {name.strip().lstrip("*") for line in lines for name in line.split(" : ")[0].split(",")}


def missing_from(obj, wanted):
    """What a docstring lacks; the parameters of a class may be documented by its base."""
    sections = sections_of(obj)
    problems = [f"no section {title}" for title in wanted if not sections.get(title)]
    if not sections[""]:
        problems.append("no summary")
    described = [sections_of(owner).get("Parameters", "") for owner in getattr(obj, "__mro__", [obj])]
    undocumented = set(parameters_of(obj)) - set().union(*map(documented_names, described))
    if undocumented:
        problems.append(f"Parameters leave out {', '.join(sorted(undocumented))}")
    return problems


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_documented(name):
    wanted = ["Raises", "References", "Examples"] if parameters_of(FUNCTIONS[name]) else ["References", "Examples"]
    wanted += [] if name in GIVES_NOTHING else ["Returns"]
    assert not missing_from(FUNCTIONS[name], wanted)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_and_their_methods_are_documented(name):
    cls = CLASSES[name]
    assert not missing_from(cls, ["References", "Examples"] if name.startswith(FROM_ELSEWHERE) else ["Examples"])
    for attribute, value in inspect.getmembers(cls):
        if not attribute.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            assert inspect.getdoc(value), f"{name}.{attribute} has no docstring"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name in TABLE])
def test_ops_tell_shapes_and_dtypes(name):
    sections = sections_of(FUNCTIONS[name])
    text = sections.get("Parameters", "") + sections.get("Returns", "")
    assert SHAPE_WORDS.search(text), f"{name}: Parameters and Returns say nothing about shapes"
    assert DTYPE_WORDS.search(text), f"{name}: Parameters and Returns say nothing about dtypes"


@pytest.mark.parametrize("name", MODULES)
def test_modules_have_a_docstring(name):
    assert ast.get_docstring(tree_of(name))


# Length and habits


@pytest.mark.parametrize("name", MODULES)
def test_no_assert_and_no_stray_print(name):
    for node in ast.walk(tree_of(name)):
        assert not isinstance(node, ast.Assert), (
            f"{name}, line {node.lineno}: raise an error of numbanet instead of assert"
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert part_of(name) in PRINTERS, f"{name}, line {node.lineno}: print belongs in {', '.join(PRINTERS)}"


@pytest.mark.parametrize("name", MODULES)
def test_files_stay_short(name):
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{name} has {lines} lines: split it by what it does"


def length_of(function):
    """The lines of a function without those of its docstring."""
    first = function.body[0]
    is_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    docstring = first.end_lineno - first.lineno + 1 if is_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring


@pytest.mark.parametrize("name", MODULES)
def test_functions_stay_short(name):
    functions = [node for node in ast.walk(tree_of(name)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f"{f.name}, line {f.lineno}: {length_of(f)} lines" for f in functions if length_of(f) > FUNCTION_LINES]
    assert not long, f"{name}: {'; '.join(long)}"


def test_the_stub_has_the_public_names():
    """`__init__.pyi` tells editors and type checkers what `__init__.py` loads on demand."""
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    names = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names} - {None}
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    others = {node.targets[0].id: node.value.id for node in stub.body if isinstance(node, ast.Assign)}
    assert names | functions | set(others) == set(dir(nn))
    assert len(names) + len(functions) + len(others) == len(dir(nn))
    assert all(getattr(nn, name) is getattr(nn, known) for name, known in others.items())
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            for alias in filter(lambda one: one.asname, node.names):
                home = import_module(node.module)
                if not hasattr(home, alias.name):
                    import_module(f"{node.module}.{alias.name}")  # which makes it an attribute
                found = getattr(home, alias.name)
                assert found is getattr(nn, alias.asname), alias.asname


SILENCED = re.compile(
    r"(?:# noqa: [A-Z0-9, ]*[A-Z0-9]|# (?:type|pyright): ignore\[[^]]*\]"
    r'|(?:simplefilter|filterwarnings)\("ignore[^)]*\))(?P<reason>.*)'
)


SKIPS = {f"pytest.{name}" for name in ("skip", "xfail", "importorskip", "mark.skip", "mark.skipif", "mark.xfail")}


def unexplained_skips(tree):
    """The lines of skips and expected failures that do not say why."""
    explained = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            text = node.args and ast.unparse(node.func) in ("pytest.skip", "pytest.xfail")
            if text or any(one.arg == "reason" for one in node.keywords):
                explained.add(node.func)
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node not in explained]
    return [node.lineno for node in attributes if ast.unparse(node) in SKIPS]


def test_skips_say_why():
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\b(mark\.|pytest\.)(skip|xfail|importor)", text):  # most have none, and parsing takes time
            assert unexplained_skips(ast.parse(text)) == [], path.name


@pytest.mark.parametrize(
    "text", ["pytest.importorskip('a')", "pytest.mark.skipif(True)", "pytest.skip()", "@pytest.mark.skip\ndef f(): 1"]
)
def test_skips_that_do_not_are_found(text):
    assert len(unexplained_skips(ast.parse(text))) == 1


def test_silenced_checks_say_why():
    root = Path(__file__).parent.parent
    folders = PACKAGE, root / "tests", root / "examples", root / "asv_benchmarks" / "benchmarks"
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    files += [
        path for folder in (".", "asv_benchmarks", "docs", ".ci") for path in sorted((root / folder).glob("*.py"))
    ]
    bare = [
        f"{path.name}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := SILENCED.search(line)) and len(found["reason"].strip(" #()")) < 4
    ]
    assert not bare, f"a reason is missing beside: {', '.join(bare)}"
