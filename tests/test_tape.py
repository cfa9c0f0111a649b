"""The tape: sources, structures, nesting, memory, depth and errors."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import numbanet as nn
from numbanet.autodiff.tape import backward
from numbanet.errors import ArgumentError, GradientError, ShapeError


def test_textbook_examples():
    x = nn.Variable(0.0)
    with nn.GradientTape() as tape:
        y = 2 * x + 3
    assert tape.gradient(y, x).item() == 2
    w, b, data = nn.Variable(np.ones((2, 2), np.float32)), nn.Variable(nn.zeros(2)), nn.ones((3, 2))
    with nn.GradientTape() as tape:
        y = data @ w + b
    found = tape.gradient(y, [w, b])
    assert found[0].tolist() == [[3, 3], [3, 3]]
    assert found[1].tolist() == [3, 3]


def test_structures_come_back():
    a, b = nn.Variable(2.0), nn.Variable(3.0)
    with nn.GradientTape() as tape:
        y = a * b
    found = tape.gradient(y, {"first": a, "rest": [b, (a,)]})
    assert found["first"].item() == 3
    assert found["rest"][0].item() == 2
    assert isinstance(found["rest"][1], tuple)


def test_several_uses_accumulate():
    x = nn.Variable(3.0)
    with nn.GradientTape() as tape:
        y = x * x + x + x
    assert tape.gradient(y, x).item() == 8


def test_broadcasting_is_undone():
    x, y = nn.Variable(nn.ones((3, 1))), nn.Variable(nn.ones((2, 1, 4)))
    with nn.GradientTape() as tape:
        z = x * y
    gx, gy = tape.gradient(z, [x, y])
    assert gx.shape == (3, 1)
    assert gx.tolist() == [[8]] * 3
    assert gy.shape == (2, 1, 4)
    assert set(np.asarray(gy).ravel().tolist()) == {3.0}


def test_gradients_have_the_dtype_of_the_source():
    x, y = nn.Variable(nn.ones(2)), nn.Variable(nn.ones(2, np.float64))
    with nn.GradientTape() as tape:
        z = x * y
    gx, gy = tape.gradient(z, [x, y])
    assert (gx.dtype, gy.dtype) == (np.float32, np.float64)


def test_second_derivatives_by_nesting():
    x = nn.Variable(2.0)
    with nn.GradientTape() as outer:
        with nn.GradientTape() as inner:
            y = x * x * x
        first = inner.gradient(y, x)
    assert first.item() == 12
    assert outer.gradient(first, x).item() == 12


def test_persistent_tapes_can_be_asked_again():
    x = nn.Variable(2.0)
    with nn.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert tape.gradient(y, x).item() == 4
    assert tape.gradient(z, x).item() == 32
    assert tape.gradient(z, y).item() == 8


def test_a_used_tape_says_so():
    x = nn.Variable(1.0)
    with nn.GradientTape() as tape:
        y = x * 2
    tape.gradient(y, x)
    with pytest.raises(GradientError, match="persistent"):
        tape.gradient(y, x)


def test_tensors_must_be_watched():
    x = nn.asarray(3.0)
    with nn.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x).item() == 6
    with nn.GradientTape() as tape:
        y = x * x
    with pytest.raises(GradientError, match=r"tape\.watch"):
        tape.gradient(y, x)


def test_unconnected_sources():
    x, y = nn.Variable([1.0, 2.0]), nn.Variable(1.0)
    for choice in ("zero", "raise"):
        with nn.GradientTape() as tape:
            z = y * y
        if choice == "zero":
            assert tape.gradient(z, [x, y])[0].tolist() == [0, 0]
        else:
            with pytest.raises(GradientError, match="does not depend"):
                tape.gradient(z, [x, y], unconnected="raise")
    with pytest.raises(ArgumentError, match="unconnected"):
        nn.GradientTape().gradient(z, x, unconnected="none")


def test_integer_sources_have_no_gradient():
    with pytest.raises(GradientError, match="int64"):
        nn.GradientTape().watch(nn.asarray([1]))


def test_output_gradients():
    x = nn.Variable([1.0, 2.0])
    with nn.GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, x, output_gradients=[1.0, 10.0]).tolist() == [2, 40]
    with pytest.raises(ShapeError, match="output_gradients"):
        tape.gradient(y, x, output_gradients=[1.0])


def test_watching_by_hand_only():
    a, b = nn.Variable(2.0), nn.Variable(3.0)
    with nn.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(a)
        y = a * b
    assert tape.gradient(y, a).item() == 3


def test_variables_that_are_not_trainable_are_not_watched():
    a = nn.Variable(2.0, trainable=False)
    with nn.GradientTape() as tape:
        y = a * a
    with pytest.raises(GradientError, match="not trainable"):
        tape.gradient(y, a)


def test_assignment_between_uses_differentiates_each_value():
    x = nn.Variable(2.0)
    with nn.GradientTape() as tape:
        y = x * x
        x.assign(5.0)
        z = y + x * x
    assert tape.gradient(z, x).item() == 4 + 10


def test_stop_gradient():
    x = nn.Variable(3.0)
    with nn.GradientTape() as tape:
        y = x * nn.stop_gradient(x)
    assert tape.gradient(y, x).item() == 3


def test_a_chain_of_100000_ops():
    x = nn.Variable(1.0)
    with nn.GradientTape() as tape:
        y = x
        for _ in range(100_000):
            y = y + 1.0
    assert tape.gradient(y, x).item() == 1


def test_memory_goes_with_the_tape():
    x = nn.Variable(nn.ones(100_000))
    with nn.GradientTape() as tape:
        y = x * 2
        z = y * y
    saved = weakref.ref(y)
    del y, z
    gc.disable()
    try:
        assert saved() is not None
        del tape
        assert saved() is None
    finally:
        gc.enable()


def test_training_does_not_grow():
    x = nn.Variable(nn.ones(1000))

    def steps(count):
        for _ in range(count):
            with nn.GradientTape() as tape:
                y = nn.sum(x * x)
            x.assign_sub(0.0 * tape.gradient(y, x))

    steps(5)
    tracemalloc.start()
    try:
        steps(5)
        before = tracemalloc.get_traced_memory()[0]
        steps(50)
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()


def test_grad_and_value_and_grad():
    f = lambda x, y: nn.sum(x * x * y)  # noqa: E731  (as users write it)
    gx, gy = nn.grad(f, argnums=(0, 1))(nn.asarray([1.0, 2.0]), nn.asarray([3.0, 4.0]))
    assert gx.tolist() == [6, 16]
    assert gy.tolist() == [1, 4]
    value, gradient = nn.value_and_grad(lambda x: x**3)(2.0)
    assert (value.item(), gradient.item()) == (8, 12)
    assert nn.grad(nn.grad(lambda x: nn.sin(x)))(1.0).item() == pytest.approx(-np.sin(1), abs=1e-6)
    x = nn.asarray(3.0)
    assert [g.item() for g in nn.grad(lambda a, b: a * a * b, argnums=(0, 1))(x, x)] == [18, 9]
    with pytest.raises(GradientError, match="one element"):
        nn.grad(lambda x: x * 2)(nn.ones(2))
    with pytest.raises(ArgumentError, match="argnums"):
        nn.grad(f, argnums=5)(1.0, 2.0)


def test_tapes_of_different_threads_do_not_meet():
    import threading

    found = {}

    def work(number):
        x = nn.Variable(float(number))
        for _ in range(50):
            with nn.GradientTape() as tape:
                y = x * x
            found[number] = tape.gradient(y, x).item()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: 2.0 * i for i in range(4)}


def test_check_grad_names_what_is_wrong():
    def wrong(x):
        return nn.stop_gradient(x) * x

    with pytest.raises(GradientError, match=r"input 0 at index \(0,\)"):
        nn.testing.check_grad(wrong, [1.0, 2.0])


@pytest.mark.parametrize("op", [nn.maximum, nn.minimum], ids=lambda op: op.__name__)
def test_a_tie_splits_the_gradient_equally(op):
    x, y = nn.Variable([1.0, 2.0, 3.0]), nn.Variable([1.0, 3.0, 3.0])
    with nn.GradientTape() as tape:
        z = op(x, y)
    first, second = tape.gradient(z, [x, y])
    assert first[0].item() == second[0].item() == first[2].item() == second[2].item() == 0.5
    assert (first + second).tolist() == [1.0, 1.0, 1.0]
    assert first[1].item() in (0.0, 1.0)


@pytest.mark.parametrize(("shape", "other"), [((1,), (0,)), ((0,), (2, 0)), ((1, 3), (0, 3)), ((), (0,))])
def test_broadcasting_to_no_elements_is_undone(shape, other):
    x = nn.Variable(np.ones(shape, np.float32))
    with nn.GradientTape() as tape:
        y = x * nn.zeros(other)
    gradient = tape.gradient(y, x)
    assert gradient.shape == shape
    assert not np.any(gradient.numpy())


def test_only_gradients_that_are_needed_are_computed():
    asked = []

    class Spy:
        vjp = ()

        def gradient(self, index, g, y, inputs, params):
            asked.append((index, y is last))
            return g

    x, constant, middle, side, last = (nn.asarray(float(i)) for i in range(5))
    entries = [
        (Spy(), (x, constant), {}, middle), (Spy(), (constant, constant), {}, side), (Spy(), (side, middle), {}, last),
    ]  # fmt: skip
    found = backward(entries, [(last, nn.asarray(2.0))], {id(x)})
    assert asked == [(1, True), (0, False)]
    assert {key: g.item() for key, g in found.items()} == {id(x): 2.0}


def test_which_argument_grad_differentiates_by():
    def product(x, y):
        return x * x * y

    assert nn.grad(product)(3.0, 5.0).item() == 30.0
    assert nn.grad(product, argnums=-1)(3.0, 5.0).item() == 9.0
    assert nn.grad(product, argnums=-2)(3.0, 5.0).item() == 30.0
    assert [g.item() for g in nn.value_and_grad(product, argnums=(1, 0))(3.0, 5.0)[1]] == [9.0, 30.0]
    assert nn.value_and_grad(product)(3.0, 5.0)[1].item() == 30.0
    for position in (2, 3, -3, -4):
        with pytest.raises(ArgumentError, match=f"argnums={position} of a call with 2 positional arguments"):
            nn.grad(product, argnums=position)(3.0, 5.0)


def test_grad_needs_a_value_of_one_element():
    for size in (0, 2):
        with pytest.raises(GradientError, match="must return a tensor with one element"):
            nn.grad(lambda x: x)(nn.zeros(size))
