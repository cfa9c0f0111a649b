"""What the documentation says is true: its Python blocks and every docstring's examples run, its commands exist."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.core.table import NUMPY_FUNCTIONS, TABLE
from numbanet.datasets import mnist
from numbanet.loops import functions
from tests.conftest import why_no_numba

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
IN_A_COPY = "adding_an_op.md"
"""What this page says is done in a copy of the sources, see tests/test_adding_an_op.py."""
BLOCK = re.compile(
    r"(?:^<!-- skip: (?P<reason>.+?) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = [found.name for found in pkgutil.walk_packages(nn.__path__, "numbanet.")]
MODULES.remove("numbanet.__main__")  # importing it runs the command line
MODULES = [
    name for name in MODULES if not name.startswith("numbanet.backends.cython._")
]  # some are for newer processors


def blocks(page, language):
    """(line, text) of the blocks of a page in a language; `<!-- skip: reason -->` before a block leaves it out."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        if match["language"] == language and not match["reason"]:
            yield text.count("\n", 0, match.start("text")) + 1, match["text"]


@pytest.fixture
def small_mnist(monkeypatch):
    """The first digits alone, so that what trains on all of them in the documentation takes a moment here."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    data = (x_train[:1024], y_train[:1024]), (x_test[:256], y_test[:256])
    monkeypatch.setattr(mnist, "load_data", lambda: data)


@pytest.fixture
def table_as_it_was():
    """Ops that an example adds to the table are gone after it."""
    known = dict(TABLE), dict(NUMPY_FUNCTIONS)
    yield
    for table, before in zip((TABLE, NUMPY_FUNCTIONS), known, strict=True):
        for name in set(table) - set(before):
            del table[name]
            vars(nn).pop(name, None)
        table.update(before)


def run_blocks(page):
    """Run the Python blocks of a page one after the other, as one module; return what it defines."""
    scope = {"__name__": f"documentation.{page.stem}"}
    for line, text in blocks(page, "python"):
        if text.startswith(">>> "):
            examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), line - 1)
            examples.globs = scope
            check_examples(examples)
        else:
            exec(compile("\n" * (line - 1) + text, str(page), "exec"), scope)
    return scope


@pytest.mark.needs_compiled("networks are trained")
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != IN_A_COPY], ids=lambda page: page.name)
@pytest.mark.usefixtures("small_mnist", "table_as_it_was", "no_figures")
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nn.config, "_num_threads", nn.config._num_threads)  # which a page sets
    run_blocks(page)


def test_the_relu_of_the_readme_is_the_one_that_runs():
    assert inspect.getsource(functions.relu) in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page):
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    from numbanet.cli import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    for line, text in [*blocks(page, "sh"), *blocks(page, "text")]:
        for target in re.findall(r"^make (\w+)", text, re.MULTILINE):
            assert target in targets, f"{page.name}, line {line}: the Makefile has no target {target}"
        for command in re.findall(r"^numbanet (\w+)", text, re.MULTILINE):
            assert command in commands, f"{page.name}, line {line}: numbanet has no command {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        places = (
            page.parent / target,
            Path(nn.__file__).parent.parent / target,
        )  # the package may be installed elsewhere
        assert any(place.exists() for place in places), f"{page.name}: there is no {target}"


def check_examples(examples):
    """Run one docstring's examples; what differs is told with the docstring's place."""
    report = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    runner.run(examples, out=report.append, clear_globs=False)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_modules_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "numbanet.plotting.timeline" and backend().name == "python":
        pytest.skip("a Program is drawn, and the loops run in the interpreter")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if ".cuda." in name:
            pytest.skip(f"the module needs a part of numba-cuda that is not there or not in use: {error}")
        if not why_no_numba():
            raise
        pytest.skip(f"the module needs Numba, and {why_no_numba()}")
    for examples in doctest.DocTestFinder().find(module):
        check_examples(examples)


@pytest.mark.parametrize("name", [name for name in dir(nn) if name in TABLE])
def test_examples_of_ops_run(name, tmp_path, monkeypatch):
    """Public functions of the table are made by calls, so that `DocTestFinder` finds them in no module."""
    monkeypatch.chdir(tmp_path)
    for examples in doctest.DocTestFinder().find(getattr(nn, name), f"nn.{name}", module=False, globs={}):
        assert examples.examples, f"nn.{name} has no example"
        check_examples(examples)


NAMED = re.compile(r"`((?:[a-z_]+/)*[a-z_0-9]+\.(?:py|pxd|h|c|md|toml))`")


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"])
def test_files_that_a_page_names_are_there(page):
    """A name without its folders is enough where it is the only one; the package may be installed elsewhere."""
    places = [Path(nn.__file__).parent, *(ROOT / name for name in ("tests", "asv_benchmarks", "docs", "examples"))]
    files = [
        path.relative_to(place.parent).as_posix()
        for place in places
        for path in place.rglob("*.*")
        if not {".asv", "_build"} & set(path.parts)
    ]
    files += [path.name for path in ROOT.glob("*.*")]
    missing = {
        name
        for name in NAMED.findall(page.read_text(encoding="utf-8"))
        if not any(file == name or file.endswith(f"/{name}") for file in files)
    }
    assert not missing, f"{page.name} names files that are not there: {', '.join(sorted(missing))}"


PUBLIC = re.compile(r"`nn((?:\.[A-Za-z]\w*)+)")
ANY_NAME = {".f", ".ops.f", ".name"}
"""What stands for any name."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_public_names_in_a_page_are_there(page):
    """`nn.a.b` in running text and tables; what stands in blocks of code is run."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    missing = set()
    for name in set(PUBLIC.findall(prose)) - ANY_NAME:
        found = nn
        for part in name.split(".")[1:]:
            found = getattr(found, part, missing)
        if found is missing:
            missing.add(f"nn{name}")
    assert not missing, f"{page.name} has names that numbanet has not: {', '.join(sorted(missing))}"


def test_the_reference_does_not_show_the_environment_in_which_it_is_built():
    # Sphinx prints default values: that of `os.environ` is everything that the machine has set.
    assert inspect.signature(type(nn.config)).parameters["environment"].default is None
