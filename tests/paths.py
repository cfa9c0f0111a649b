"""How far it is from a call to what it ends in: the modules that it passes through, and the Python frames that run.

    python -m tests.paths

prints the table of docs/design.md for the tree that is imported.
"""

import contextlib
import io
import sys
import tempfile

import numpy as np

import numbanet as nn
from numbanet.core.context import setting

PASSED = {
    ("numbanet.graph.trace", "__enter__"),
    ("numbanet.graph.passes", "optimized"),
    ("numbanet.graph.lowering", "run"),
    ("numbanet.launching.program", "__init__"),
}
"""Where a step is a call, a graph, a shorter graph, launches, and a Program."""


def stack_of(frame):
    """The (module, function) of numbanet on the stack, outermost first."""
    found = []
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.split(".")[0] == "numbanet":
            found.append((name, frame.f_code.co_name))
        frame = frame.f_back
    return found[::-1]


class Way:
    """What runs between a call and the last time that it arrives.

    Parameters
    ----------
    action : callable
        The call.
    arrives : callable
        `arrives(frame, function)`: whether a frame that begins (then `function` is None), or a built-in function that
        is called, is where the way ends.

    Attributes
    ----------
    frames : int
        Python functions of numbanet that were called until then.
    modules : list of str
        Those on the stack where it arrived, in order.
    depth : int
        The frames on the stack there.
    """

    def __init__(self, action, arrives):
        self.frames, self.modules, self.depth = 0, [], 0
        self._arrives, self._count = arrives, 0
        sys.setprofile(self._event)
        try:
            action()
        finally:
            sys.setprofile(None)

    def _event(self, frame, event, argument):
        ours = frame.f_globals.get("__name__", "").split(".")[0] == "numbanet"
        if ours and event == "call":
            self._count += 1
        if ours and event in ("call", "c_call") and self._arrives(frame, argument if event == "c_call" else None):
            stack = stack_of(frame)
            self.frames, self.depth = self._count, len(stack)
            self.modules = list(dict.fromkeys([*self.modules, *[name for name, _ in stack]]))


def is_kernel(frame, function):
    """A compiled kernel is called through its built-in function, or a launch of it begins."""
    name = frame.f_globals["__name__"]
    begins = function is None and frame.f_code.co_name == "launch" and name.startswith("numbanet.backends")
    return begins or type(getattr(function, "__self__", None)).__name__ in ("_Method", "PyCapsule")


def is_passed(frame, function):
    """A step becomes the next thing on its way to a Program."""
    return function is None and (frame.f_globals["__name__"], frame.f_code.co_name) in PASSED


def model():
    """Return a model that was compiled and built."""
    made = nn.Sequential([nn.layers.Dense(8, "relu"), nn.layers.Dense(3, "softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy")
    made.build((None, 5))
    return made


def fitted(made):
    """Train for an epoch of two batches."""
    made.fit(np.zeros((64, 5), np.float32), np.zeros(64, np.int64), batch_size=32, verbose=0, rng=0)


def of_fit():
    """The way from `fit` to a Program; once has run before, so that everything is imported."""
    fitted(model())
    made = model()
    return Way(lambda: fitted(made), is_passed)


def of_ops():
    """The ways of three ops of small matrices to their kernels, which Plans know a shorter one for."""
    a, b = nn.ones((4, 5)), nn.ones((5, 3))
    for _ in range(3):
        nn.relu(a), nn.add(a, a), nn.dot(a, b)
    calls = {"relu": lambda: nn.relu(a), "add": lambda: nn.add(a, a), "dot": lambda: nn.dot(a, b)}
    with setting(as_they_stand=True):
        return {name: Way(call, is_kernel) for name, call in calls.items()}


def of_the_command_line():
    """The way from `numbanet train` to the first kernel of training."""
    from numbanet.cli import main

    def train():
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            sys.argv = ["numbanet", "train", "mnist", "--epochs", "1", "--out", f"{folder}/model"]
            with contextlib.suppress(SystemExit):
                main()

    first = []

    def is_first(frame, function):
        arrived = function is None and frame.f_code.co_name == "run" and frame.f_globals["__name__"].endswith(".walks")
        first.append(arrived)
        return arrived and sum(first) == 1

    return Way(train, is_first)


if __name__ == "__main__":
    for name, way in {**of_ops(), "fit to a Program": of_fit(), "command line": of_the_command_line()}.items():
        print(f"{name}: {way.frames} frames run, {way.depth} on the stack, {len(way.modules)} modules: {way.modules}")
