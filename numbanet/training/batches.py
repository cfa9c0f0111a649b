"""What a model does with single batches, and how its layers are found and shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from numbanet.core.checks import is_integer
from numbanet.core.context import undisturbed
from numbanet.core.encoding import encode
from numbanet.core.markup import table
from numbanet.core.names import is_ours, saving
from numbanet.errors import ArgumentError, unknown_name
from numbanet.saving.description import described_training
from numbanet.training.missing import ATTRIBUTES
from numbanet.training.saving import Saved
from numbanet.training.summary import contents, print_summary
from numbanet.typing import ClassWeight, Integer, Seed


class OnBatches(Saved):
    """A network with methods for one batch, as Keras has them; see `Model`."""

    _trainer: Any

    if not TYPE_CHECKING:  # to a type checker an attribute that there is not is an error, as it is here

        def __getattr__(self, name):
            if name in ATTRIBUTES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}: {ATTRIBUTES[name]}")
            return self.__getattribute__(name)  # raises as before, what a property raised among it

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

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in order: the loss, the losses of several outputs, and the metrics."""
        parts = getattr(self._trainer.loss, "logged", ())
        return ["loss", *parts, *[metric.name for metric in self._trainer.metrics]]

    def reset_metrics(self) -> None:
        """Have all metrics forget what they have counted, as `fit` and `evaluate` do before they count anew."""
        for metric in (self._trainer.loss_tracker, *self._trainer.metrics):
            metric.reset_state()

    @undisturbed
    def to_json(self) -> str:
        """Return the architecture, and what the model was compiled with, as JSON text, without weights.

        `nn.models.model_from_json` makes a model of it; `config` in it is what `get_config` of a functional model or
        `Sequential` returns.

        Returns
        -------
        str

        Raises
        ------
        ArgumentError
            When something in the model could not be made again; the message names it.
        """
        with saving():
            description = encode(self, f"model {self.name}")
            compiled = None if self._trainer.loss is None else described_training(self)
        if compiled and compiled["without_decay"] and self._topology is None:
            raise ArgumentError(
                f"to_json: model {self.name} excludes weights from weight decay by var_list, and is made again without "
                "weights; use exclude_from_weight_decay(var_names=[...])"
            )
        plain = is_ours(type(self))  # then the configuration is data for JSON as it stands
        config = self.get_config() if plain else description["config"]
        return json.dumps(description | {"config": config, "plain": plain, "compile": compiled})

    def summary(self, line_length: Integer | None = None, expand_nested: bool = False) -> None:
        """Print the layers with the shapes of their outputs and the numbers of their parameters.

        For a functional model, also the layers that each one is connected to.

        Parameters
        ----------
        line_length : int, optional
            The width of the table; that of the terminal if not given.
        expand_nested : bool
            Whether to list the layers of models inside, too.
        """
        print_summary(self, line_length, expand_nested)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r} built={self.built}>"

    def _repr_html_(self) -> str:
        title, columns, rows, note = contents(self)
        return table(title, columns, rows, note)


def results_of(logs: dict[str, float], return_dict: bool) -> Any:
    """Return logs as a dict, as a list, or as the only number."""
    if return_dict:
        return dict(logs)
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
