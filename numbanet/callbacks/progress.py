"""Progress of training: a bar with loss, metrics and time left on a terminal, a plain line per epoch elsewhere."""

import sys
import time
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.errors import ArgumentError


def progress_for(what, verbose, steps, epochs=1):
    """The callbacks that show progress: 0 none, 1 a bar, 2 a line per epoch, auto by what the output is."""
    if verbose not in ("auto", 0, 1, 2, True, False):
        raise ArgumentError(f"{what}: verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
    if verbose == "auto":
        verbose = 1 if sys.stdout.isatty() else 2
    if int(verbose) == 1:
        return [ProgressBar(what, steps, epochs)]
    return [EpochLines(epochs)] if int(verbose) == 2 and what == "fit" else []


def tracked(steps, what):
    """Go through a list of (name, item), and give the items: with a bar and the name on a terminal, silently elsewhere.

    Parameters
    ----------
    steps : list of (str, object)
    what : str
        Stands at the left of the bar.
    """
    if not sys.stdout.isatty():
        yield from (item for _, item in steps)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn(what), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, TextColumn("{task.description}"), transient=True) as bar:
        task = bar.add_task("", total=len(steps))
        for name, item in steps:
            bar.update(task, description=name)
            yield item
            bar.advance(task)


def described(logs):
    """Loss and metrics as `name: value`, for people."""
    return "  ".join(f"{name}: {value:.4f}" for name, value in logs.items())


class ProgressBar(Callback):
    """A bar per epoch with loss, metrics, and the time left.

    Parameters
    ----------
    what : {"fit", "evaluate", "predict"}
        What is going on, shown at the left.
    steps : int, optional
        How many batches an epoch has, if that is known.
    epochs : int, optional

    References
    ----------
    The bar is that of the package rich.

    Examples
    --------
    >>> import numbanet as nn
    >>> bar = nn.callbacks.ProgressBar()
    """

    def __init__(self, what="fit", steps=None, epochs=None):
        self.what = what
        self.steps = steps
        self.epochs = epochs
        self._bar: Any = None
        self._task: Any = None
        self._drawn = 0.0

    def on_train_begin(self, logs=None):
        """Open the bar."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[numbers]}"),
            transient=self.what != "fit",
        )
        self._bar.start()

    def on_epoch_begin(self, epoch, logs=None):
        """A new line."""
        title = f"epoch {epoch + 1}/{self.epochs or '?'}" if self.what == "fit" else self.what
        self._task = self._bar.add_task(title, total=self.steps, numbers="")

    def on_batch_end(self, batch, logs=None):
        """Advance; drawn at most ten times a second, since formatting costs as much as a small step."""
        now = time.monotonic()
        if now - self._drawn > 0.1:
            self._drawn = now
            self._bar.update(self._task, completed=batch + 1, numbers=described(logs or {}))

    def on_epoch_end(self, epoch, logs=None):
        """The epoch's last numbers."""
        done = self.steps or self._bar.tasks[self._task].completed
        self._bar.update(self._task, total=done, completed=done, numbers=described(logs or {}))

    def on_train_end(self, logs=None):
        """Close the bar."""
        self._close()

    def on_train_abort(self):
        """Close the bar after an error or Ctrl-C."""
        self._close()

    def _close(self):
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class EpochLines(Callback):
    """A plain line per epoch: what files, pipes and logs get.

    Parameters
    ----------
    epochs : int, optional
        How many there will be.

    References
    ----------
    Keras 3, `verbose=2`.

    Examples
    --------
    >>> import numbanet as nn
    >>> lines = nn.callbacks.EpochLines()
    """

    def __init__(self, epochs=None):
        self.epochs = epochs

    def on_epoch_begin(self, epoch, logs=None):
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Print the line."""
        seconds = time.perf_counter() - self._started
        print(f"epoch {epoch + 1}/{self.epochs or '?'}  {seconds:.1f} s  {described(logs or {})}", flush=True)
