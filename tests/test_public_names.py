"""The public names: the same ones whatever was imported before, and a hint for those that are none."""

import importlib
import pkgutil
import subprocess
import sys
import types

import pytest

import numbanet as nn

NOTHING = """
import sys, numbanet
before = set(sys.modules)
names = dir(numbanet)
after = {name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names}
assert not after, after
print(len(names))
"""
INTERNAL = sorted({found.name for found in pkgutil.iter_modules(nn.__path__)} - set(nn._MODULES))


def test_listing_them_imports_nothing():
    done = subprocess.run([sys.executable, "-c", NOTHING], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(dir(nn))


@pytest.mark.parametrize("name", INTERNAL)
def test_an_internal_module_is_no_attribute(name):
    if name in dir(nn):
        pytest.skip("a public name is the same")
    if not name.startswith("_"):
        module = importlib.import_module(f"numbanet.{name}")
        assert sys.modules[f"numbanet.{name}"] is module
    with pytest.raises(AttributeError):
        getattr(nn, name)


def test_modules_are_imported_in_every_way():
    script = """
import numbanet.kernels.memory as memory, numbanet.tensor.tensor
from numbanet import kernels, layers, warmup
from numbanet.kernels import words
import numbanet.layers.dense
assert numbanet.layers.dense.Dense is numbanet.layers.Dense
assert not hasattr(numbanet, "kernels") and not hasattr(numbanet, "tensor")
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def public_modules(module=nn, name="nn"):
    """Yield (name, module) of a public module and those that are its attributes."""
    yield name, module
    for one in dir(module):
        found = getattr(module, one)
        if isinstance(found, types.ModuleType):
            yield from public_modules(found, f"{name}.{one}")


@pytest.mark.parametrize(("name", "module"), [*public_modules()])
def test_public_modules_list_their_public_names_alone(name, module):
    names = dir(module)
    assert names == sorted(set(names))
    if module is not nn:
        assert set(names) == set(module.__all__), name
    for one in names:
        found = getattr(module, one)
        assert not one.startswith("_") or module is nn
        assert not isinstance(found, types.ModuleType) or found.__name__.startswith("numbanet."), one
        assert getattr(found, "__module__", None) != "typing" or module is nn.typing, one


def test_types_are_an_attribute():
    assert "ArrayLike" in dir(nn.typing)
    assert nn.typing is importlib.import_module("numbanet.typing")


def test_every_name_is_there():
    for name in dir(nn):
        assert hasattr(nn, name)


@pytest.mark.parametrize(("name", "nearest"), [("sofmax", "softmax"), ("Sequental", "Sequential"), ("layer", "layers")])
def test_a_name_that_is_none_has_the_nearest_in_its_error(name, nearest):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'; did you mean numbanet\.{nearest}\?"):
        getattr(nn, name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("while_loop", r"did you mean numbanet\.ops\.while_loop"),
        ("keras", "numbanet itself"),
        ("float16", "float32 and float64"),
        ("data", "fit takes"),
    ],
)
def test_a_name_of_another_library_says_what_to_write(name, message):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'.*{message}"):
        getattr(nn, name)


def test_a_name_that_is_like_no_other_has_no_hint():
    with pytest.raises(AttributeError, match=r"no attribute 'qqqq'$"):
        nn.qqqq  # noqa: B018  (asked for)


def test_what_users_set_is_kept():
    nn.of_mine = 3
    try:
        assert nn.of_mine == 3
    finally:
        del nn.of_mine
