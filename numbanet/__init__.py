"""numbanet: deep learning from naive loops, at full speed.

Names are loaded when they are first used: `import numbanet` costs little more than `import numpy`, and imports neither
Numba nor anything optional.
"""

from importlib import import_module as _import_module

from numbanet.core.moved import find_moved as _find_moved
from numbanet.version import __version__ as __version__

_find_moved()

_MODULES: tuple[str, ...] = (
    "callbacks",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "naive",
    "ops",
    "optimizers",
)
_MODULES += ("activations", "debug", "errors", "plotting", "saving", "testing")
_OBJECTS = {
    "GradientTape": "autodiff.tape",
    "Sequential": "training.sequential",
    "Tensor": "tensor.tensor",
    "Variable": "tensor.variable",
    "asarray": "tensor.tensor",
    "config": "core.settings",
    "custom_gradient": "autodiff.custom_gradients",
    "device": "tensor.devices",
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
_ALIASES = {"concatenate": "concat", "transpose": "permute_dims"}
_INTERNAL = {
    "copy",
    "dense",
    "dropout",
    "length",
    "relu_gradient",
    "softmax_cross_entropy_gradient",
    "put_back",
    "take_back",
    "getitem",
    "to_device",
}


def __getattr__(name):
    """Load a public name the first time that it is asked for."""
    if name in _MODULES:
        value = _import_module(f"numbanet.{name}")
    elif name in _OBJECTS:
        _table()  # tensors find their operators in it
        value = getattr(_import_module(f"numbanet.{_OBJECTS[name]}"), name)
    else:
        op = _table().get(_ALIASES.get(name, name))
        if op is None or name in _INTERNAL:
            raise AttributeError(f"module 'numbanet' has no attribute {name!r}")
        value = op.function
    globals()[name] = value
    return value


def _table():
    _import_module("numbanet.autodiff.gradients")  # brings numbanet.ops with it
    _import_module("numbanet.numpy_functions")
    return _import_module("numbanet.core.table").TABLE


def __dir__():
    functions = [name for name in _table() if name not in _INTERNAL]
    return sorted({"__version__", *_MODULES, *_OBJECTS, *functions, "concatenate", "transpose"})
