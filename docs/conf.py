"""Sphinx: pages in MyST Markdown, the reference from the docstrings and from the table of operations."""

import ast
import importlib
import inspect
import itertools
import sys
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

import numbanet as nn
from numbanet.aliases import ALIASES
from numbanet.core.table import TABLE

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from op_pages import errors, formula, inputs_with_gradients, loops, public_ops, returned_shape, times  # noqa: E402  (found by way of it)

project = "numbanet"
author = "the numbanet developers"
copyright = "2026, the numbanet developers"
release = version = nn.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "numpydoc"]
extensions += ["sphinx_design", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build", "performance_tables.md", "front_figures.md"]  # which other pages include
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "plot_",
    "ignore_pattern": r"\b(from_scratch|datafiles)[.]py",  # a program that a scene shows; what reads data
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ["gallery_pictures"],
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
}
html_theme = "furo"
html_title = f"numbanet {release}"
html_static_path = ["_static", "draw", "../numbanet/demo/page"]
html_css_files = ["pages.css"]
html_js_files = ["pages.js"]
html_show_sourcelink = False
highlight_options = {"python": {"stripnl": True}}  # the line that ends an example of doctest
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_typehints = "none"
default_role = "literal"  # a name between backquotes is code, in docstrings too
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False


class OpTable(SphinxDirective):
    """`.. ops:: family`: a table of its functions with their first sentences, then each with its docstring."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        ops = public_ops(self.arguments[0])
        if not ops:
            raise self.error(f"the table has no family {self.arguments[0]!r}")
        lines = [".. list-table::", "   :header-rows: 1", "", "   * - function", "     - does", "     - gradient"]
        for name, op in ops.items():
            sentence = inspect.cleandoc(op.function.__doc__).splitlines()[0]
            lines += [
                f"   * - :func:`numbanet.{name}`",
                f"     - {sentence}",
                f"     - {'yes' if op.differentiable else 'no'}",
            ]
        for name in ops:
            lines += ["", f".. autofunction:: numbanet.{name}", *loops(name)]
        return self.parse_text_to_nodes("\n".join(lines))


class Summary(SphinxDirective):
    """`.. op-summary::`: every public function of the table in one row, one table for each family."""

    def run(self):
        lines = []
        for family in dict.fromkeys(op.family for op in TABLE.values()):
            ops = public_ops(family)
            if not ops:
                continue
            lines += ["", f".. rubric:: {family.capitalize()}", "", ".. list-table::", "   :header-rows: 1", ""]
            measured = {"error, ulp": errors(), "ns": times()}
            measured = {title: column for title, column in measured.items() if column.keys() & ops.keys()}
            columns = ["function", "computes", "result", "gradient to", *measured]
            lines += [f"   {'* ' if i == 0 else '  '}- {column}" for i, column in enumerate(columns)]
            for name, op in ops.items():
                cells = [
                    f":func:`nn.{name} <numbanet.{name}>`",
                    formula(op),
                    returned_shape(op),
                    inputs_with_gradients(op),
                ]
                cells += [column.get(name, "") for column in measured.values()]
                lines += [f"   {'* ' if i == 0 else '  '}- {cell}" for i, cell in enumerate(cells)]
        return self.parse_text_to_nodes("\n".join(lines))


OPS = nn.ops.__name__


class KerasOps(SphinxDirective):
    """`.. keras-ops:: modules`: the functions of modules of numbanet.compat.keras, by the names that users write."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        lines = []
        for name in self.arguments[0].split():
            module = importlib.import_module(f"numbanet.compat.keras.{name}")
            lines += ["", *inspect.cleandoc(module.__doc__).splitlines()]
            own = [key for key, obj in vars(module).items() if getattr(obj, "__module__", None) == module.__name__]
            lines += [
                line for key in sorted({*own} & {*dir(nn.ops)}) for line in ("", f".. autofunction:: {OPS}.{key}")
            ]
        return self.parse_text_to_nodes("\n".join(lines))


class Types(SphinxDirective):
    """`.. types::`: the public types as numbanet/typing.py writes them, not as Python expands them."""

    def run(self):
        lines = []
        for statement, text in itertools.pairwise(ast.parse(inspect.getsource(nn.typing)).body):
            if isinstance(statement, ast.AnnAssign) and statement.target.id in nn.typing.__all__:
                value = statement.value
                union = isinstance(value, ast.Subscript) and ast.unparse(value.value) == "Union"
                parts = value.slice.elts if union else [value]
                written = " | ".join(ast.unparse(part) for part in parts).replace("'", "")
                lines += [f".. py:data:: {statement.target.id}", f"   :module: {nn.typing.__name__}"]
                lines += [f"   :value: {written}", "", f"   {text.value.value}", ""]
        return self.parse_text_to_nodes("\n".join(lines))


class OtherNames(SphinxDirective):
    """`.. other-names::`: a table from other names to those of the functions that they are."""

    def run(self):
        lines = [".. list-table::", "   :header-rows: 1", "", "   * - name", "     - is"]
        for name in sorted(ALIASES):
            lines += [f"   * - ``nn.{name}``", f"     - :func:`numbanet.{ALIASES[name]}`"]
        return self.parse_text_to_nodes("\n".join(lines))


def convert_tables(app, what, name, obj, options, lines):
    """Markdown tables of docstrings, in reStructuredText."""
    converted = []
    for line in lines:
        indent, cells = line[: len(line) - len(line.lstrip())], line.strip().strip("|").split(" | ")
        if not line.lstrip().startswith("|"):
            converted.append(line)
        elif set(line) <= set(" |-:"):
            continue
        else:
            if not converted or not converted[-1].startswith(f"{indent}     - "):
                converted += [f"{indent}.. list-table::", f"{indent}   :header-rows: 1", ""]
            cells = [cell.strip().replace("`", "``") for cell in cells]
            converted += [f"{indent}   * - {cells[0]}", *[f"{indent}     - {cell}" for cell in cells[1:]]]
    lines[:] = converted


def types_are_their_own(app, module, attribute):
    """Where viewcode looks for the source of a type: Python takes `dict[str, Any]` for a part of its builtins."""
    return module if module == nn.typing.__name__ else None


def setup(app):
    """Add the directives, and read docstrings before numpydoc does."""
    app.add_directive("ops", OpTable)
    app.add_directive("op-summary", Summary)
    app.add_directive("other-names", OtherNames)
    app.add_directive("keras-ops", KerasOps)
    app.add_directive("types", Types)
    app.connect("autodoc-process-docstring", convert_tables, priority=100)
    app.connect("viewcode-follow-imported", types_are_their_own)
    return {"parallel_read_safe": True}
