"""Names for objects: how `loss="mse"`, `optimizer=SGD` and what a model file says become objects, the same way each."""

from numbanet.errors import ArgumentError, unknown_name


def find(kind, identifier, known, base, functions=False):
    """The object that `identifier` stands for.

    Parameters
    ----------
    kind : str
        What it should be, `"optimizer"` for example: for the error.
    identifier : str, class, dict or object
        A name of `known` or of one of its classes, a class of one's own, what `describe` made, or the object itself.
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
        found = _class_named(kind, identifier, known)()
    elif isinstance(identifier, dict) and set(identifier) == {"class_name", "config"}:
        found = _class_named(kind, identifier["class_name"], known)(**identifier["config"])
    elif isinstance(identifier, type):
        found = identifier()
    if not isinstance(found, base) and not (functions and callable(found)):
        wanted = f"an object of class {base.__name__}" + " or a function" * functions
        raise ArgumentError(f"{kind}: needs a name, a class, {wanted}, got {identifier!r}")
    return found


def _class_named(kind, name, known):
    if name in known:
        return known[name]
    for factory in known.values():
        if getattr(factory, "__name__", None) == name:
            return factory
    raise unknown_name(kind, name, known)


def describe(obj):
    """What `find` makes an equal object from: plain dicts, lists, strings and numbers, for JSON.

    Parameters
    ----------
    obj : object
        With a method `get_config`, which returns the arguments of its class.

    Returns
    -------
    dict
        `{"class_name": ..., "config": {...}}`, Keras's form.

    Raises
    ------
    ArgumentError
        When the object has no `get_config`: a bare function for example.
    """
    if not hasattr(obj, "get_config"):
        raise ArgumentError(f"{obj!r} cannot be saved: only objects with get_config() can, functions cannot")
    return {"class_name": type(obj).__name__, "config": obj.get_config()}
