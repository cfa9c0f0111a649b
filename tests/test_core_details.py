"""Details of the core that nothing else looks at: each of these tests was written for a change that no test noticed."""

import threading

import numpy as np
import pytest

import numbanet as nn
from numbanet.kernels.program import Program

needs_compiled = pytest.mark.needs_compiled("Programs need compiled kernels")
X = nn.asarray(np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3))


def became(function):
    return ["program" if isinstance(call, Program) else call for _, call in function.calls]


@pytest.fixture
def checked():
    nn.config.check_replay = True
    yield
    nn.config.check_replay = False


@needs_compiled
class TestFunction:
    def test_an_argument_that_is_returned_is_that_argument(self):
        returned = nn.function(lambda x, y: (x, [y, x * y], {"x": x}))
        for _ in range(6):
            y = X + 1
            first, (second, _), rest = returned(X, y)
            assert first is X
            assert second is y
            assert rest["x"] is X
        assert became(returned) == ["program"]

    def test_an_argument_that_is_returned_when_replays_are_checked(self, checked):
        returned = nn.function(lambda x: [x, nn.exp(x)])
        assert all(returned(X)[0] is X for _ in range(6))

    def test_a_call_does_not_wait_for_another_thread_that_watches_one(self):
        def body(x, inner):
            if inner:
                thread = threading.Thread(target=call_again, daemon=True)
                thread.start()
                thread.join(20)
            return x * 2

        def call_again():
            found.append(double(X + 1, False))

        double, found = nn.function(body), []
        for _ in range(2):
            double(X + 2, False)
        for i in range(3):
            double(X + 2, True)
            assert len(found) == i + 1, "the other call waited for this one"
        assert [y.numpy().tobytes() for y in found] == [((X + 1) * 2).numpy().tobytes()] * 3
