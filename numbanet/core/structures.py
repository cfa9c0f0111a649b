"""Nested lists, tuples and dicts of leaves: taken apart, and put together again."""

import copy

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
