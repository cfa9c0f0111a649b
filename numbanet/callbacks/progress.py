"""Progress of training: a bar with loss, metrics and time left on a terminal, a plain line per epoch elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.callbacks.described import as_time, described
from numbanet.callbacks.notebook import NotebookProgress, in_notebook
from numbanet.errors import ArgumentError


def progress_for(what, verbose, steps, epochs=1):
    """Return the callbacks that show progress: 0 none, 1 a bar, 2 a line per epoch, auto by what the output is."""
    notebook = in_notebook()
    if getattr(verbose, "ndim", 0) or verbose not in ("auto", 0, 1, 2, True, False):
        raise ArgumentError(f"{what}: verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
    if verbose == "auto":
        verbose = 1 if notebook or sys.stdout.isatty() else 2
    if int(verbose) == 1:
        return [(NotebookProgress if notebook else ProgressBar)(what, steps, epochs)]
    return [EpochLines(epochs, what)] if int(verbose) == 2 and what != "predict" else []


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


class _Line:
    """What is drawn of an epoch: bar, count and time, and the values beside them or, where there is no room, below."""

    def __init__(self, title, values=()):
        self.title, self.values = title, values
        self.done, self.steps, self.times = 0, None, ()

    def __rich_console__(self, console, options):
        from rich.segment import Segment
        from rich.text import Text

        head = self._head(options.max_width)
        beside = f"{head.plain}  {'  '.join(self.values)}"
        if len(beside) <= options.max_width:
            yield head.append(beside[len(head.plain) :])
            return
        yield head
        for line in wrapped(self.values, options.max_width - 2):
            yield Segment("  ")
            yield Text(line, no_wrap=True)

    def _head(self, width):
        from rich.text import Text

        count = f"{self.done}/{self.steps}" if self.steps else f"{self.done}"
        after = "  ".join([count, *self.times])
        length = max(4, min(24, width - len(self.title) - len(after) - 3))
        full = round(length * self.done / self.steps) if self.steps else 0
        head = Text(f"{self.title} ", no_wrap=True, overflow="fold")
        head.append("\u2501" * full, "green").append("\u2501" * (length - full), "bright_black")
        return head.append(f" {after}")


def wrapped(words, width):
    """Return lines of words with two spaces between them, none longer than `width` unless a word is."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}  {word}" if lines[-1] else word
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class ProgressBar(Callback):
    """A bar per epoch with the number of batches, the time taken and left, the loss and the metrics.

    Values that do not fit beside the bar stand below it. What is done stays: one bar per epoch, one for `evaluate`.

    Parameters
    ----------
    what : {"fit", "evaluate", "predict"}
        What is going on, shown at the left.
    steps : int, optional
        How many batches an epoch has, if that is known.
    epochs : int, optional

    References
    ----------
    It is drawn by the package rich.

    Examples
    --------
    >>> import numbanet as nn
    >>> bar = nn.callbacks.ProgressBar()
    """

    def __init__(self, what: str = "fit", steps: int | None = None, epochs: int | None = None) -> None:
        self.what = what
        self.steps = steps
        self.epochs = epochs
        self._live: Any = None
        self._line: Any = None
        self._drawn = self._started = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the display."""
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(), transient=True, auto_refresh=False)
        self._live.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin a new line."""
        self._begin(f"epoch {epoch + 1}/{self.epochs or '?'}")

    def _begin(self, title):
        self._line, self._started = _Line(title), time.monotonic()
        self._line.steps = self.steps
        self._draw()

    def _draw(self):
        self._drawn = time.monotonic()
        seconds = self._drawn - self._started
        self._line.times = (as_time(seconds),)
        if self.steps and 0 < self._line.done < self.steps:
            self._line.times += (f"{as_time(seconds * (self.steps - self._line.done) / self._line.done)} left",)
        self._live.update(self._line, refresh=True)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance; drawn at most ten times a second, since drawing costs more than a small step."""
        self._line.done = batch + 1
        if time.monotonic() - self._drawn > 0.1:
            self._line.values = described(logs or {})
            self._draw()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the epoch's last numbers, which stay."""
        self._end(logs)

    def _end(self, logs):
        self._line.values = described(logs or {})
        self._line.steps = self._line.steps or self._line.done
        self._keep()

    def _keep(self):
        """Leave the line where it is, and draw no more of it."""
        self._line.times = (as_time(time.monotonic() - self._started),)
        self._live.update("", refresh=True)
        self._live.console.print(self._line)
        self._line = None

    def on_train_end(self, logs: Any = None) -> None:
        """Close the display."""
        self._close()

    def on_train_abort(self) -> None:
        """Close the display after an error or Ctrl-C; how far it came stays."""
        if self._live is not None and self._line is not None and self._line.done:
            self._keep()
        self._close()

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin the line of `evaluate`; in `fit`, validation is a part of the epoch."""
        if self.what == "evaluate":
            self.on_train_begin()
            self._begin(self.what)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance."""
        if self.what == "evaluate":
            self.on_train_batch_end(batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Show the numbers, which stay, and close the display."""
        if self.what == "evaluate":
            self._end(logs)
            self._close()

    def on_test_abort(self) -> None:
        """Close the display after an error or Ctrl-C; how far it came stays."""
        self.on_train_abort()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin the line of `predict`, which does not stay."""
        self.on_train_begin()
        self._begin(self.what)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance."""
        self.on_train_batch_end(batch)

    def on_predict_end(self, logs: Any = None) -> None:
        """Close the display."""
        self._close()

    def on_predict_abort(self) -> None:
        """Close the display."""
        self._close()

    def _close(self):
        if self._live is not None:
            self._live.update("")
            self._live.stop()
            self._live = None


class EpochLines(Callback):
    """A plain line per epoch: what files, pipes and logs get.

    Parameters
    ----------
    epochs : int, optional
        How many there will be.
    what : {"fit", "evaluate"}
        Whose lines to print.

    References
    ----------
    Keras 3, `verbose=2`.

    Examples
    --------
    >>> import numbanet as nn
    >>> lines = nn.callbacks.EpochLines()
    """

    def __init__(self, epochs: int | None = None, what: str = "fit") -> None:
        self.epochs = epochs
        self.what = what

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the line."""
        self._print(f"epoch {epoch + 1}/{self.epochs or '?'}", logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Start the clock of `evaluate`."""
        if self.what == "evaluate":
            self._started = time.perf_counter()

    def on_test_end(self, logs: Any = None) -> None:
        """Print the line of `evaluate`."""
        if self.what == "evaluate":
            self._print("evaluate", logs)

    def _print(self, title, logs):
        seconds = time.perf_counter() - self._started
        print("  ".join([title, f"{seconds:.1f} s", *described(logs or {})]), flush=True)
