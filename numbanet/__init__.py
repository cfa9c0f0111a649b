"""numbanet: deep learning from naive loops, at full speed.

A network is `nn.Sequential(layers)` or `nn.Model(inputs, outputs)`; `help(nn.Sequential)` shows the methods `compile`,
`fit`, `evaluate`, `predict` and `save`. Parts are in `nn.layers`, `nn.losses`, `nn.metrics`, `nn.optimizers`,
`nn.callbacks` and `nn.datasets`, with Keras's names; functions of arrays are here, with NumPy's.

Names are loaded when they are first used: `import numbanet` costs little more than `import numpy`, and imports neither
Numba nor anything optional.
"""

import sys as _sys
from importlib import import_module as _import_module

from numbanet.aliases import ALIASES as _ALIASES
from numbanet.aliases import INSTEAD as _INSTEAD
from numbanet.public import OPS as _OPS
from numbanet.version import __version__ as __version__

_MODULES: tuple[str, ...] = (
    "callbacks",
    "datasets",
    "fft",
    "initializers",
    "layers",
    "linalg",
    "losses",
    "metrics",
    "naive",
    "ops",
    "optimizers",
)
_MODULES += (
    "activations",
    "constraints",
    "debug",
    "errors",
    "math",
    "models",
    "nn",
    "plotting",
    "random",
    "regularizers",
    "saving",
    "testing",
    "typing",
    "utils",
)
_OBJECTS = {
    "GradientTape": "autodiff.tape",
    "Sequential": "training.sequential",
    "SparseRows": "ops.sparse",
    "Tensor": "tensor.tensor",
    "Variable": "tensor.variable",
    "asarray": "tensor.tensor",
    "config": "core.settings",
    "custom_gradient": "autodiff.custom_gradients",
    "device": "tensor.devices",
    "dot_product_attention": "layers.dot_product_attention",
    "from_dlpack": "tensor.interop",
    "function": "graph.function",
    "grad": "autodiff.gradients",
    "hessian": "autodiff.derivatives",
    "hvp": "autodiff.derivatives",
    "jacobian": "autodiff.derivatives",
    "load_model": "training.loading",
    "value_and_grad": "autodiff.gradients",
}
_STANDARD: tuple[str, ...] = ("__array_api_version__", "__array_namespace_info__")
_STANDARD += ("can_cast", "finfo", "iinfo", "isdtype", "result_type")
_STANDARD += ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
_STANDARD += ("e", "inf", "nan", "newaxis", "pi")
_OBJECTS |= dict.fromkeys(_STANDARD, "tensor.array_api")
_OBJECTS |= dict.fromkeys(("array", "constant"), "compat.creation")
_OBJECTS |= dict.fromkeys(("bincount", "median", "trace"), "compat.reductions")
_SHAPES = ("boolean_mask", "diagonal", "hstack", "ndim", "ravel", "shape", "size", "swapaxes", "vstack")
_OBJECTS |= dict.fromkeys(_SHAPES, "compat.shapes")
_OBJECTS |= {"Input": "layers", "Layer": "layers", "Model": "training.model"}

_INTERNAL = {
    "average_pool_gradient",
    "conv_input_gradient",
    "conv_kernel_gradient",
    "copy",
    "dense",
    "dropout",
    "elu_gradient",
    "gelu_gradient",
    "gelu_tanh_gradient",
    "getitem",
    "leaky_relu_gradient",
    "length",
    "max_pool_from_memory",
    "max_pool_gradient",
    "max_pool_memory",
    "max_pool_places",
    "max_pool_take",
    "put_back",
    "relu_gradient",
    "selu_gradient",
    "sigmoid_gradient",
    "silu_gradient",
    "softmax_cross_entropy_gradient",
    "softplus_gradient",
    "take_back",
    "tanh_gradient",
    "to_device",
}
"""Operations that are a method, or a part of others."""


class _Namespace(type(_sys)):  # type: ignore[misc]  # the class of modules
    """A package whose modules are its attributes only where they are public, whatever has been imported before."""

    def __setattr__(self, name, value):
        internal = isinstance(value, type(_sys)) and value.__name__ == f"{self.__name__}.{name}"
        if not internal or name in _MODULES:
            super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Namespace
for _name in ("aliases", "public", "version"):
    globals().pop(_name, None)  # imported above, before modules were hidden


class _Former:
    """Asks `core.moved` for modules that no longer exist: pickles name the former places of classes."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        return _import_module("numbanet.core.moved").spec_of(name) if name.startswith("numbanet.") else None


if not any(
    getattr(finder, "__module__", "") == __name__ for finder in _sys.meta_path
):  # also where it is imported again
    _sys.meta_path.append(_Former)


class _Unknown(AttributeError):
    """Looks for the nearest name when its text is read: `hasattr` and imports ask for many names that there are not."""

    __module__, __qualname__ = "builtins", "AttributeError"  # what a traceback calls it

    def __str__(self):
        return _what_to_write(self.name)

    def __reduce__(self):
        return AttributeError, (str(self),)


def __getattr__(name):
    """Load a public name the first time that it is asked for."""
    if name in _MODULES:
        value = _import_module(f"numbanet.{name}")
    elif name in _OBJECTS:
        _table()  # tensors find their operators in it
        value = getattr(_import_module(f"numbanet.{_OBJECTS[name]}"), name)
    elif name in _ops():
        value = _table()[name].function
    elif name in _ALIASES:
        value = getattr(_sys.modules[__name__], _ALIASES[name])
    else:
        raise _Unknown(f"module 'numbanet' has no attribute {name!r}", name=name)
    globals()[name] = value
    return value


def _table():
    _import_module("numbanet.autodiff.gradients")  # brings numbanet.ops with it
    _import_module("numbanet.numpy_functions")
    return _import_module("numbanet.core.table").TABLE


def _functions_of_keras():
    """The module of what `nn.ops` has, which is above the operations that it is made of."""
    return _import_module("numbanet.compat.keras")


def _function_of_keras(name):
    """A function by its name in `keras.ops`, or an error that says what to write."""
    known = _functions_of_keras()
    if name in known.__all__:
        return getattr(known, name)
    missing = _import_module("numbanet.core.missing").no_attribute
    raise missing("nn.ops", name, known.__all__, _import_module("numbanet.compat.keras.instead").INSTEAD)


def _ops():
    """The names of public operations, with those that users have added to the table, if there is one yet."""
    table = _sys.modules.get("numbanet.core.table")
    return {*_OPS, *(set(table.TABLE) - _INTERNAL if table else ())}


def _names_in(module):
    return getattr(_import_module(f"numbanet.{module}"), "__all__", ())


def _what_to_write(name):
    """What to say of a name that there is not, with the nearest one that there is."""
    import difflib  # here alone, since most programs need none

    told = f"module 'numbanet' has no attribute {name!r}"
    if name in _INSTEAD:
        return f"{told}: {_INSTEAD[name]}"
    if not name.startswith("_") and name in _functions_of_keras().__all__:
        return f"{told}; did you mean numbanet.ops.{name}?"
    places = [] if name.startswith("_") else [one for one in _MODULES if name in _names_in(one)]
    if places:
        return f"{told}; did you mean numbanet.{places[0]}.{name}?"
    nearest = difflib.get_close_matches(name, __dir__(), 1)
    return f"{told}; did you mean numbanet.{nearest[0]}?" if nearest else told


def __dir__():
    return sorted({"__version__", *_MODULES, *_OBJECTS, *_ops(), *_ALIASES})
