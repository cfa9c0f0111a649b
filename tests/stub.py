"""`numbanet/__init__.pyi`, from what the package has: `make generated` writes it.

Operations are found in the table, and most of them are made by calls, so that no type checker and no editor can see
their signatures and docstrings in the sources. The stub spells them out, as `inspect` finds them; all other names are
imported from where they are.
"""

import ast
import builtins
import inspect
import re
import sys
import textwrap
from functools import cache
from importlib import import_module
from pathlib import Path

import numbanet as nn
from numbanet.aliases import ALIASES
from numbanet.core.table import TABLE

PATH = Path(nn.__file__).with_suffix(".pyi")
HEAD = '''"""The public names, for type checkers and editors; `__init__.py` loads them when they are first used.

Written by `make generated`: what stands here is taken from the table of operations, whose functions have their
annotations and docstrings.
"""
'''
WIDTH = 120


def text():
    """The stub, as it should be."""
    imports, functions, others = set(), [], []
    for name in dir(nn):
        op = TABLE.get(ALIASES.get(name, name))
        if op is not None:
            functions.append(definition(name, op.function, imports))
        else:
            known = ALIASES.get(name, name)
            imports.add((home_of(known), f"{known} as {known}"))
            if name != known:  # an import under another name is none of a stub's own
                others.append(f"{name} = {known}")
    parts = [HEAD, "import builtins", *import_lines(imports), "", *others, "", "\n\n".join(functions), ""]
    return "\n".join(parts)


def import_lines(imports):
    """Lines for pairs of a module and a name, in the order that ruff gives them."""
    plain = {}
    for module, name in imports:
        if " as " not in name:
            plain.setdefault(module, []).append(name)
    found = {(module, ", ".join(sorted(names))) for module, names in plain.items()}
    found |= {(module, name) for module, name in imports if " as " in name}
    groups = [[], [], []]
    for module, name in sorted(found, key=lambda pair: (natural(pair[0]), natural(pair[1]))):
        top = module.split(".")[0]
        groups[0 if top in sys.stdlib_module_names else 2 if top == "numbanet" else 1].append((module, name))
    return "\n\n".join("\n".join(f"from {module} import {name}" for module, name in group) for group in groups).split(
        "\n"
    )


def natural(name):
    """A key by which constants come before classes, classes before the rest, and int8 before int16."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def home_of(name):
    """The module that a name is imported from."""
    if name == "__version__":
        return "numbanet.version"
    return "numbanet" if name in nn._MODULES else f"numbanet.{nn._OBJECTS[name]}"


def definition(name, function, imports):
    """The declaration of a function, with its docstring; what it needs is added to `imports`."""
    sources = imported_names(function.__globals__["__name__"])
    parts, kinds = [], {}
    for parameter in inspect.signature(function).parameters.values():
        if kinds and parameter.kind != inspect.Parameter.POSITIONAL_ONLY and set(kinds.values()) == {0}:
            parts.append("/")
        if parameter.kind == inspect.Parameter.KEYWORD_ONLY and not {2, 3} & set(kinds.values()):
            parts.append("*")
        kinds[parameter.name] = int(parameter.kind)
        star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = parameter.default
        end = "" if default is parameter.empty else f" = {default if is_literal(default) else '...'!s}"
        if isinstance(default, str):
            end = f' = "{default}"'
        parts.append(f"{star}{parameter.name}: {rendered(parameter.annotation, sources, imports)}{end}")
    if kinds and set(kinds.values()) == {0}:
        parts.append("/")
    result = rendered(function.__annotations__["return"], sources, imports)
    body = textwrap.indent(docstring(function), "    ")
    line = f"def {name}({', '.join(parts)}) -> {result}:"
    if len(line) <= WIDTH:
        return f"{line}\n{body}"
    inner = f"    {', '.join(parts)}"
    if len(inner) > WIDTH:
        inner = "\n".join(f"    {part}," for part in parts)
    return f"def {name}(\n{inner}\n) -> {result}:\n{body}"


def docstring(function):
    """The docstring of a function as it is written; one line stays one."""
    text = inspect.cleandoc(function.__doc__)
    prefix = "r" if "\\" in text else ""
    return f'{prefix}"""{text}\n"""' if "\n" in text else f'{prefix}"""{text}"""'


def is_literal(value):
    """Whether a default can stand in the stub as it is."""
    return value is None or isinstance(value, bool | int | float)


def rendered(annotation, sources, imports):
    """An annotation as it reads in the stub, where some names of builtins are functions of numbanet."""
    tree = ast.parse(annotation, mode="eval")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name):
            continue
        if node.id in sources:
            imports.add((sources[node.id], node.id if node.id != "Tensor" else "Tensor as Tensor"))
        elif not hasattr(builtins, node.id):
            raise NameError(f"nobody knows where {node.id} in {annotation} is from")
        elif node.id in dir(nn):
            node.id = f"builtins.{node.id}"
    return ast.unparse(tree).replace("'", '"')


@cache
def imported_names(module):
    """From the names that a module imports, for type checkers too, or defines as classes, to where they are from."""
    found = {}
    for node in ast.walk(ast.parse(Path(import_module(module).__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name: node.module for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            found[node.name] = module
    return found
