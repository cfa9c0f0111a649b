"""Nested lists, tuples and dicts of leaves: taken apart, and put together again."""

import copy

from numbanet.errors import ArgumentError

_CONTAINERS = (list, tuple, dict)


def flatten(structure):
    """The leaves of nested lists, tuples and dicts, in order; a None inside stands for no leaf."""
    if isinstance(structure, dict):
        structure = structure.values()
    elif not isinstance(structure, (list, tuple)):
        return [structure]
    leaves: list = []
    for part in structure:
        if isinstance(part, _CONTAINERS):
            leaves += flatten(part)
        elif part is not None:
            leaves.append(part)
    return leaves


def restructure(structure, leaves):
    """`leaves` (an iterator) in the places of the leaves of `structure`."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        parts = {key: restructure(part, leaves) for key, part in structure.items()}
        return parts if type(structure) is dict else dict_like(structure, parts)
    if isinstance(structure, (list, tuple)):
        return sequence_like(structure, [restructure(part, leaves) for part in structure])
    return next(leaves)


def dict_like(structure, parts):
    """A dict of the kind of `structure`, an OrderedDict or defaultdict for example, with other values."""
    found = copy.copy(structure)
    for key, part in parts.items():
        found[key] = part
    return found


def sequence_like(structure, parts):
    """A list, tuple or named tuple of the kind of `structure`."""
    return structure._make(parts) if hasattr(structure, "_make") else type(structure)(parts)


def matched(who, structure, given, names=()):
    """The parts of `given` in the places of the leaves of `structure`, in order.

    Parameters
    ----------
    who : str
        What it is about, for errors.
    structure : anything, or nested lists, tuples and dicts
        What is not one of these is a leaf.
    given : the same form, or a dict by `names`
        A list will do for a tuple, and the part itself for a list, tuple or dict of one.
    names : sequence of str
        Of the leaves.

    Raises
    ------
    ArgumentError
        When the form is another one, or names are missing or unknown.
    """
    if not isinstance(structure, _CONTAINERS):
        return [_only(who, given, names)]
    if isinstance(given, dict) and (not isinstance(structure, dict) or _flat(structure)):
        wanted = [*structure] if isinstance(structure, dict) else [*names]
        if set(given) != set(wanted):
            raise ArgumentError(f"{who}: needs {_listed(wanted)}, got {_listed(given)}")
        return [given[name] for name in wanted]
    keys = [*structure] if isinstance(structure, dict) else range(len(structure))
    if len(keys) == 1 and not isinstance(given, _CONTAINERS):
        return matched(who, structure[keys[0]], given)
    fits = isinstance(given, dict) if isinstance(structure, dict) else isinstance(given, (list, tuple))
    if not fits or len(given) != len(structure) or (isinstance(given, dict) and set(given) != set(keys)):
        called = f" ({_listed(names)})" if names else ""
        got = f"a {type(given).__name__}" + (f" of {len(given)}" if isinstance(given, _CONTAINERS) else "")
        raise ArgumentError(f"{who}: needs a {type(structure).__name__} of {len(structure)}{called}, got {got}")
    return [leaf for key in keys for leaf in matched(who, structure[key], given[key])]


def _only(who, given, names):
    """The one part that is meant."""
    if isinstance(given, dict):
        if [*given] != [*names][:1]:
            raise ArgumentError(f"{who}: needs one, {_listed(names)}, got a dict of {_listed(given)}")
        return given[names[0]]
    return given


def _flat(structure):
    return not any(isinstance(one, _CONTAINERS) for one in structure.values())


def _listed(names):
    return ", ".join(map(repr, names))
