"""Where arrows may not go: no module in a circle, packages one way, late imports with a reason, ops without devices."""

import ast
import re

import pytest

from tests.test_conventions import MODULES, imports_of, run_nodes, statements_of_imports, tree_of

OWN = ("numbanet.backends.cuda.", "numbanet.backends.cython.", "numbanet.backends.native.", "numbanet.backends.numba.")
COMPILER, OPTIONAL = "a compiler, imported when something is compiled", "an optional dependency"
STARTED, COMMANDS = "a backend or device, started when it is asked for", "a command imports what it alone needs"
LATE = {
    "numbanet": {"difflib": "for the text of an error; importing the package imports next to nothing"},
    "backends.cuda.code": {"backends.cuda.toolchain": OPTIONAL, "backends.cuda.toolkit": OPTIONAL},
    "backends.cuda.devices": {
        "backends.cuda.driver": STARTED, "backends.cuda.simulator": STARTED, "backends.cuda.toolkit": OPTIONAL,
    },
    "backends.cuda.driver": {
        "backends.cuda.backend": "it imports numba-cuda, without which a GPU can be named",
        "backends.cuda.program": "likewise",
    },
    "backends.cython.generate": {"Cython.Compiler.Main": COMPILER},
    "backends.native.convolution": {"backends.native.primitives.runs": COMPILER},
    "backends.native.products": {
        "backends.native.primitives.lines": COMPILER, "backends.native.primitives.tile": COMPILER,
    },
    "backends.numba.backend": {"backends.numba.compile": COMPILER},
    "backends.select": {"backends.cython.backend": STARTED, "backends.numba.backend": STARTED},
    "callbacks.notebook": {"IPython.display": "it is there where a notebook runs, and nowhere else needed"},
    "callbacks.progress": {
        "rich.console": OPTIONAL, "rich.live": OPTIONAL, "rich.progress": OPTIONAL, "rich.segment": OPTIONAL,
        "rich.text": OPTIONAL,
    },
    "cli": {
        "about": COMMANDS, "backends.cuda.code": COMMANDS, "backends.cuda.devices": COMMANDS,
        "backends.select": COMMANDS, "callbacks": COMMANDS, "callbacks.progress": COMMANDS,
        "concurrent.futures": COMMANDS, "core.files": COMMANDS, "core.settings": COMMANDS, "datasets": COMMANDS,
        "datasets.mnist": COMMANDS, "demo.command": COMMANDS, "saving.container": COMMANDS,
        "numbanet": COMMANDS, "numpy": COMMANDS, "threading": COMMANDS, "warmup": COMMANDS,
    },
    "core.markup": {"html": "for what notebooks show, while tensors import this one"},
    "datasets.sparse": {"scipy": OPTIONAL},
    "demo.app": {
        "starlette": OPTIONAL, "starlette.applications": OPTIONAL, "starlette.concurrency": OPTIONAL,
        "starlette.exceptions": OPTIONAL, "starlette.middleware": OPTIONAL,
        "starlette.middleware.trustedhost": OPTIONAL, "starlette.requests": OPTIONAL, "starlette.responses": OPTIONAL,
        "starlette.routing": OPTIONAL, "uvicorn": OPTIONAL,
    },
    "demo.serving": {"uvicorn": OPTIONAL},
    "errors": {"difflib": "for the text of an error, while every module imports this one"},
    "plotting.boxes": {"matplotlib.patches": OPTIONAL, "matplotlib.path": OPTIONAL},
    "plotting.canvas": {"matplotlib.axes": OPTIONAL, "matplotlib.figure": OPTIONAL},
    "saving.container": {"safetensors": OPTIONAL, "safetensors.numpy": OPTIONAL},
    "tensor.tensor": {"backends.cuda.devices": STARTED},
    "training.summary": {"rich.console": OPTIONAL, "rich.table": OPTIONAL},
    "warmup": {"backends.cuda.catalogue": OPTIONAL},
}  # fmt: skip
"""Imports inside functions, by module, with the reason of each; all others stand at the top."""

NO_DEVICES = ("activations", "losses", "metrics", "ops", "optimizers")
"""What computes wherever its operands are: the launcher, or what lies below it, knows where that is."""

GOVERNED = [name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in NO_DEVICES]


def short(name):
    return name.removeprefix("numbanet.")


GRAPH = {name: {target for _, target in imports_of(name) if target in MODULES} - {"numbanet", name} for name in MODULES}


def circles(graph):
    """The sets of nodes that reach each other (Tarjan: Depth-first search and linear graph algorithms, 1972)."""
    numbers, lowest, stack, found = {}, {}, [], []

    def visit(node):
        numbers[node] = lowest[node] = len(numbers)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in numbers:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], numbers[other])
        if lowest[node] == numbers[node]:
            at = stack.index(node)
            if len(stack) > at + 1 or node in graph.get(node, ()):
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in numbers:
            visit(node)
    return found


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert circles({"a": {"a"}}) == [["a"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_is_in_a_circle():
    """Imports inside functions count, and modules that are named whole as text."""
    assert circles(GRAPH) == []


def package_of(name):
    """The package of a module, for every package of numbanet: that of `numbanet.a.b.c` is `numbanet.a.b`."""
    if MODULES[name].name == "__init__.py":
        return name
    return name.rpartition(".")[0]


def package_graph():
    """Which package imports from which, packages inside packages included; one and its own inner ones are no arrow."""
    graph = {}
    for name, targets in GRAPH.items():
        for target in targets:
            mine, its = package_of(name), package_of(target)
            apart = mine != its and not mine.startswith(f"{its}.") and not its.startswith(f"{mine}.")
            if apart and "numbanet" not in (mine, its):
                graph.setdefault(mine, set()).add(its)
    return graph


def test_packages_point_one_way():
    assert circles(package_graph()) == []


def late_imports(name):
    """What a module imports inside functions."""
    for node in run_nodes(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (module for _, module in statements_of_imports(ast.walk(node)))


@pytest.mark.parametrize("name", MODULES)
def test_imports_inside_functions_have_a_reason(name):
    found = {short(target) for target in late_imports(name)}
    assert found == set(LATE.get(short(name), ())), "at the top, or in LATE with its reason"


def test_the_modules_with_late_imports_exist():
    assert {name if name == "numbanet" else f"numbanet.{name}" for name in LATE} <= set(MODULES)


DEVICE_QUESTIONS = (
    (r"\btype\(.*\) is (not )?(np\.)?ndarray\b", "asks whether an array is on the host"),
    (r"\bDeviceArray\b", "asks whether an array is on a device"),
    (r"\.device\.\w", "asks the device of an array for something"),
    (r"\bbackend(_of)?\(|\bon_backend\b", "asks which backend runs the loops"),
)


def device_questions(tree):
    """(line, what it does) of every expression that asks where arrays lie, or who runs the loops."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Attribute | ast.Call | ast.Name):
            text = ast.unparse(node)
            yield from ((node.lineno, f"`{text}` {what}") for asked, what in DEVICE_QUESTIONS if re.search(asked, text))


@pytest.mark.parametrize("name", GOVERNED)
def test_what_computes_asks_for_no_device(name):
    assert not [short(target) for _, target in imports_of(name) if target.startswith("numbanet.backends")]
    assert not list(device_questions(tree_of(name))), "have `launching` do it"


@pytest.mark.parametrize(
    "text",
    [
        "y = x if type(x) is np.ndarray else x.T", "type(x) is not ndarray", "isinstance(x, DeviceArray)",
        "x.device.backend.argsort(x, 0)", "launch.backend_of(out).compiled",
    ],
)  # fmt: skip
def test_questions_are_found(text):
    assert list(device_questions(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["full(shape, 0, dtype, x.device)", "isinstance(key, np.ndarray)", "type(x) is Tensor"]
)
def test_other_expressions_are_not(text):
    assert not list(device_questions(ast.parse(text)))


def test_backends_do_not_ask_who_chose_them():
    """Only what stands above the backends imports the chooser."""
    below = [name for name in MODULES if name.startswith((*OWN, "numbanet.kernels", "numbanet.backends.protocol"))]
    assert not [name for name in below if "numbanet.backends.select" in GRAPH[name]]


def test_failover_is_in_the_chooser_alone():
    """`BackendFailed` is raised by backends, and caught in `backends.select`."""
    for name in MODULES:
        if name != "numbanet.backends.select":
            handlers = [node for node in ast.walk(tree_of(name)) if isinstance(node, ast.ExceptHandler) and node.type]
            assert not [node for node in handlers if "BackendFailed" in ast.unparse(node.type)], name
