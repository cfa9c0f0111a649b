"""What samples look like, for models that are to be built at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.dtypes import as_dtype
from numbanet.core.random import as_generator
from numbanet.core.shapes import as_open_shape, fits
from numbanet.errors import ShapeError
from numbanet.layers.inputs import cast
from numbanet.layers.layer import SameShape
from numbanet.layers.symbolic import Symbolic
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, OpenShape, Seed, Shape


class Input(SameShape, Symbolic):
    """An input of a functional model, or the shape of the samples of a `Sequential`, which is then built at once.

    It is a symbolic tensor: layers that are called with it give others, from which `nn.Model` makes a model.

    Parameters
    ----------
    shape : tuple of int or None
        Of one sample. None is an open size, such as the length of sequences: each batch may have another one.
    name : str, optional
        Data in a dict is found by it.
    dtype : dtype, optional
        float32 if not given. A functional model converts integers to it; a floating dtype is never made an integer one,
        and integers that do not fit are refused.
    rng : int or numpy.random.Generator, optional
        What the first weights are drawn from, of the layers that are called with it and with what they give.

    Attributes
    ----------
    shape : tuple
        That of a batch: (None, ...).

    Raises
    ------
    ShapeError
        When a model is called with samples of another shape.

    References
    ----------
    Keras 3, keras.Input.

    Examples
    --------
    >>> import numbanet as nn
    >>> model = nn.Sequential([nn.layers.Input((784,)), nn.layers.Dense(10)])
    >>> [w.shape for w in model.weights]
    [(784, 10), (10,)]
    >>> x = nn.Input((784,))
    >>> x.shape
    (None, 784)
    >>> model = nn.Model(x, nn.layers.Dense(10)(nn.layers.Dense(16)(x)))
    >>> model(nn.zeros((5, 784))).shape
    (5, 10)
    """

    __hash__ = Symbolic.__hash__

    followed_by_replay = (*SameShape.followed_by_replay, "rng")
    _not_copied = SameShape._not_copied | {"rng"}
    _not_kept = SameShape._not_kept | {"rng"}

    def __init__(self, shape: OpenShape, name: str | None = None, dtype: DType = None, *, rng: Seed = None) -> None:
        super().__init__(name)
        self.dtype: np.dtype[Any] = as_dtype(dtype or np.float32, f"layer {self.name}")
        self.rng = None if rng is None else as_generator(rng)
        vars(self)["shape"] = as_open_shape(shape, f"layer {self.name}")

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape of a batch, (None, ...)."""
        return (None, *vars(self)["shape"])

    @shape.setter
    def shape(self, value: Shape) -> None:
        sample = value[1:] if isinstance(value, (list, tuple)) and value[:1] in ((None,), [None]) else value
        vars(self)["shape"] = as_open_shape(sample, f"layer {self.name}")  # of a sample, as files and pickles have it

    @property
    def sample(self) -> tuple[int | None, ...]:
        """The shape of one sample."""
        found: tuple[int | None, ...] = vars(self)["shape"]
        return found

    @property
    def input(self) -> Input:
        """Itself."""
        return self

    output = input

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless samples have the shape that was announced."""
        if not fits(input_shape[1:], self.sample):
            raise ShapeError(f"layer {self.name}: samples of shape {self.sample} are needed, got {input_shape[1:]}")

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Check the first input too."""
        self.check_input(input_shape)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` itself; in an integer dtype, or that of booleans, if that was announced."""
        return x if self.dtype.kind == "f" else cast(self, x)

    def get_config(self) -> Config:
        """Return the settings."""
        return {"name": self.name, "dtype": self.dtype.name, "shape": list(self.sample)}

    def __repr__(self) -> str:
        return f"Input(shape={self.shape}, dtype={self.dtype}, name={self.name!r})"
