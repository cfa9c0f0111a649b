"""From names and plain data to objects, and back: the way of `loss="mse"`, `optimizer=SGD` and of model files.

`describe` turns an object with `get_config` into plain dicts, lists, strings and numbers, for JSON; `find` turns that
into an equal object. `encode` and `decode` do so with any value of a configuration: what JSON has no form for, such as
a tuple or a layer, becomes a dict with the key `__numbanet__`, which says what it is.
"""

import base64
import contextlib
import inspect
import threading
from typing import Any

import numpy as np

from numbanet.core.names import BASES, base_of, built_in, function_named, resolve, saved_name, saving, scope
from numbanet.errors import ArgumentError, DataError, unknown_name

TAG = "__numbanet__"


class _Shared(threading.local):
    """The objects of a tree that is being encoded or decoded, so that what is shared is shared again afterwards."""

    def __init__(self):
        self.numbers: Any = None
        self.objects: Any = None


_shared = _Shared()


@contextlib.contextmanager
def one_tree():
    """Encode or decode several values inside as parts of one tree: objects that they share are shared again."""
    if _shared.numbers is not None:
        yield
        return
    _shared.numbers, _shared.objects = {}, {}
    try:
        with saving():
            yield
    finally:
        _shared.numbers = _shared.objects = None


def find(kind, identifier, known, base, functions=False):
    """The object that `identifier` stands for.

    Parameters
    ----------
    kind : str
        What it should be, `"optimizer"` for example: for the error.
    identifier : str, class, dict or object
        A name of `known` or of one of its classes, a name or class of one's own, what `describe` made, or the object
        itself.
    known : dict
        From names to classes, or to functions without arguments that make the object.
    base : type
        What the object must be an instance of.
    functions : bool
        Whether a function will do as well.

    Returns
    -------
    object

    Raises
    ------
    ArgumentError
        For a name that is not known, with the nearest one that is, and for what cannot be one of these at all.

    Examples
    --------
    >>> find("number", "zero", {"zero": int}, int)
    0
    """
    found = identifier
    if isinstance(identifier, str):
        found = _named(kind, identifier, known)
        found = found if inspect.isfunction(found) else found()
    elif isinstance(identifier, dict) and set(identifier) == {"class_name", "config"}:
        if identifier["class_name"] == "function":
            found = function_named(identifier["config"])
        else:
            found = made(_named(kind, identifier["class_name"], built_in(base) | known), identifier["config"])
    elif isinstance(identifier, type):
        found = identifier()
    if not isinstance(found, base) and not (functions and callable(found)):
        wanted = f"an object of class {base.__name__}" + " or a function" * functions
        raise ArgumentError(f"{kind}: needs a name, a class, {wanted}, got {identifier!r}")
    return found


def _named(kind, name, known):
    if name in (scope.custom or {}):
        return scope.custom[name]
    if name in known:
        return known[name]
    for factory in known.values():
        if getattr(factory, "__name__", None) == name:
            return factory
    found = resolve(name, kind)
    if found is None:
        raise unknown_name(kind, name, known)
    return found


def made(cls, config):
    """The object of a class that `config`, as `describe` gives it, is the configuration of."""
    config = decode(config)
    return cls.from_config(config) if hasattr(cls, "from_config") else cls(**config)


def describe(obj, what=None):
    """What `find` makes an equal object from: plain dicts, lists, strings and numbers, for JSON.

    Parameters
    ----------
    obj : object or function
        With a method `get_config`, which returns the arguments of its class; or a function that has a name in files.
    what : str, optional
        What it is, for errors.

    Returns
    -------
    dict
        `{"class_name": ..., "config": {...}}`, Keras's form.

    Raises
    ------
    ArgumentError
        When it cannot be described: the message says what of it, and how to give it a name in files.
    """
    what = what or f"{obj!r}"
    if not hasattr(obj, "get_config"):
        return {"class_name": "function", "config": saved_name(obj, what)}
    name = saved_name(type(obj), f"{what}, of the class {type(obj).__name__},")
    with one_tree():
        return {"class_name": name, "config": encode(config_of(obj), type(obj).__name__)}


def config_of(obj):
    """Return the arguments that make an equal object: those of its `get_config`, if that knows its `__init__`.

    A class that has an `__init__` of its own and inherits `get_config` keeps each argument as the attribute of its
    name.
    """
    kind, config = type(obj), obj.get_config()
    owners = (next(cls for cls in kind.__mro__ if name in vars(cls)) for name in ("get_config", "__init__"))
    if issubclass(*owners):
        return config
    arguments: dict = {}
    for name, parameter in [*inspect.signature(kind.__init__).parameters.items()][1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments = config | arguments
        elif parameter.kind is not parameter.VAR_POSITIONAL and (name in config or hasattr(obj, name)):
            arguments[name] = config[name] if name in config else getattr(obj, name)
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


def _encode_object(value, where):
    """An object as a dict; the second time, where the first one is."""
    with one_tree():
        numbers = _shared.numbers
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
        "same": lambda: (_shared.objects or {})[value["id"]],
    }
    if value[TAG] not in forms:
        raise DataError(f"unknown form {value[TAG]!r}")
    return forms[value[TAG]]()


def _array(value):
    if np.dtype(value["dtype"]).kind not in "biuf":
        raise DataError(f"an array cannot be of dtype {value['dtype']!r}")
    flat = np.frombuffer(base64.b64decode(value["data"], validate=True), value["dtype"])
    return flat.reshape(value["shape"]).copy()


def _decode_object(value):
    with one_tree():
        obj = made(_class_of(value["class"], value["kind"]), value["config"])
        _shared.objects[value["id"]] = obj
        return obj


def _class_of(name, kind):
    """The class of this name: one's own, or a subclass of the base class `kind` in numbanet."""
    if name in (scope.custom or {}):
        return scope.custom[name]
    for base in BASES:
        if base.__name__ == kind and name in built_in(base):
            return built_in(base)[name]
    found = resolve(name, kind.lower())
    if found is None:
        raise unknown_name(kind.lower(), name, [])
    return found
