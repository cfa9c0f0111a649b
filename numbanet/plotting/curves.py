"""Curves: the numbers of training by epoch, and learning rates by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.callbacks import History
from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError, ShapeError, unknown_name
from numbanet.plotting.canvas import axes_for
from numbanet.tensor.tensor import to_numpy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 1000
"""Steps of a schedule that are drawn at most."""


def history(
    history: History | Mapping[str, Sequence[float]], names: str | Sequence[str] = "loss", ax: Axes | None = None
) -> Axes:
    """Draw numbers of training by epoch; those of validation are dashed, in the same colour.

    Parameters
    ----------
    history : History or dict of str to list of float
        What `fit` returned, or its `history`.
    names : str or list of str
        What to draw: loss, accuracy, ... The same of validation comes by itself where it is there.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When a name is not in the history, or the history is not one.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Chollet: Deep Learning with Python, section 4.1.3, draws these curves.

    Examples
    --------
    >>> import numbanet as nn
    >>> ax = nn.plotting.history({"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.6]})
    >>> [line.get_label() for line in ax.get_lines()]
    ['loss', 'val_loss']
    """
    found = lists_of("history", history)
    wanted = [names] if isinstance(names, str) else names
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise ArgumentError(f"history: names must be a name or a list of names, got {names!r}")
    for name in wanted:
        if name not in found:
            raise unknown_name("name in the history", name, found)
    ax = axes_for("history", ax)
    for name in wanted:
        values = _numbers(name, found[name])
        epochs = _epochs(history, len(values))
        (line,) = ax.plot(epochs, values, marker=".", label=name)
        validation = found.get(f"val_{name}")
        if validation is not None:
            validation = _numbers(f"val_{name}", validation)
            epochs = _validated(history, epochs, len(validation))
            ax.plot(epochs, validation, "--", marker=".", color=line.get_color(), label=f"val_{name}")
    ax.set(xlabel="epoch", ylabel=wanted[0] if len(wanted) == 1 else "")
    locator: Any = ax.xaxis.get_major_locator()
    locator.set_params(integer=True)
    ax.legend()
    return ax


def lists_of(who, history):
    """The dict of lists of what `fit` returned, or that dict; ArgumentError for anything else."""
    found = getattr(history, "history", history)
    if not isinstance(found, Mapping):
        raise ArgumentError(f"{who}: needs what fit returned, or its dict, got {type(history).__name__}")
    return found


def _numbers(name, values):
    array = to_numpy(values, f"history: {name}")
    if array.ndim != 1:
        raise ShapeError(f"history: {name} must be a list of numbers, one for each epoch, got shape {array.shape}")
    return array


def _epochs(history, count):
    """The numbers of epochs, from 1; a History knows where it began."""
    known = getattr(history, "epoch", ())
    return np.asarray(known) + 1 if len(known) == count else np.arange(1, count + 1)


def _validated(history, epochs, count):
    """Those of the epochs after which was validated."""
    every = getattr(history, "params", {}).get("validation_freq", 1)
    validated = epochs[epochs % every == 0]
    if len(validated) != count:
        raise ArgumentError(
            f"history: {count} numbers of validation for {len(epochs)} epochs do not tell of which; give what fit "
            "returned"
        )
    return validated


def schedule(
    schedules: Callable[[int], float] | Mapping[str, Callable[[int], float]], steps: int, ax: Axes | None = None
) -> Axes:
    """Draw learning rates that change from step to step.

    Parameters
    ----------
    schedules : callable, or dict of str to callable
        Each gives the learning rate for a step, counted from 0: those of `nn.optimizers.schedules`, or your own.
    steps : int
        How many updates are drawn; of more than 1,000, as many in equal distances.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When there is no schedule, one cannot be called, or `steps` is not at least 1.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Loshchilov, Hutter: SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, figure 1.

    Examples
    --------
    >>> import numbanet as nn
    >>> halving = nn.optimizers.schedules.ExponentialDecay(0.1, 100, 0.5)
    >>> ax = nn.plotting.schedule({"halving": halving, "constant": lambda step: 0.05}, 300)
    >>> ax.get_lines()[0].get_ydata()[[0, 100, 200]].tolist()
    [0.1, 0.05, 0.025]
    """
    steps = as_count("schedule: steps", steps, low=1)
    named = dict(schedules) if isinstance(schedules, Mapping) else {"": schedules}
    wrong = [one for one in named.values() if not callable(one)]
    if wrong or not named:
        found = f"got {wrong[0]!r}" if wrong else "there is none"
        raise ArgumentError(f"schedule: a schedule is called with a step and returns a learning rate; {found}")
    ax = axes_for("schedule", ax)
    places = np.unique(np.linspace(0, steps - 1, min(steps, DRAWN)).astype(np.int64))
    for name, one in named.items():
        rates = [as_number(f"schedule: the learning rate of step {step}", one(step)) for step in places.tolist()]
        ax.plot(places, rates, label=name)
    ax.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    if any(named):
        ax.legend()
    return ax
