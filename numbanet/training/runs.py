"""Where a call of `fit` is, and how one that was broken off goes on."""

import json

import numpy as np

from numbanet.core.checks import as_count, as_number
from numbanet.errors import DataError, NotBuiltError
from numbanet.saving.container import read, write

KEY, PREFIX = "numbanet_backup", "optimizer/"
"""The entry of the file's metadata, and what the names of the optimizer's tensors begin with."""


class Run:
    """Where a call of `fit` is.

    Parameters
    ----------
    numbers : range
        The numbers of its epochs.
    orders : Epochs
    generator : numpy.random.Generator
        What all random numbers are drawn from.
    """

    def __init__(self, numbers, orders, generator):
        self.next, self._stop = numbers.start, numbers.stop
        self._orders, self._generator = orders, generator

    def epochs(self):
        """Yield the numbers of the epochs that are left."""
        while self.next < self._stop:
            self.next += 1
            yield self.next - 1

    def state(self):
        """Return what `restore` needs, as plain data: the next epoch, the generator, the rows that are left."""
        state = {"next": self.next, "samples": self._orders.size, "rest": self._orders.rest.tolist()}
        return state | {"generator": _plain(self._generator.bit_generator.state)}

    def _check(self, state):
        """Raise DataError if a state is of other data or of another generator."""
        theirs, mine = state["generator"], self._generator.bit_generator.state
        if theirs["bit_generator"] != mine["bit_generator"] or state["samples"] != self._orders.size:
            raise DataError(
                f"it is of a run over {state['samples']} samples with {theirs['bit_generator']}, this one has "
                f"{self._orders.size} and {mine['bit_generator']}"
            )
        _restored(theirs, mine)
        as_count("next", state["next"])
        self._orders.rest = state["rest"]

    def back_up(self, model, path):
        """Write everything that `go_on` needs to one file: the weights, the optimizer's state, and where the run is.

        Parameters
        ----------
        model : Model
        path : str or path
        """
        optimizer, weights = model.optimizer, model.weights
        positions = {id(weight): i for i, weight in enumerate(weights)}
        known = [variable for variable in optimizer.variables if id(variable) in positions]
        tensors = {f"weights/{i}": weight.numpy() for i, weight in enumerate(weights)}
        tensors |= {f"{PREFIX}{name}": array for name, array in optimizer.state(known)}
        rate = None if optimizer.schedule is not None else optimizer.learning_rate
        described = {"run": self.state(), "variables": [positions[id(one)] for one in known], "learning_rate": rate}
        write(path, tensors, {KEY: json.dumps(described)})

    def go_on(self, model, path):
        """Take over what `back_up` has written.

        Raises
        ------
        NotBuiltError
            When the model has no weights yet.
        DataError
            When the file is damaged, or of another model, optimizer or data. Nothing has changed then.
        """
        if not model.built:
            raise NotBuiltError(f"{path}: build the model before fit, so that its weights can be restored")
        tensors, metadata = read(path)
        optimizer, weights = model.optimizer, model.weights
        kept = optimizer.__getstate__()
        try:
            described = json.loads(metadata[KEY])
            self._check(described["run"])
            rate = described["learning_rate"]
            rate = None if rate is None else as_number("learning_rate", rate, low=0)
            arrays = _fitting(weights, tensors)
            optimizer.build([weights[i] for i in described["variables"]])
            optimizer.load_state(
                {name.removeprefix(PREFIX): one for name, one in tensors.items() if name.startswith(PREFIX)}
            )
        except MemoryError:
            raise
        except Exception as error:
            optimizer.__setstate__(kept)
            raise DataError(f"{path}: this run cannot go on from it ({type(error).__name__}: {error})") from error
        model.set_weights(arrays)
        if rate is not None and optimizer.schedule is None:
            optimizer.learning_rate = rate
        generator = self._generator.bit_generator
        generator.state = _restored(described["run"]["generator"], generator.state)
        self.next = described["run"]["next"]


def _fitting(weights, tensors):
    """Return the arrays of weights; DataError unless all of them fit."""
    count = sum(name.startswith("weights/") for name in tensors)
    if count != len(weights):
        raise DataError(f"it has {count} weights, the model {len(weights)}")
    arrays = [tensors[f"weights/{i}"] for i in range(count)]
    for weight, array in zip(weights, arrays, strict=True):
        if array.shape != weight.shape or array.dtype != weight.dtype:
            needed = f"{weight.dtype} {weight.shape}"
            raise DataError(f"weight {weight.name} needs {needed}, has {array.dtype} {array.shape}")
    return arrays


def _plain(state):
    """Return the state of a generator as data for JSON."""
    if isinstance(state, dict):
        return {key: _plain(one) for key, one in state.items()}
    if isinstance(state, np.ndarray):
        return state.tolist()
    return state.item() if isinstance(state, np.generic) else state


def _restored(state, like):
    """Return plain data as a state in the form of another one."""
    if isinstance(like, dict):
        return {key: _restored(state[key], one) for key, one in like.items()}
    return np.asarray(state, like.dtype) if isinstance(like, np.ndarray) else state
