"""Sphinx: pages in MyST Markdown, the reference from the docstrings and from the table of operations."""

import inspect
import re

from sphinx.util.docutils import SphinxDirective

import numbanet as nn
from numbanet.aliases import ALIASES
from numbanet.core.table import TABLE

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
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
}
html_theme = "furo"
html_title = f"numbanet {release}"
html_static_path = ["_static", "draw", "../numbanet/demo/page"]
html_css_files = ["pages.css"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_typehints = "none"
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False


def public_ops(family):
    """The public functions of one family of the table, by name."""
    return {name: TABLE[name] for name in sorted(dir(nn)) if name in TABLE and TABLE[name].family == family}


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
            lines += ["", f".. autofunction:: numbanet.{name}"]
        return self.parse_text_to_nodes("\n".join(lines))


def inputs_with_gradients(op):
    """Which inputs of an op gradients flow to, in words."""
    if not op.differentiable:
        return "none"
    if op.vjp is None or callable(op.vjp):
        return "every floating input"
    names = list(inspect.signature(op.function).parameters)
    return ", ".join(f"``{name}``" for name, rule in zip(names, op.vjp, strict=False) if rule is not None)


def formula(op):
    """What the docstring says that an op computes: its formula where there is one, else its first sentence."""
    text = inspect.cleandoc(op.function.__doc__)
    found = re.search(r"Computes `([^`]+)`", text)
    return f"``{found[1]}``" if found else text.splitlines()[0]


def returned_shape(op):
    """The first sentence on what an op returns, which is on its shape."""
    text = inspect.cleandoc(op.function.__doc__)
    found = re.search(r"^Returns\n-+\n.+\n((?:    .+\n?)+)", text, re.MULTILINE)
    return " ".join(found[1].split()).split(". ")[0].rstrip(".") + "." if found else ""


class Summary(SphinxDirective):
    """`.. op-summary::`: every public function of the table in one row, one table for each family."""

    def run(self):
        lines = []
        for family in dict.fromkeys(op.family for op in TABLE.values()):
            ops = public_ops(family)
            if not ops:
                continue
            lines += ["", f".. rubric:: {family.capitalize()}", "", ".. list-table::", "   :header-rows: 1", ""]
            columns = ["function", "computes", "result", "gradient to"]
            lines += [f"   {'* ' if i == 0 else '  '}- {column}" for i, column in enumerate(columns)]
            for name, op in ops.items():
                cells = [f":func:`numbanet.{name}`", formula(op), returned_shape(op), inputs_with_gradients(op)]
                lines += [f"   {'* ' if i == 0 else '  '}- {cell}" for i, cell in enumerate(cells)]
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


def setup(app):
    """Add the directive, and read docstrings before numpydoc does."""
    app.add_directive("ops", OpTable)
    app.add_directive("op-summary", Summary)
    app.add_directive("other-names", OtherNames)
    app.connect("autodoc-process-docstring", convert_tables, priority=100)
    return {"parallel_read_safe": True}
