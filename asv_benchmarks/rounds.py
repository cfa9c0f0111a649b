"""Figures of calls that were timed in turn, and peers: what the scripts of this folder share."""

import importlib
import statistics


def median_and_range(values, digits=1):
    """The text `median (least-most)`."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratio(values, others):
    """The median of the quotients within rounds."""
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


def if_installed(name):
    """A module, or None: peers are compared with where they can be imported."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
