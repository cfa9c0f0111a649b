"""What is said of a name that a module does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    said = f" has no {name}: {instead[name]}" if name in instead else f": {unknown_name('name', name, known)}"
    return AttributeError(module + said, name=name)
