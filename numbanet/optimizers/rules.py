"""The rules: how each optimizer turns a gradient into new weights. The loops are in `kernels/loops/optimize.py`."""

import math
from typing import ClassVar

from numbanet.errors import ArgumentError
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import optimize as loops
from numbanet.optimizers.base import Optimizer
from numbanet.optimizers.settings import flag, fraction, memory, not_negative

_sgd, _momentum = Kernel(loops.sgd, cost=0.15), Kernel(loops.momentum, cost=0.2)
_RMSPROP = {  # by (centered, with momentum)
    (False, False): Kernel(loops.rmsprop, cost=0.25),
    (False, True): Kernel(loops.rmsprop_momentum, cost=0.3),
    (True, False): Kernel(loops.rmsprop_centered, cost=0.35),
    (True, True): Kernel(loops.rmsprop_centered_momentum, cost=0.4),
}
_adam, _amsgrad = Kernel(loops.adam, cost=0.35), Kernel(loops.amsgrad, cost=0.4)
_nadam, _adagrad = Kernel(loops.nadam, cost=0.4), Kernel(loops.adagrad, cost=0.25)


class SGD(Optimizer):
    """Gradient descent: `w -= learning_rate * g`, with momentum if asked for.

    With momentum, `m = momentum * m - learning_rate * g` and `w += m`; with Nesterov's,
    `w += momentum * m - learning_rate * g`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    momentum : float
        From 0 to 1: how much of the last step is taken again.
    nesterov : bool
        Look ahead along the momentum.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum, 2013. Keras 3, `SGD`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.SGD(0.5).apply_gradients(zip([[1.0, -1.0]], [w]))
    1
    >>> w
    Variable([0.5, 2.5], shape=(2,), dtype=float32)
    """

    settings: ClassVar = {**Optimizer.settings, "momentum": fraction, "nesterov": flag}

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **options):
        super().__init__(learning_rate, **options)
        self.momentum = momentum
        self.nesterov = nesterov

    def slots(self):
        return ("momentum",) if self.momentum else ()

    rule_is_launches = True

    def update(self, w, g, state, rate):
        if state:
            _momentum(w.size, w, g, *state, rate, self.momentum, self.nesterov)
        else:
            _sgd(w.size, w, g, rate)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients.

    `s = rho * s + (1 - rho) * g**2` and `w -= learning_rate * g / sqrt(s + epsilon)`. With momentum,
    `m = momentum * m + learning_rate * g / sqrt(s + epsilon)` and `w -= m`. Centered, with
    `a = rho * a + (1 - rho) * g`, it is `s - a**2` that stands under the root.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    rho : float
        From 0 to below 1: how much of the mean stays.
    momentum : float
        From 0 to 1.
    epsilon : float
        Keeps the root away from 0.
    centered : bool
        Divide by the deviation of gradients from their mean.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Hinton: Neural Networks for Machine Learning, lecture 6e, 2012. Centered: Graves: Generating Sequences With
    Recurrent Neural Networks, 2013, arXiv:1308.0850. Keras 3, `RMSprop`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.RMSprop(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.68, 2.32], dtype=float32)
    """

    settings: ClassVar = {
        **Optimizer.settings,
        "rho": memory,
        "momentum": fraction,
        "epsilon": not_negative,
        "centered": flag,
    }

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, **options):
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def slots(self):
        return ("velocity", *("average_gradient",) * self.centered, *("momentum",) * (self.momentum > 0))

    rule_is_launches = True

    def update(self, w, g, state, rate):
        kernel = _RMSPROP[self.centered, self.momentum > 0]
        numbers = (rate, self.rho, 1 - self.rho, self.epsilon, *(self.momentum,) * (self.momentum > 0))
        kernel(w.size, w, g, *state, *numbers)

    def get_config(self):
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}


class Adam(Optimizer):
    """Momentum, divided by the root of a running mean of squares, both corrected for having started at 0.

    `m += (1 - beta_1) * (g - m)`, `v += (1 - beta_2) * (g**2 - v)` and
    `w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)` in step t.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        From 0 to below 1: how much of the means stays.
    epsilon : float
        Keeps the divisor away from 0.
    amsgrad : bool
        Divide by the largest `v` so far.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Kingma and Ba: Adam, 2014, arXiv:1412.6980, end of section 2. AMSGrad: Reddi, Kale, Kumar: On the Convergence of
    Adam and Beyond, 2018, arXiv:1904.09237. Keras 3, `Adam`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adam(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1], dtype=float32)
    """

    settings: ClassVar = {
        **Optimizer.settings,
        "beta_1": memory,
        "beta_2": memory,
        "epsilon": not_negative,
        "amsgrad": flag,
    }

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, **options):
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def slots(self):
        return ("momentum", "velocity", *("velocity_hat",) * self.amsgrad)

    def numbers(self, rate, step):
        corrected = rate * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        return corrected, 1 - self.beta_1, 1 - self.beta_2, self.epsilon

    rule_is_launches = True

    def update(self, w, g, state, *numbers):
        (_amsgrad if self.amsgrad else _adam)(w.size, w, g, *state, *numbers)

    def get_config(self):
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}
        return {**super().get_config(), **own}


class AdamW(Adam):
    """Adam with weight decay: `w -= learning_rate * weight_decay * w` before every update.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    weight_decay : float
    beta_1, beta_2, epsilon, amsgrad
        As for `Adam`.
    **options
        `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Loshchilov and Hutter: Decoupled Weight Decay Regularization, 2017, arXiv:1711.05101. Keras 3, `AdamW`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.AdamW(0.1, weight_decay=0.5).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.85, 2.  ], dtype=float32)
    """

    def __init__(
        self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, **options
    ):
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number; without it, use Adam")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, whose strength rises from step to step.

    With `u(t) = beta_1 * (1 - 0.5 * 0.96**t)` and `U(t) = u(1) * ... * u(t)`, and m and v as in Adam:
    `w -= learning_rate * (u(t + 1) * m / (1 - U(t + 1)) + (1 - u(t)) * g / (1 - U(t))) / (sqrt(v / (1 - beta_2**t)) +
    epsilon)`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        From 0 to below 1: how much of the means stays.
    epsilon : float
        Keeps the divisor away from 0.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Dozat: Incorporating Nesterov Momentum into Adam, 2016, algorithm 2 and its appendix. Keras 3, `Nadam`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Nadam(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.89, 2.11], dtype=float32)
    """

    settings: ClassVar = {**Optimizer.settings, "beta_1": memory, "beta_2": memory, "epsilon": not_negative}

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self._product = {0: 1.0}

    followed_by_replay: ClassVar = ("_product", *Optimizer.followed_by_replay)

    def slots(self):
        return ("momentum", "velocity")

    def _strength(self, step):
        return self.beta_1 * (1 - 0.5 * 0.96**step)

    def _strengths_until(self, step):
        """U(step), continued from the nearest step before it that is known."""
        known = max(known for known in self._product if known <= step)
        product = self._product[known]
        for t in range(known + 1, step + 1):
            product *= self._strength(t)
        kept = self._product if len(self._product) < 16 else {0: 1.0}
        self._product = kept | {step: product}
        return product

    def numbers(self, rate, step):
        now, next_one = self._strength(step), self._strength(step + 1)
        product = self._strengths_until(step)
        of_gradient = (1 - now) / (1 - product)
        of_momentum = next_one / (1 - product * next_one)
        of_square = 1 / (1 - self.beta_2**step)
        return rate, 1 - self.beta_1, 1 - self.beta_2, self.epsilon, of_gradient, of_momentum, of_square

    rule_is_launches = True

    def update(self, w, g, state, *numbers):
        _nadam(w.size, w, g, *state, *numbers)

    def get_config(self):
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients so far.

    `s += g**2` and `w -= learning_rate * g / sqrt(s + epsilon)`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    initial_accumulator_value : float
        Where the sums start.
    epsilon : float
        Keeps the root away from 0.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Duchi, Hazan, Singer: Adaptive Subgradient Methods, 2011. Keras 3, `Adagrad`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adagrad(0.1, initial_accumulator_value=0.0).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1], dtype=float32)
    """

    settings: ClassVar = {**Optimizer.settings, "first_state": not_negative, "epsilon": not_negative}

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.first_state = not_negative("initial_accumulator_value", initial_accumulator_value)
        self.epsilon = epsilon

    def slots(self):
        return ("accumulator",)

    rule_is_launches = True

    def update(self, w, g, state, rate):
        _adagrad(w.size, w, g, *state, rate, self.epsilon)

    def get_config(self):
        own = {"initial_accumulator_value": self.first_state, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
