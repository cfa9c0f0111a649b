"""Checking gradients: what the library's own tests use, for ops and layers of one's own."""

import numpy as np

from numbanet.dtypes import is_float
from numbanet.errors import GradientError
from numbanet.operators import values_of
from numbanet.tape import GradientTape
from numbanet.tensor import asarray, put


def check_grad(function, *inputs, step=1e-6, rtol=1e-5, atol=1e-6):
    """Compare the gradient of `function` with central differences, in float64, element by element.

    Parameters
    ----------
    function : callable
        Takes tensors, returns one tensor of any shape.
    *inputs : array-like
        Points at which the function is smooth. Floating ones are converted to float64 and differentiated, others are
        passed on.
    step : float
        Half the distance of the two evaluations; their difference errs by about step**2 + 1e-16 / step.
    rtol, atol : float
        How far the gradient may lie from the differences.

    Raises
    ------
    GradientError
        Naming the input and the index where gradient and differences part.

    References
    ----------
    Griewank and Walther: Evaluating Derivatives, section 3.1; Press et al.: Numerical Recipes, section 5.7.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.testing.check_grad(lambda x: nn.sum(x * x), [1.0, 2.0])
    """
    arrays = [np.array(values_of(asarray(x))) for x in inputs]
    arrays = [x.astype(np.float64) if is_float(x.dtype) else x for x in arrays]
    tensors = [put(x) for x in arrays]
    floating = [i for i, x in enumerate(arrays) if is_float(x.dtype)]
    with GradientTape() as tape:
        tape.watch([tensors[i] for i in floating])
        y = function(*tensors)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, y.shape)
    gradients = tape.gradient(y, [tensors[i] for i in floating], output_gradients=weights)
    for i, gradient in zip(floating, gradients, strict=True):
        found = gradient.numpy()
        if found.shape != arrays[i].shape:
            raise GradientError(f"check_grad: input {i} has shape {arrays[i].shape}, its gradient {found.shape}")
        for index in np.ndindex(*arrays[i].shape):
            expected = _central_difference(function, arrays, i, index, step, weights)
            if not abs(found[index] - expected) <= atol + rtol * abs(expected):
                raise GradientError(
                    f"check_grad: input {i} at index {index}: the gradient is {found[index]:.8g}, "
                    f"central differences give {expected:.8g}"
                )


def _central_difference(function, arrays, i, index, step, weights):
    values = []
    for sign in (1, -1):
        moved = [x.copy() if k == i else x for k, x in enumerate(arrays)]
        moved[i][index] += sign * step
        values.append(function(*[put(x) for x in moved]).numpy())
    return float(np.sum((values[0] - values[1]) * weights) / (2 * step))
