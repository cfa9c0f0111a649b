"""Values of configurations as JSON, and back.

`encode` and `decode` take any value of a configuration: what JSON has no form for, such as a tuple or a layer, becomes
a dict with the key `__numbanet__`, which says what it is.
"""

import base64
import contextlib
import inspect

import numpy as np

from numbanet.core.context import context, setting, undisturbed
from numbanet.core.names import BASES, base_of, built_in, custom, function_named, resolve, saved_name, saving
from numbanet.errors import ArgumentError, DataError, unknown_name

TAG = "__numbanet__"


@contextlib.contextmanager
def one_tree():
    """Encode or decode several values inside as parts of one tree: objects that they share are shared again."""
    if context.encoded is not None:
        yield
        return
    with setting(encoded={}, decoded={}), saving():
        yield


def made(cls, config):
    """Return the object of a class that `config`, as `describe` gives it, is the configuration of."""
    config = decode(config)
    return cls.from_config(config) if hasattr(cls, "from_config") else cls(**config)


def config_of(obj):
    """Return the arguments that make an equal object: those of its `get_config`, if that knows its `__init__`.

    A class that has an `__init__` of its own and inherits `get_config` keeps each argument as the attribute of its
    name, or of that in `_kept_as`.
    """
    kind, config = type(obj), obj.get_config()
    owners = (next(cls for cls in kind.__mro__ if name in vars(cls)) for name in ("get_config", "__init__"))
    if issubclass(*owners):
        return config
    arguments: dict = {}
    kept_as = getattr(kind, "_kept_as", {})
    for name, parameter in [*inspect.signature(kind.__init__).parameters.items()][1:]:
        attribute = kept_as.get(name, name)
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments = config | arguments
        elif parameter.kind is not parameter.VAR_POSITIONAL and (name in config or hasattr(obj, attribute)):
            arguments[name] = config[name] if name in config else getattr(obj, attribute)
        else:
            raise ArgumentError(
                f"{kind.__name__} cannot be saved: its __init__ takes {name!r}, and it has no attribute of that name; "
                "keep the argument as self." + name + ", or define get_config()"
            )
    return arguments


def encode(value, where):
    """Return `value` for JSON; `decode` makes an equal value from it.

    Parameters
    ----------
    value : anything plain, an array, a function that has a name in files, an object with `get_config`, or dicts, lists
        and tuples of these
    where : str
        Whose setting it is, for errors.

    Raises
    ------
    ArgumentError
        For anything else.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return value.item()
    if type(value) is list:
        return [encode(one, f"{where}[{i}]") for i, one in enumerate(value)]
    if type(value) is tuple:
        return {TAG: "tuple", "items": encode(list(value), where)}
    if type(value) is dict:
        if TAG not in value and all(type(key) is str for key in value):
            return {key: encode(one, f"{where}.{key}") for key, one in value.items()}
        return {TAG: "dict", "items": [encode([key, one], f"{where}[{key!r}]") for key, one in value.items()]}
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {TAG: "array", "dtype": value.dtype.name, "shape": list(value.shape), "data": data}
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return {TAG: "dtype", "name": np.dtype(value).name}
    if hasattr(value, "get_config") and not isinstance(value, type):
        return _encode_object(value, where)
    if inspect.isroutine(value):
        return {TAG: "function", "name": saved_name(value, f"{where}, {value!r},")}
    raise ArgumentError(
        f"{where} cannot be saved: a {type(value).__name__} is neither plain (a number, text, an array, a list or dict "
        "of them) nor has it get_config(); define get_config() around it, which returns what makes the object again"
    )


@undisturbed
def _encode_object(value, where):
    """Return an object as a dict; the second time, where the first one is."""
    with one_tree():
        numbers = context.encoded
        if id(value) in numbers:
            number, done = numbers[id(value)][:2]
            if not done:
                raise ArgumentError(f"{where} cannot be saved: it holds itself among its settings")
            return {TAG: "same", "id": number}
        number = len(numbers)
        numbers[id(value)] = number, False, value
        base = base_of(type(value))
        name = saved_name(type(value), f"{where}, of the class {type(value).__name__},")
        config = encode(config_of(value), getattr(value, "name", None) or name)
        numbers[id(value)] = number, True, value
        kind = base.__name__ if base is not None else "object"
        return {TAG: "object", "kind": kind, "class": name, "config": config, "id": number}


def decode(value):
    """Return the value that `encode` was given.

    Raises
    ------
    DataError
        When it is not what `encode` gives, or names what does not exist.
    """
    if isinstance(value, list):
        return [decode(one) for one in value]
    if not isinstance(value, dict):
        return value
    if TAG not in value:
        return {key: decode(one) for key, one in value.items()}
    forms = {
        "tuple": lambda: tuple(decode(value["items"])),
        "dict": lambda: dict(decode(value["items"])),
        "array": lambda: _array(value),
        "dtype": lambda: np.dtype(value["name"]),
        "function": lambda: function_named(value["name"]),
        "object": lambda: _decode_object(value),
        "same": lambda: (context.decoded or {})[value["id"]],
    }
    if value[TAG] not in forms:
        raise DataError(f"unknown form {value[TAG]!r}")
    return forms[value[TAG]]()


def _array(value):
    if np.dtype(value["dtype"]).kind not in "biuf":
        raise DataError(f"an array cannot be of dtype {value['dtype']!r}")
    flat = np.frombuffer(base64.b64decode(value["data"], validate=True), value["dtype"])
    return flat.reshape(value["shape"]).copy()


@undisturbed
def _decode_object(value):
    with one_tree():
        obj = made(_class_of(value["class"], value["kind"]), value["config"])
        context.decoded[value["id"]] = obj
        return obj


def _class_of(name, kind):
    """Return the class of this name: your own, or a subclass of the base class `kind` in numbanet."""
    if custom(name) is not None:
        return custom(name)
    base = next((one for one in BASES if one.__name__ == kind), None)
    found = None if base is None else built_in(base).get(name)  # 97 layers are walked over, which takes 150 us: once
    found = found or resolve(name, kind.lower())
    if found is None:
        raise unknown_name(kind.lower(), name, [])
    return found
