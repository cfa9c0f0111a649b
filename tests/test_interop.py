"""Arrays from and for other libraries: NumPy and PyTorch on the CPU, and what they would be told of a GPU."""

import ctypes
import gc
import weakref
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import numbanet as nn
from numbanet.core.dtypes import SUPPORTED
from numbanet.errors import DTypeError, ExchangeError, NumbanetError
from numbanet.kernels import capsules, exchange
from numbanet.kernels.arrays import DeviceArray
from tests.simulator import needs_simulator

LAYOUTS = st.sampled_from([lambda x: x, lambda x: x.T, lambda x: x[..., ::2], lambda x: x[:0], lambda x: x[::-1]])


@st.composite
def some_arrays(draw):
    dtype = draw(st.sampled_from(sorted(SUPPORTED, key=str)))
    shape = draw(arrays.array_shapes(min_dims=1, max_dims=3, max_side=4))
    return draw(LAYOUTS)(draw(arrays.arrays(dtype, shape)))


class Foreign:
    """An object with the attributes that it is given."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


class Peer:
    """An array of another library: whatever its capsule says."""

    def __init__(self, capsule, device=(1, 0)):
        self.capsule, self.device, self.asked = capsule, device, []

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **asked):
        self.asked.append(asked)
        return self.capsule() if callable(self.capsule) else self.capsule


def lend(x, released, versioned=True, device=(1, 0)):
    return capsules.capsule_of(x, device, versioned, capsules.READ_ONLY, lambda: released.append(1))


# Capsules of our own, read by NumPy and by ourselves


@pytest.mark.parametrize("versioned", [True, False])
@given(x=some_arrays())
def test_numpy_reads_our_capsules_and_we_read_them(x, versioned):
    released = []
    found = np.from_dlpack(Peer(lend(x, released, versioned)))
    np.testing.assert_array_equal(found, x)
    assert found.dtype == x.dtype
    assert not found.size or (np.shares_memory(found, x) and not found.flags.writeable)
    assert not released
    del found
    assert released == [1]
    again = np.asarray(capsules.Taken(lend(x, released, versioned), lambda: released.append(2)))
    np.testing.assert_array_equal(again, x)
    assert (again.dtype, released) == (x.dtype, [1])
    del again
    assert released == [1, 2, 1]


@pytest.mark.parametrize("version", [None, (1, 0)])
@given(x=some_arrays())
def test_we_read_those_of_numpy(x, version):
    found = np.asarray(capsules.Taken(x.__dlpack__(max_version=version), lambda: None))
    np.testing.assert_array_equal(found, x)
    assert not x.size or np.shares_memory(found, x)


@pytest.mark.parametrize("versioned", [True, False])
def test_a_capsule_that_nobody_takes_gives_its_array_back(versioned):
    released, x = [], np.ones(3)
    kept = weakref.ref(x)
    capsule = lend(x, released, versioned)
    del x
    assert kept() is not None
    assert not released
    del capsule
    assert released == [1]
    assert kept() is None


def test_a_capsule_is_taken_once_and_must_be_one_that_is_known():
    capsule = lend(np.ones(3), [])
    taken = capsules.Taken(capsule, lambda: None)
    assert taken.device == (1, 0)
    with pytest.raises(ExchangeError, match="taken before"):
        capsules.Taken(capsule, lambda: None)
    with pytest.raises(ExchangeError, match="no DLPack capsule"):
        capsules.Taken("a text", lambda: None)


@pytest.mark.parametrize(("field", "value", "error"), [("major", 2, ExchangeError), ("lanes", 4, DTypeError),
                                                       ("code", 4, DTypeError), ("bits", 4, DTypeError)])  # fmt: skip
def test_what_is_not_known_is_refused_and_given_back(field, value, error):
    released = []
    capsule = lend(np.ones(3), released)
    managed, _ = capsules.opened(capsule)
    setattr(managed if field == "major" else managed.tensor, field, value)
    with pytest.raises(error, match="DLPack"):
        capsules.Taken(capsule, lambda: None)
    del capsule
    assert released == [1]


# Tensors on the CPU


@given(x=some_arrays())
def test_tensors_and_numpy_share_memory_both_ways(x):
    t = nn.from_dlpack(x)
    assert (t.device, t.dtype, t.shape) == ("cpu", x.dtype, x.shape)
    np.testing.assert_array_equal(t.numpy(), x)
    back = np.from_dlpack(t)
    np.testing.assert_array_equal(back, x)
    assert not x.size or (np.shares_memory(back, x) and not back.flags.writeable)
    assert t.__dlpack_device__() == (1, 0)


def test_copies_are_made_when_they_are_asked_for():
    x = np.ones(3)
    assert not np.shares_memory(nn.from_dlpack(x, copy=True).numpy(), x)
    assert np.shares_memory(nn.from_dlpack(x, copy=False, device="cpu").numpy(), x)
    t = nn.asarray(x)
    copied = np.from_dlpack(Peer(t.__dlpack__(copy=True, max_version=(1, 0))))
    assert not np.shares_memory(copied, x)


def test_takers_from_before_version_1_get_a_copy_of_what_must_not_be_written_to():
    x = np.ones(3)
    assert np.shares_memory(np.from_dlpack(Peer(nn.asarray(x).__dlpack__())), x)
    x.flags.writeable = False
    assert not np.shares_memory(np.from_dlpack(Peer(nn.asarray(x).__dlpack__())), x)


def test_variables_and_lists_of_tensors():
    variable = nn.Variable([1.0, 2.0])
    found = np.from_dlpack(variable)
    variable.assign([3.0, 4.0])
    np.testing.assert_array_equal(found, [1.0, 2.0])
    assert nn.from_dlpack(nn.asarray([1, 2])).dtype == np.int64


def test_what_cannot_be_exchanged_says_why():
    with pytest.raises(AttributeError, match="__dlpack_device__"):
        nn.from_dlpack([1.0])
    with pytest.raises(DTypeError, match="float16"):
        nn.from_dlpack(np.ones(2, np.float16))
    with pytest.raises(BufferError, match=r"\(2, 0\) cannot be had|cannot be had on \(2, 0\)"):
        nn.ones(2).__dlpack__(dl_device=(2, 0))
    with pytest.raises(AttributeError, match="on the CPU"):
        nn.ones(2).__cuda_array_interface__  # noqa: B018  (reading it raises)
    assert not hasattr(nn.ones(2), "__cuda_array_interface__")


def test_a_function_that_hands_out_a_tensor_is_not_replayed():
    step = nn.function(lambda x: nn.asarray(np.from_dlpack(x) + 1))
    for value in range(4):
        np.testing.assert_array_equal(step(nn.full((2,), float(value))).numpy(), value + 1.0)


def test_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is a peer, and no dependency of the tests")
    for t in (nn.asarray([[1.0, 2.0], [3.0, 4.0]]), nn.asarray([True, False]), nn.asarray(3)):
        found = torch.from_dlpack(t)
        np.testing.assert_array_equal(found.numpy(), t.numpy())
        assert found.data_ptr() == t.numpy().ctypes.data
        again = nn.from_dlpack(found)
        assert again.numpy().ctypes.data == found.data_ptr()
    with pytest.raises(DTypeError, match="float16"):
        nn.from_dlpack(torch.ones(2, dtype=torch.float16))
    found = torch.from_dlpack(Peer(lend(np.arange(6.0).reshape(2, 3).T, [])))  # our own capsule
    np.testing.assert_array_equal(found.numpy(), np.arange(6.0).reshape(2, 3).T)


def test_jax():
    jax = pytest.importorskip("jax", reason="JAX is a peer, and no dependency of the tests")
    t = nn.asarray([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(np.asarray(jax.dlpack.from_dlpack(t)), t.numpy())
    np.testing.assert_array_equal(nn.from_dlpack(jax.numpy.arange(3)).numpy(), [0, 1, 2])


# Tensors on a device: what the capsule and the interface say


@pytest.fixture
def streams(monkeypatch):
    """What waits for what, as (first, then) of `order`, and the names of the other waits."""
    from numbanet.backends.cuda.devices import cuda

    device, calls = cuda(), []
    monkeypatch.setattr(type(device), "handle", 4096)
    monkeypatch.setattr(device, "order", lambda first, then: calls.append((first, then)), raising=False)
    for name in ("synchronize", "synchronize_all"):
        monkeypatch.setattr(device, name, partial(calls.append, name), raising=False)
    return calls


def opened(capsule):
    managed, form = capsules.opened(capsule)
    return managed, managed.tensor, form.name


@needs_simulator
@given(x=some_arrays())
def test_capsules_of_a_device_say_where_the_array_lies(x):
    t = nn.asarray(np.ones((3, *x.shape), x.dtype), device="cuda")[1]
    t = t.T if x.ndim > 1 else t
    capsule = t.__dlpack__(max_version=(1, 1))
    managed, tensor, name = opened(capsule)
    assert (name, managed.major, managed.flags) == (b"dltensor_versioned", 1, capsules.READ_ONLY)
    assert (tensor.device_type, tensor.device_id) == t.__dlpack_device__() == (2, 0)
    assert tuple(tensor.shape[: t.ndim]) == t.shape
    layout = t._array.layout
    steps = zip(layout.strides, tensor.strides[: t.ndim], t.shape, strict=True)
    assert all(ours == theirs * t.dtype.itemsize for ours, theirs, size in steps if size > 1 and t.size)
    assert tensor.data == (layout.ctypes.data if t.size else None)
    assert (tensor.bits, tensor.lanes, tensor.byte_offset) == (8 * t.dtype.itemsize, 1, 0)
    assert opened(t.__dlpack__())[2] == b"dltensor"


@needs_simulator
@pytest.mark.parametrize(("stream", "waits", "back"), [
    (None, [(None, 1)], [(1, None)]), (1, [(None, 1)], [(1, None)]), (2, [(None, 2)], [(2, None)]),
    (-1, [], ["synchronize_all"]), (8192, [(None, 8192)], ["synchronize_all"]),
])  # fmt: skip
def test_the_stream_of_a_taker_waits_and_so_does_ours_when_it_is_done(streams, stream, waits, back):
    t = nn.asarray([1.0, 2.0], device="cuda")
    capsule = t.__dlpack__(stream=stream)
    assert streams == waits
    del capsule
    assert streams == waits + back


@needs_simulator
@pytest.mark.parametrize("stream", [0, -2, "one"])
def test_other_streams_are_refused(stream):
    with pytest.raises(BufferError, match="stream must be"):
        nn.asarray([1.0], device="cuda").__dlpack__(stream=stream)


@needs_simulator
def test_memory_that_is_lent_lives_as_long_as_its_taker():
    t = nn.asarray(np.arange(4.0), device="cuda")
    memory, capsule = weakref.ref(t._array.layout), t.__dlpack__()
    del t
    gc.collect()
    assert memory() is not None
    address = opened(capsule)[1].data
    values = (ctypes.c_double * 4).from_address(address)  # the simulator's memory is the host's
    assert list(values) == [0.0, 1.0, 2.0, 3.0]
    del capsule
    assert memory() is None


@needs_simulator
def test_tensors_of_a_device_go_round_without_a_copy(streams):
    t = nn.asarray(np.arange(6.0).reshape(2, 3), device="cuda").T
    again = nn.from_dlpack(Foreign(__dlpack__=t.__dlpack__, __dlpack_device__=t.__dlpack_device__))
    assert (again.device, again.shape, again.dtype) == ("cuda", t.shape, t.dtype)
    assert again._array.layout.ctypes.data == t._array.layout.ctypes.data
    np.testing.assert_array_equal((again + 1).numpy(), t.numpy() + 1)
    assert streams[0] == (None, 4096)  # it was asked for on our own stream
    streams.clear()
    view = again[0]
    del again
    assert not streams
    del view
    assert streams == ["synchronize", "synchronize_all"]  # we are done with it, and then it is given back


@needs_simulator
def test_copies_between_devices():
    t = nn.asarray([1.0, 2.0], device="cuda")
    np.testing.assert_array_equal(np.from_dlpack(Peer(t.__dlpack__(dl_device=(1, 0), max_version=(1, 0)))), t.numpy())
    np.testing.assert_array_equal(np.from_dlpack(t, device="cpu"), t.numpy())
    assert nn.from_dlpack(t, device="cpu").device == "cpu"
    assert nn.from_dlpack(np.ones(2), device="cuda").device == "cuda"
    copied = nn.from_dlpack(t, copy=True)
    assert copied._array.layout.ctypes.data != t._array.layout.ctypes.data
    capsule = t.__dlpack__(copy=True, max_version=(1, 0))
    managed, tensor, _ = opened(capsule)
    assert managed.flags == capsules.COPIED
    assert tensor.data != t._array.layout.ctypes.data
    with pytest.raises(BufferError, match="copy=False"):
        t.__dlpack__(dl_device=(1, 0), copy=False)
    with pytest.raises(BufferError, match="copy=False"):
        nn.from_dlpack(t, device="cpu", copy=False)
    with pytest.raises((BufferError, RuntimeError), match=r"[Dd]evice"):
        np.from_dlpack(t)


@needs_simulator
def test_a_library_from_before_version_1():
    def old(*, stream):
        return lend(np.arange(3.0), [], versioned=False, device=(2, 0))

    peer = Foreign(__dlpack__=old, __dlpack_device__=lambda: (2, 0))
    np.testing.assert_array_equal(nn.from_dlpack(peer).numpy(), [0.0, 1.0, 2.0])


@needs_simulator
@pytest.mark.parametrize("device", [(2, 1), (10, 0), (4, 0)])
def test_arrays_elsewhere_are_refused(device):
    with pytest.raises(BufferError, match="first GPU"):
        nn.from_dlpack(Peer(lambda: lend(np.ones(2), [], device=device), device))


def cuda_array(x, **changes):
    """An object with a CUDA array interface, of an array on the host: where the simulator's memory is."""
    interface = {"shape": x.shape, "typestr": x.dtype.str, "data": (x.ctypes.data, False), "strides": x.strides}
    return Foreign(__cuda_array_interface__=interface | {"version": 3, "stream": None} | changes)


@needs_simulator
@given(x=some_arrays())
def test_the_cuda_array_interface_both_ways(x):
    t = nn.asarray(cuda_array(x))
    assert (t.device, t.dtype, t.shape) == ("cuda", x.dtype, x.shape)
    np.testing.assert_array_equal(t.numpy(), x)
    interface = t.__cuda_array_interface__
    assert interface["data"] == (x.ctypes.data if x.size else 0, True)
    assert (interface["shape"], interface["typestr"], interface["version"]) == (x.shape, x.dtype.str, 3)
    assert interface["strides"] == (None if x.flags.c_contiguous else x.strides)
    assert nn.asarray(cuda_array(x), device="cpu").device == "cpu"
    assert nn.asarray(cuda_array(x), dtype="float32").dtype == np.float32
    assert not x.size or t._array.layout.ctypes.data == x.ctypes.data


@needs_simulator
def test_the_cuda_array_interface_keeps_its_object_and_waits(streams):
    x = np.ones(3)
    obj = cuda_array(x, stream=7)
    kept = weakref.ref(obj)
    t = nn.asarray(obj)
    assert streams == [(7, None)]
    assert t.__cuda_array_interface__["stream"] == 4096
    del obj
    assert kept() is not None
    del t
    assert kept() is None
    assert streams == [(7, None), "synchronize"]
    old = cuda_array(x)
    del old.__cuda_array_interface__["stream"]
    nn.asarray(old)
    assert streams[2] == (exchange.LEGACY, None)


@needs_simulator
@pytest.mark.parametrize(("changes", "error"), [
    ({"mask": object()}, "mask"), ({"typestr": ">f8"}, "float64"), ({"typestr": "<c16"}, "complex128"),
    ({"strides": (9,)}, "multiples"), ({"data": (4097, False)}, "multiples"),
])  # fmt: skip
def test_interfaces_that_kernels_cannot_use_are_refused(changes, error):
    with pytest.raises(NumbanetError, match=error):
        nn.asarray(cuda_array(np.ones(3), **changes))


@needs_simulator
def test_an_array_of_a_device_stays_out_of_numpy():
    array = nn.asarray([1.0], device="cuda")._array
    assert type(array) is DeviceArray
    with pytest.raises(NumbanetError, match="cuda"):
        np.asarray(array)
