"""Sphinx: pages in MyST Markdown, the reference from the docstrings and from the table of operations."""

import inspect

from sphinx.util.docutils import SphinxDirective

import numbanet as nn
from numbanet.table import TABLE

project = "numbanet"
author = "the numbanet developers"
copyright = "2026, the numbanet developers"
release = version = nn.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "numpydoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"numbanet {release}"
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
    app.connect("autodoc-process-docstring", convert_tables, priority=100)
    return {"parallel_read_safe": True}
