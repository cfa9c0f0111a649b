"""Initializers of matrices that keep the length of what they are multiplied with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from numbanet.core.arguments import frozen
from numbanet.core.checks import keep_numbers
from numbanet.errors import ShapeError
from numbanet.initializers.distributions import Initializer, Random
from numbanet.typing import Array, Real


@frozen
class Orthogonal(Random):
    """A random orthogonal matrix: the first factor of the QR decomposition of normal random numbers.

    Of a matrix with more columns than rows, the rows are orthogonal; otherwise the columns are. A weight of more
    dimensions is a matrix of shape (all but the last, last).

    Parameters
    ----------
    gain : float
        The length of the orthogonal vectors.

    Raises
    ------
    ShapeError
        When the weight has fewer than two dimensions.

    References
    ----------
    Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural networks,
    2014, arXiv:1312.6120. Keras 3, `Orthogonal`.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> w = nn.initializers.Orthogonal()((3, 5), "float64", rng=0)
    >>> bool(np.allclose(w @ w.T, np.eye(3)))
    True
    """

    _former: ClassVar[dict[str, str]] = {name: text for name, text in Random._former.items() if name != "gain"}
    gain: float = 1.0

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, gain: Real = 1.0) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, gain={})

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal: needs a weight of at least two dimensions, got shape {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # without the signs of r, q would not be uniform
        return self.gain * (q.T if rows < columns else q).reshape(shape)


@frozen
class Identity(Initializer):
    """The identity matrix, times `gain`; ones on the diagonal where it is not square.

    Parameters
    ----------
    gain : float

    Raises
    ------
    ShapeError
        When the weight is not a matrix.

    References
    ----------
    Keras 3, `Identity`. Le, Jaitly, Hinton: A Simple Way to Initialize Recurrent Networks of Rectified Linear Units,
    2015, arXiv:1504.00941.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.Identity(2.0)((2, 2))
    array([[2., 0.],
           [0., 2.]], dtype=float32)
    """

    _former: ClassVar[dict[str, str]] = {name: text for name, text in Initializer._former.items() if name != "gain"}
    gain: float = 1.0

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, gain: Real = 1.0) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, gain={})

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        if len(shape) != 2:
            raise ShapeError(f"Identity: needs a weight of two dimensions, got shape {shape}")
        return self.gain * np.eye(*shape)
