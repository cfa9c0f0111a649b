"""What Python costs: one operation, one on a tape, and a training step written by hand."""

import numpy as np

import numbanet as nn

from .common import THREADS, Timed, installed
from .networks import CLASSES, NETWORKS, first_weights, random_data

OPERATIONS = ("add", "multiply", "relu")
OF_A_TAPE = 100


class Operation(Timed):
    """One operation on vectors, into new memory."""

    params = (installed("NumPy", "PyTorch"), OPERATIONS, [1_000])
    param_names = ("library", "operation", "size")

    def make(self, library, operation, size):
        """Return the call."""
        x, y = np.random.default_rng(0).standard_normal((2, size), np.float32)
        if library == "NumPy":
            return {"add": lambda: x + y, "multiply": lambda: x * y, "relu": lambda: np.maximum(x, 0)}[operation]
        if library == "PyTorch":
            import torch

            return operations(torch.from_numpy(x), torch.from_numpy(y), torch.relu)[operation]
        return operations(nn.asarray(x), nn.asarray(y), nn.relu)[operation]


class TapedOperation(Timed):
    """The same, recorded for a gradient: a hundred on a tape of numbanet's, one graph each in PyTorch."""

    params = (installed("PyTorch"), OPERATIONS, [1_000])
    param_names = ("library", "operation", "size")
    units = OF_A_TAPE

    def make(self, library, operation, size):
        """Return a call that records a hundred."""
        x, y = np.random.default_rng(0).standard_normal((2, size), np.float32)
        if library == "PyTorch":
            import torch

            one = operations(torch.from_numpy(x).requires_grad_(), torch.from_numpy(y), torch.relu)[operation]
            return lambda: [one() for _ in range(OF_A_TAPE)] and None
        one = operations(nn.Variable(x), nn.asarray(y), nn.relu)[operation]

        def call():
            with nn.GradientTape():
                for _ in range(OF_A_TAPE):
                    one()

        return call


def operations(a, b, relu):
    """Return the operations on two arrays of one library."""
    return {"add": lambda: a + b, "multiply": lambda: a * b, "relu": lambda: relu(a)}


class TapedStep(Timed):
    """A training step by hand: forward, cross-entropy, gradients, update; nothing recorded for replay or compiled."""

    params = (installed("PyTorch", "MyGrad", "autograd"), [*NETWORKS], THREADS)
    param_names = ("library", "network", "threads")

    def make(self, library, name, threads):
        """Return the call."""
        network = NETWORKS[name]
        x, y = random_data(network, 1)
        if library.startswith("numbanet"):
            return step_by_hand(network, x, y)
        from .networks import trainer

        theirs = trainer(library, network)  # eager by themselves
        return lambda: theirs.train(x, y, None)


class FunctionStep(Timed):
    """The same step under `nn.function`; JAX's under `jit`."""

    params = (installed("JAX"), [*NETWORKS], THREADS)
    param_names = ("library", "network", "threads")

    def make(self, library, name, threads):
        """Return the call."""
        network = NETWORKS[name]
        x, y = random_data(network, 1)
        if library.startswith("numbanet"):
            return step_by_hand(network, x, y, nn.function)
        from .networks import trainer

        theirs = trainer(library, network)
        return lambda: theirs.train(x, y, None)


def step_by_hand(network, x, y, wrap=lambda function: function):
    """Return numbanet's step with a tape, as a function without arguments."""
    x, y = nn.asarray(x), nn.asarray(y)
    w1, b1, w2, b2 = weights = [nn.Variable(one) for one in first_weights(network)]
    rules = {"sgd": nn.optimizers.SGD, "rmsprop": nn.optimizers.RMSprop}
    optimizer = rules[network.rule](network.rate)

    @wrap
    def step(x, y):
        with nn.GradientTape() as tape:
            scores = nn.relu(x @ w1 + b1) @ w2 + b2
            loss = nn.mean(nn.softmax_cross_entropy(scores, y))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    return lambda: step(x, y)


class Gradient(Timed):
    """The gradient of a scalar function of 1,000 numbers, by `nn.grad`; JAX compiles its own."""

    params = (installed("PyTorch", "JAX", "autograd"), ["sum of squares", "log of a softmax"])
    param_names = ("library", "function")

    def make(self, library, function):
        """Return the call."""
        x = np.random.default_rng(0).standard_normal((100, CLASSES), np.float32)
        if library == "PyTorch":
            return _torch_gradient(function, x)
        if library == "JAX":
            import jax

            gradient = jax.jit(jax.grad(_FUNCTIONS[function](jax.numpy, jax.nn.log_softmax)))
            there = jax.numpy.asarray(x)
            return lambda: jax.block_until_ready(gradient(there))
        if library == "autograd":
            from autograd import grad, numpy

            def log_softmax(x):
                return x - numpy.log(numpy.sum(numpy.exp(x), 1, keepdims=True))

            gradient = grad(_FUNCTIONS[function](numpy, log_softmax))
            return lambda: gradient(x)
        ours, gradient = nn.asarray(x), nn.grad(_FUNCTIONS[function](nn, nn.log_softmax))
        return lambda: gradient(ours)


_FUNCTIONS = {
    "sum of squares": lambda library, log_softmax: lambda x: library.sum(x * x),
    "log of a softmax": lambda library, log_softmax: lambda x: library.mean(log_softmax(x)[:, 0]),
}


def _torch_gradient(name, x):
    import functools

    import torch

    function = _FUNCTIONS[name](torch, functools.partial(torch.log_softmax, dim=1))
    there = torch.from_numpy(x).requires_grad_()
    return lambda: torch.autograd.grad(function(there), there)
