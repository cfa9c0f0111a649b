"""What the settings of optimizers must be: checked when an optimizer is made, and whenever one is assigned to later."""

from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError


def decay_rate(name, value):
    """Return a number from 0, or None for no decay."""
    return None if value is None else not_negative(name, value)


def not_negative(name, value):
    """Return a number from 0."""
    return as_number(name, value, low=0)


def fraction(name, value):
    """Return a number from 0 to 1."""
    return as_number(name, value, 0, 1)


def memory(name, value):
    """Return how much an average keeps of its past: from 0 to below 1, since at 1 it would never move."""
    number = as_number(name, value, 0, 1)
    if number == 1:
        raise ArgumentError(f"{name} must be below 1, got {value!r}")
    return number


def flag(name, value):
    """Return True or False."""
    return bool(value)
