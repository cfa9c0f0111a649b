"""What ops and the launcher ask of a backend, asked of the CUDA backend: in Numba's simulator."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends import select
from numbanet.backends.protocol import Backend
from numbanet.errors import ArgumentError
from numbanet.kernels import substitutes
from tests.simulator import needs_simulator

pytestmark = needs_simulator

X = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(scope="module")
def device():
    from numbanet.backends.cuda.devices import cuda

    return cuda()


def test_it_implements_the_protocol(device):
    backend = select.backend_of(device.from_host(X))
    assert isinstance(backend, Backend)
    for name, value in vars(Backend).items():
        if callable(value) and not name.startswith("_"):
            ours, theirs = (list(inspect.signature(getattr(one, name)).parameters) for one in (Backend, type(backend)))
            assert len(ours) == len(theirs), f"{name}{tuple(theirs)} takes other arguments"


@pytest.mark.parametrize(
    "key",
    [True, False, np.True_, (1, np.array([2, 0])), np.array([[True, False, True, False]] * 3), [2, 0], (..., None, 1)],
    ids=str,
)
def test_any_index_picks_what_numpy_picks(device, key):
    """A Python bool picks too: the host must not read the device's memory for it."""
    np.testing.assert_array_equal(device.from_host(X)[key].to_host(), X[key])
    np.testing.assert_array_equal(nn.asarray(X, device="cuda")[key].numpy(), X[key])


def test_picked_elements_are_not_written_to(device):
    there = device.from_host(X)
    for key in (True, [0, 1], np.array([0])):
        with pytest.raises(ArgumentError, match="integers and slices"):
            there[key] = 1.0
    np.testing.assert_array_equal(there.to_host(), X)
    there[:, 1] = 5.0
    assert (there.to_host()[:, 1] == 5).all()


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "?"])
@pytest.mark.parametrize("op", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_small_integers_are_widened(op, dtype):
    """Totals have 64 bits, whatever the elements have."""
    values = (np.arange(12).reshape(3, 4) % 3 + 1).astype(dtype)
    ours = getattr(nn, op)(nn.asarray(values, device="cuda"), axis=1)
    theirs = getattr(nn, op)(nn.asarray(values), axis=1)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
@pytest.mark.parametrize("op", ["max", "min", "norm"])
def test_reductions_along_any_axis(op, axis):
    x = np.random.default_rng(0).normal(size=(40, 9)).astype(np.float32)
    ours, theirs = (getattr(nn, op)(nn.asarray(x, device=device), axis=axis).numpy() for device in ("cuda", "cpu"))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_arrays_are_pickled_as_their_values(device):
    there = device.from_host(X)
    for again in (pickle.loads(pickle.dumps(there)), copy.copy(there), copy.deepcopy(there)):
        assert again.device is device
        np.testing.assert_array_equal(again.to_host(), X)
    assert b"numpy" in pickle.dumps(there)


def test_the_table_of_substitutes_names_what_is_tuned():
    """Whoever adds a tuned kernel adds its row, and with it its line on the page."""
    from numbanet.backends.cuda.backend import TUNED

    tuned = {f"{body.__module__.rpartition('.')[2]}.{body.__name__}" for body in TUNED}
    assert tuned == {body for bodies in substitutes.CUDA.values() for body in bodies}
