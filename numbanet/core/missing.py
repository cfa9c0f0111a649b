"""What is said of a name that a module does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from numbanet.errors import unknown_name


def no_attribute(module: str, name: str, known: Iterable[str], instead: Mapping[str, str]) -> AttributeError:
    """Return the error for a name that a module does not have: what to write instead, or the nearest name.

    Parameters
    ----------
    module : str
        As users write it.
    name : str
    known : iterable of str
        The names that there are.
    instead : dict of str
        What to write in place of names of other libraries.

    Returns
    -------
    AttributeError
        To be raised by the caller.

    Examples
    --------
    >>> print(no_attribute("nn.nn", "bias_add", ["relu"], {"bias_add": "write x + bias"}))
    nn.nn has no bias_add: write x + bias
    >>> print(no_attribute("nn.nn", "rel", ["relu"], {}))
    nn.nn: unknown name 'rel': did you mean 'relu'? Known: relu
    """
    if name.startswith("_"):
        return AttributeError(f"{module} has no attribute {name!r}", name=name)
    said = f" has no {name}: {instead[name]}" if name in instead else f": {unknown_name('name', name, known)}"
    return AttributeError(module + said, name=name)


def only(
    module: str, known: Iterable[str], instead: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a public module: the names that are meant for users, and no others.

    `__getattr__` raises what `no_attribute` returns. To type checkers it must not be there: they would take any name
    for one of the module's.

    Examples
    --------
    >>> _, listing = only("nn.nn", ["tanh", "relu"], {})
    >>> listing()
    ['relu', 'tanh']
    """

    def missing(name: str) -> object:
        raise no_attribute(module, name, known, instead)

    def listing() -> list[str]:
        return sorted(known)

    return missing, listing
