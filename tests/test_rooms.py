"""Rooms of layers, losses, metrics, optimizers and callbacks: one family per file, one way in."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import numbanet as nn

PACKAGE = Path(nn.__file__).parent
ROOMS = ("callbacks", "layers", "losses", "metrics", "optimizers")

INTERNAL = {"Operation"}
"""What model files name, and users get from operators on symbolic tensors alone."""


def imports_from(path):
    """(module, name) of every `from module import name` in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("name", nn.optimizers.OPTIMIZERS)
def test_every_optimizer_has_a_file_of_its_name(name):
    assert nn.optimizers.OPTIMIZERS[name].__module__ == f"numbanet.optimizers.{name}"


@pytest.mark.parametrize("loss", {kind.function.__name__: kind for kind in nn.losses.LOSSES.values()}.values())
def test_a_loss_stands_beside_its_function(loss):
    assert loss.__module__ == loss.function.__module__


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_public_is_imported_from_the_package(room):
    public = import_module(f"numbanet.{room}").__all__
    found = [
        f"{path.relative_to(PACKAGE)}: {name} of {module}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != room
        for module, name in imports_from(path)
        if (module or "").startswith(f"numbanet.{room}.") and name in public
    ]
    assert not found, f"import these from numbanet.{room}: {', '.join(found)}"


@pytest.mark.parametrize("room", ROOMS)
def test_all_public_names_are_exported(room):
    home = import_module(f"numbanet.{room}")
    assert len(set(home.__all__)) == len(home.__all__)
    made_here = {
        name
        for name, value in vars(home).items()
        if isinstance(value, type) and value.__module__.startswith(f"numbanet.{room}.")
    }
    assert made_here - INTERNAL <= {*home.__all__}
