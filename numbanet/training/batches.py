"""What a model does with single batches, and how its layers are found and shown."""

from __future__ import annotations

import json
from typing import Any

from numbanet.core.checks import is_integer
from numbanet.errors import ArgumentError, unknown_name
from numbanet.training.saving import Saved
from numbanet.training.summary import print_summary
from numbanet.typing import ClassWeight, Integer, Seed


class OnBatches(Saved):
    """A network with methods for one batch, as Keras has them; see `Model`."""

    _trainer: Any

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: ClassWeight | None = None,
        return_dict: bool = False, *, rng: Seed = None,
    ) -> Any:  # fmt: skip
        """Update the weights once, from one batch.

        Parameters
        ----------
        x, y, sample_weight
            As in `fit`: the samples of the batch.
        class_weight : dict, list or "balanced", optional
        return_dict : bool
            Whether to return a dict by name.
        rng : int or numpy.random.Generator, optional
            For weights not made yet, and dropout.

        Returns
        -------
        float, list of float, or dict
            The loss before the update, and the metrics of this batch alone; as `evaluate` returns them.
        """
        return self._trainer.on_batch("train_on_batch", x, y, sample_weight, class_weight, return_dict, rng)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss and the metrics of one batch.

        Parameters
        ----------
        x, y, sample_weight
            As in `evaluate`.
        return_dict : bool
            Whether to return a dict by name.

        Returns
        -------
        float, list of float, or dict
            As `evaluate` returns them.
        """
        return self._trainer.on_batch("test_on_batch", x, y, sample_weight, None, return_dict, None)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as `predict` does.

        Parameters
        ----------
        x : array-like (samples, ...), or a list, tuple or dict of them

        Returns
        -------
        numpy.ndarray, or a list, tuple or dict of them
        """
        return self._trainer.predict_on_batch(x)

    def get_layer(self, name: str | None = None, index: Integer | None = None) -> Any:
        """Return one of the layers.

        Parameters
        ----------
        name : str, optional
        index : int, optional
            The place among `layers`; give this or a name.

        Returns
        -------
        Layer or Model

        Raises
        ------
        ArgumentError
            When there is no such layer, or when it is neither one nor the other that is given.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ArgumentError("get_layer: give a name or an index")
        if index is not None:
            place = int(index) if is_integer(index) else len(layers)
            if not -len(layers) <= place < len(layers):
                raise ArgumentError(f"get_layer: index {index!r} is none of the {len(layers)} layers")
            return layers[place]
        found = [layer for layer in layers if layer.name == name]
        if not found:
            raise unknown_name("layer", name, [layer.name for layer in layers])
        return found[0]

    def to_json(self) -> str:
        """Return what `get_config` gives as JSON text, without weights; `from_config(json.loads(text))` reads it."""
        return json.dumps(self.get_config())

    def summary(self, line_length: Integer | None = None) -> None:
        """Print the layers with the shapes of their outputs and the numbers of their parameters.

        For a functional model, also the layers that each one is connected to.

        Parameters
        ----------
        line_length : int, optional
            The width of the table; that of the terminal if not given.
        """
        print_summary(self, line_length)


def results_of(logs: dict[str, float], return_dict: bool) -> Any:
    """Return logs as a dict, as a list, or as the only number."""
    if return_dict:
        return dict(logs)
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
