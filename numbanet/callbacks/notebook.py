"""Progress of training in a notebook: a bar, and curves of the loss and the metrics that grow with it.

IPython shows HTML in the cell, and replaces it as training goes on. It is there wherever a notebook runs; nothing else
is needed.
"""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.callbacks.described import as_time, described
from numbanet.core.markup import escaped

WIDTH, HEIGHT, EDGE = 280, 130, 6
"""Pixels of a curve's picture, and of its empty edge."""
SHOWN = 4
"""How many pairs of curves are drawn at most: the loss and the first metrics."""
PAUSE = 0.2
"""Seconds from one picture to the next, at least."""


def in_notebook():
    """Return whether this is the kernel of a notebook, which shows HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookProgress(Callback):
    """A bar for the whole training, the numbers of the last epoch, and a curve for each of them.

    `fit` uses it by itself in a notebook, unless `verbose` is 0 or 2.

    Parameters
    ----------
    what : {"fit", "evaluate", "predict"}
        What is going on.
    steps : int, optional
        How many batches an epoch has, if that is known.
    epochs : int, optional

    References
    ----------
    IPython, "Rich display": a display with an identity can be replaced.

    Examples
    --------
    >>> import numbanet as nn
    >>> progress = nn.callbacks.NotebookProgress(epochs=2)
    >>> progress.on_epoch_begin(0)
    >>> progress.on_epoch_end(0, {"loss": 0.5})
    >>> "loss: 0.5000" in progress.html()
    True
    """

    def __init__(self, what: str = "fit", steps: int | None = None, epochs: int | None = None) -> None:
        self.what, self.steps, self.epochs = what, steps, epochs
        self._curves: dict[str, list[float]] = {}
        self._values: list[str] = []
        self._handle: Any = None
        self._epoch = self._done = 0
        self._started = self._drawn = time.monotonic()

    def html(self) -> str:
        """Return what is shown: HTML with SVG, in the colours of the page that it stands on."""
        part = self._done / self.steps if self.steps else 0.0
        total = self.epochs or 1
        at = min(self._epoch + part, total) / total
        seconds = time.monotonic() - self._started
        times = [as_time(seconds)] + [f"{as_time(seconds * (1 - at) / max(at, 1e-9))} left"] * (0 < at < 1)
        title = f"epoch {min(self._epoch + 1, total)}/{self.epochs or '?'}" if self.what == "fit" else self.what
        words = [title, *times, *self._values]
        line = " ".join(f'<span style="white-space:nowrap;margin-right:1ex">{escaped(word)}</span>' for word in words)
        bar = f'<progress value="{at:.4f}" max="1" aria-label="{self.what}" style="width:100%"></progress>'
        pictures = "".join(
            _picture(name, self._curves[name], self._curves.get(f"val_{name}")) for name in self._names()
        )
        return f'<div style="max-width:46em"><div>{line}</div>{bar}{pictures}</div>'

    def _names(self):
        """What has a curve: it needs two epochs."""
        own = [name for name in self._curves if not name.startswith("val_") and name != "learning_rate"]
        return [name for name in own if len(self._curves[name]) > 1][:SHOWN]

    def _show(self):
        from IPython.display import HTML, display

        self._drawn = time.monotonic()
        if self._handle is None:
            self._handle = display(HTML(self.html()), display_id=True)
        else:
            self._handle.update(HTML(self.html()))

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin a new picture."""
        self._curves, self._values, self._handle = {}, [], None
        self._epoch = self._done = 0
        self._started = time.monotonic()
        self._show()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin an epoch."""
        self._epoch, self._done = epoch, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance; drawn at most five times a second, since drawing costs more than a small step."""
        self._done = batch + 1
        if time.monotonic() - self._drawn > PAUSE:
            self._values = described(logs or {})
            self._show()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add the epoch's numbers to the curves."""
        self._epoch, self._done = epoch + 1, 0
        self._values = described(logs or {})
        for name, value in (logs or {}).items():
            self._curves.setdefault(name, []).append(float(value))
        if self._handle is not None and time.monotonic() - self._drawn > PAUSE:
            self._show()

    def on_train_end(self, logs: Any = None) -> None:
        """Show the last numbers, which stay."""
        self._show()

    def on_train_abort(self) -> None:
        """Leave what is shown as it was when an error or an interrupt came."""
        if self._handle is not None:
            self._show()

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin the bar of `evaluate`; in `fit`, validation is a part of the epoch."""
        if self.what == "evaluate":
            self.on_train_begin()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance."""
        if self.what == "evaluate":
            self.on_train_batch_end(batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Show the numbers, which stay."""
        if self.what == "evaluate":
            self.on_epoch_end(0, logs)
            self._show()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin the bar of `predict`."""
        self.on_train_begin()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance."""
        self.on_train_batch_end(batch)

    def on_predict_end(self, logs: Any = None) -> None:
        """Show that it is done."""
        self.on_epoch_end(0)
        self._show()


def _picture(name, values, validation):
    """Return a curve of numbers by epoch, and dashed those of validation, as SVG."""
    numbers = [one for one in [*values, *(validation or [])] if math.isfinite(one)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    found = _line(values, low, high, "")
    if validation:
        found += _line(validation, low, high, ' stroke-dasharray="5 4"')
    told = escaped(f"{name}: {values[0]:.4g} to {values[-1]:.4g} in {len(values)} epochs")
    text = escaped(name) + (", dashed: validation" if validation else "")
    return (
        f'<figure style="display:inline-block;margin:4px 8px 4px 0"><svg width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{told}" style="border:1px solid currentColor;max-width:100%" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'{found}</svg><figcaption style="font-size:85%">{text}</figcaption></figure>'
    )


def _line(values, low, high, style):
    """Return a line through numbers at equal distances; those that are not finite are left out."""
    across, up = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    last = max(len(values) - 1, 1)
    points = " ".join(
        f"{EDGE + across * i / last:.1f},{EDGE + up * (1 - ((value - low) / (high - low) if high > low else 0.5)):.1f}"
        for i, value in enumerate(values)
        if math.isfinite(value)
    )
    return f'<polyline points="{points}" fill="none" stroke="#2f7ed8" stroke-width="2"{style}/>'
