"""Former homes of classes and functions: pickles name what they hold by module, and can be read after a move.

An import of a module that is gone is answered by the finder of numbanet's, at the end of `sys.meta_path`, which Python
asks when nothing else has the module. What it gives has the names of `MOVED`, taken from where they are now.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED: dict[str, tuple[str, ...]] = {
    "checks": ("core.checks",),
    "custom_gradients": ("autodiff.custom_gradients",),
    "devices": ("tensor.devices",),
    "differentiation": ("autodiff.derivatives",),
    "gradients": ("autodiff.gradients",),
    "interop": ("tensor.interop",),
    "layers.base": ("layers",),
    "layers.core": ("layers",),
    "layers.shaping": ("layers", "layers.layer"),
    "losses.classes": ("losses",),
    "losses.functions": ("losses",),
    "metrics.base": ("metrics",),
    "metrics.binary": ("metrics",),
    "metrics.mean": ("metrics",),
    "names": ("core.names",),
    "optimizers.adam": ("optimizers",),
    "optimizers.base": ("optimizers",),
    "optimizers.rules": ("optimizers",),
    "registry": ("core.registry", "core.encoding"),
    "replayed": ("graph.function",),
    "shapes": ("core.shapes",),
    "standard": ("tensor.array_api",),
    "tape": ("autodiff.tape",),
    "tensor": ("tensor.tensor",),
    "variable": ("tensor.variable",),
}
"""From modules of version 0.1.0 to those that have their public names now; all in numbanet."""


def former(module: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module, for names that have moved from it to others.

    Parameters
    ----------
    module : str
        Without `numbanet.` in front.

    Examples
    --------
    >>> former("layers.core")("Dense").__module__
    'numbanet.layers.dense'
    """

    def find(name: str) -> Any:
        for home in MOVED[module]:
            if not name.startswith("__") and hasattr(found := import_module(f"numbanet.{home}"), name):
                return getattr(found, name)
        raise AttributeError(f"module 'numbanet.{module}' has no attribute {name!r}")

    return find


class _Loader:
    """Makes modules that are gone, of the names that have moved."""  # importlib.abc.Loader takes 10 ms to import

    def create_module(self, spec):
        module = ModuleType(spec.name, "What has moved from here to other modules.")
        module.__getattr__ = former(spec.name.partition(".")[2])  # type: ignore[method-assign]  # Python asks for it
        return module

    def exec_module(self, module):
        """There is nothing to run."""


def spec_of(name: str) -> ModuleSpec | None:
    """Return what a finder says of a module that is gone, by its full name; None if none has moved from there."""
    loader: Any = _Loader()
    return ModuleSpec(name, loader) if name.partition(".")[2] in MOVED else None
