"""Nested lists, tuples and dicts of leaves: taken apart, and put together again."""


def flatten(structure):
    """The leaves of nested lists, tuples and dicts, in order."""
    if isinstance(structure, dict):
        structure = structure.values()
    elif not isinstance(structure, (list, tuple)):
        return [structure]
    return [leaf for part in structure for leaf in flatten(part)]


def restructure(structure, leaves):
    """`leaves` (an iterator) in the places of the leaves of `structure`."""
    if isinstance(structure, dict):
        return {key: restructure(part, leaves) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return sequence_like(structure, [restructure(part, leaves) for part in structure])
    return next(leaves)


def sequence_like(structure, parts):
    """A list, tuple or named tuple of the kind of `structure`."""
    return structure._make(parts) if hasattr(structure, "_make") else type(structure)(parts)
