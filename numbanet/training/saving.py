"""Models and files: what a model is written with, and read back."""

from __future__ import annotations

from typing import Self

from numbanet.core.context import undisturbed
from numbanet.core.encoding import decode, encode, one_tree
from numbanet.layers.topology import called_again
from numbanet.saving.container import check_ending
from numbanet.saving.description import check_savable
from numbanet.saving.reading import load_weights
from numbanet.saving.writing import save_model, save_weights
from numbanet.training.functional import Functional
from numbanet.typing import Config, FilePath


class Saved(Functional):
    """A network that can be written to a file; `numbanet.saving` has the format."""

    @undisturbed
    def get_config(self) -> Config:
        """Return what `from_config` needs to make the model again, without its weights: plain data."""
        if self._topology is None:
            return {"name": self.name}
        with one_tree():
            layers = [encode(layer, f"layer {layer.name}") for layer in self._layers]
        return {"name": self.name, "layers": layers} | self._topology.as_config()

    @classmethod
    @undisturbed
    def from_config(cls, config: Config) -> Self:
        """Return the model that `get_config` describes; a functional one has weights, which are drawn anew."""
        if "calls" not in config:
            return cls(**config)
        with one_tree():
            layers = decode(config["layers"])
        inputs, outputs = called_again(config, layers)
        return cls(inputs=inputs, outputs=outputs, name=config["name"])

    def check_savable(self, path: FilePath | None = None, weights_only: bool = False) -> None:
        """Raise what `save` would raise, NotBuiltError or ArgumentError; the model need not have weights yet.

        Parameters
        ----------
        path : str or path, optional
            Its ending is looked at.
        weights_only : bool
            Whether it is about `save_weights`.
        """
        check_ending("save_weights" if weights_only else "save", path)
        if not weights_only:
            check_savable(self)

    def save(self, path: FilePath) -> None:
        """Write architecture, weights and optimizer to one file; see `nn.load_model`.

        Layers, losses, metrics, optimizers, schedules, initializers and functions of your own are saved by name and
        with what their `get_config` returns; `nn.saving.register` gives them names.

        Parameters
        ----------
        path : str or path
            Conventionally ending in .numbanet, and not in the ending of another program's files, such as .keras. It is
            written beside the place and then renamed: a kill at any moment leaves the old file or the new one.

        Raises
        ------
        NotBuiltError
            When there are no weights yet, or something in the model could not be made again from the file: the message
            names it, and says what to do.
        ArgumentError
            When the path cannot be written, or has a foreign ending.
        """
        save_model(self, path)

    def save_weights(self, path: FilePath) -> None:
        """Write the weights alone, as safetensors.

        Parameters
        ----------
        path : str or path
            Conventionally ending in .safetensors, and not in the ending of another program's files.
        """
        save_weights(self, path)

    def load_weights(self, path: FilePath) -> None:
        """Read weights that `save_weights` wrote for the same architecture; nothing is changed unless all fit.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        DataError
            When the file is not one of weights, or they do not fit the model.
        """
        load_weights(self, path)
