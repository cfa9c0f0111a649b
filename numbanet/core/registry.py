"""From names and plain data to objects, and back: the way of `loss="mse"`, `optimizer=SGD` and of model files.

`describe` turns an object with `get_config` into plain dicts, lists, strings and numbers, for JSON; `find` turns that
into an equal object.
"""

import inspect

from numbanet.core.context import undisturbed
from numbanet.core.encoding import config_of, encode, made, one_tree
from numbanet.core.names import built_in, custom, function_named, resolve, saved_name
from numbanet.errors import ArgumentError, unknown_name


def find(kind, identifier, known, base, functions=False):
    """Return the object that `identifier` stands for.

    Parameters
    ----------
    kind : str
        What it should be, `"optimizer"` for example: for the error.
    identifier : str, class, dict or object
        A name of `known` or of one of its classes, a name or class of your own, what `describe` made, or the object
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
    if custom(name) is not None:
        return custom(name)
    if name in known:
        return known[name]
    for factory in known.values():
        if getattr(factory, "__name__", None) == name:
            return factory
    found = resolve(name, kind)
    if found is None:
        raise unknown_name(kind, name, known)
    return found


@undisturbed
def describe(obj, what=None):
    """Return what `find` makes an equal object from: plain dicts, lists, strings and numbers, for JSON.

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
