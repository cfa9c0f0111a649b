"""Which variables weight decay leaves as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from numbanet.errors import ArgumentError
from numbanet.optimizers.state import Stateful
from numbanet.tensor.variable import Variable


class Excluding(Stateful):
    """What an `Optimizer` knows of weight decay."""

    excluded: tuple[Any, ...] = ()
    excluded_names: tuple[str, ...] = ()
    """What `exclude_from_weight_decay` was given."""

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Choose variables to which weight decay does not apply; before the first update.

        Parameters
        ----------
        var_list : list of Variable, optional
        var_names : list of str, optional
            Regular expressions: a variable is excluded if one of them is found in its name, such as "dense/bias".

        Raises
        ------
        ArgumentError
            When something is not a Variable or not an expression, or when the optimizer has state already.
        """
        if self.built:
            raise ArgumentError(f"{type(self).__name__}: exclude_from_weight_decay must be called before it is built")
        self.excluded, self.excluded_names = _checked(var_list, var_names)

    def lists(self, variable: Variable) -> bool:
        """Return whether weight decay leaves a variable out for itself, and not for its name."""
        listed = any(variable is one for one in self.excluded) or not self.decays(variable)
        return listed and not self._is_named(variable)

    def _is_excluded(self, variable):
        return self._is_named(variable) or self.lists(variable)

    def _is_named(self, variable):
        return any(re.search(pattern, variable.name or "") for pattern in self.excluded_names)


def _checked(
    variables: Iterable[Variable] | None, names: Iterable[str] | None
) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Return both as tuples; ArgumentError when something is not a Variable, or not a regular expression."""
    if isinstance(names, str):
        raise ArgumentError(f"exclude_from_weight_decay: var_names must be a list, got {names!r}")
    given, patterns = tuple(variables or ()), tuple(names or ())
    for one in given:
        if not isinstance(one, Variable):
            raise ArgumentError(f"exclude_from_weight_decay: var_list needs Variables, got {type(one).__name__}")
    for pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ArgumentError(f"exclude_from_weight_decay: {pattern!r} is not an expression ({error})") from None
    return given, patterns
