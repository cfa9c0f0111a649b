"""Callbacks that keep the numbers of training: in memory, and in a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.core.checks import as_flag
from numbanet.core.files import check_readable
from numbanet.errors import DataError
from numbanet.typing import FilePath

LONGEST_NAMES = 1 << 16
"""Characters of all column names at most: what is no CSV file may have no lines."""


class History(Callback):
    """Keeps the logs of all epochs: what `fit` returns.

    Attributes
    ----------
    epoch : list of int
    history : dict of str to list of float
        One number per epoch under every name of the logs.

    Examples
    --------
    >>> import numbanet as nn
    >>> history = nn.callbacks.History()
    >>> history.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
    >>> history.history["accuracy"]
    [0.75]
    >>> history
    History(epochs=1, loss=0.5, accuracy=0.75)
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def __repr__(self) -> str:
        last = "".join(f", {name}={values[-1]:.4g}" for name, values in self.history.items())
        return f"History(epochs={len(self.epoch)}{last})"

    def on_train_begin(self, logs: Any = None) -> None:
        self.epoch, self.history = [], {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class CSVLogger(Callback):
    """Writes the logs of every epoch as a line of a CSV file, which is complete on disk after each.

    Parameters
    ----------
    filename : str or pathlib.Path
    separator : str
    append : bool
        Go on below what the file holds, under its column names, instead of starting a new one.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.CSVLogger("log.csv")
    """

    def __init__(self, filename: FilePath, separator: str = ",", append: bool = False) -> None:
        self.path = Path(filename)
        self.separator = separator
        self.append = as_flag("CSVLogger: append", append)
        self.columns: list[str] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.columns = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.append and self.path.exists():
            self.columns = self._columns_of_the_file()
        else:
            self.path.write_text("")

    def _columns_of_the_file(self):
        try:
            with check_readable(self.path).open(newline="") as file:
                return next(csv.reader(io.StringIO(file.read(LONGEST_NAMES)), delimiter=self.separator), None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"CSVLogger: {self.path} has no column names to go on with ({error})") from None

    def _columns_of(self, row: dict[str, Any]) -> list[str]:
        """Return the columns of the first row, and those of validation if that comes later."""
        later = []
        if self.params.get("validation_freq", 1) > 1:
            later = [f"val_{name}" for name in ("loss", *(metric.name for metric in self.model.metrics))]
        return [*row, *(name for name in later if name not in row)]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        row = {"epoch": epoch, **(logs or {})}
        with self.path.open("a", newline="") as file:  # opened anew: nothing is lost or left open when training breaks
            new = self.columns is None
            self.columns = columns = self.columns or self._columns_of(row)
            writer = csv.DictWriter(file, columns, restval="NA", extrasaction="ignore", delimiter=self.separator)
            if new:
                writer.writeheader()
            writer.writerow(row)
