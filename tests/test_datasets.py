"""Data sets: idx files, folders and npz files, honest and hostile ones, and the MNIST files of the package."""

import contextlib
import functools
import gzip
import hashlib
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numbanet
from numbanet.datasets import load_folder_or_npz, load_idx, mnist, save_idx
from numbanet.datasets.idx import CODES
from numbanet.datasets.npz import open_npz
from numbanet.errors import ArgumentError, DataError, DTypeError

idx_arrays = st.sampled_from(sorted(CODES, key=str)).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4))
)
SMALL = np.arange(12, dtype=np.int16).reshape(3, 4)


def idx_bytes(code, shape, data=b""):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + data


def loaded(load, content, suffix=""):
    """What `load` makes of a file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"file{suffix}")
        path.write_bytes(content)
        return load(path)


def saved(array, suffix=""):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"file.idx{suffix}")
        save_idx(path, array)
        return path.read_bytes()


def equal(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def error_of(load, content):
    """The message of the DataError, which names the file in one line."""
    with pytest.raises(DataError) as caught:
        loaded(load, content)
    message = str(caught.value)
    assert "file" in message
    assert "\n" not in message
    return message


def peak_of(function):
    """Bytes that were in use at most while `function` ran."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# idx files


@given(array=idx_arrays, suffix=st.sampled_from(["", ".gz"]), big=st.booleans(), fortran=st.booleans())
def test_idx_round_trip(array, suffix, big, fortran):
    given_array = array.astype(array.dtype.newbyteorder(">")) if big else array
    back = loaded(load_idx, saved(np.asfortranarray(given_array) if fortran else given_array, suffix))
    assert equal(back, array)
    assert back.dtype.isnative
    assert back.flags.writeable
    assert back.flags.c_contiguous


def test_idx_bytes_are_those_of_the_format():
    assert saved(np.array([[1, -2]], np.int32)) == bytes.fromhex("00000c02 00000001 00000002 00000001 fffffffe")
    assert saved(np.array([1.5], np.float32)) == bytes.fromhex("00000d01 00000001 3fc00000")
    assert saved(np.array([3], np.uint8)) == bytes.fromhex("00000801 00000001 03")


def test_idx_of_every_code():
    for dtype, code in CODES.items():
        array = loaded(load_idx, idx_bytes(code, (2,), np.array([1, 2], dtype.newbyteorder(">")).tobytes()))
        assert array.dtype == dtype
        assert array.tolist() == [1, 2]


def test_gzip_is_seen_from_the_content():
    packed = saved(SMALL, ".gz")
    assert packed[:2] == b"\x1f\x8b"
    assert packed == saved(SMALL, ".gz")
    assert equal(loaded(load_idx, packed, ".idx"), SMALL)
    assert equal(loaded(load_idx, saved(SMALL), ".gz"), SMALL)


def test_gzip_in_several_members():
    plain = saved(SMALL)
    assert equal(loaded(load_idx, gzip.compress(plain[:9]) + gzip.compress(plain[9:])), SMALL)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_cut_off_anywhere(suffix):
    content = saved(SMALL, suffix)
    for length in range(len(content)):
        error_of(load_idx, content[:length])


@pytest.mark.parametrize("junk", [b"\0", b"x", b"\x1f\x8b"])
def test_idx_with_junk_behind(junk):
    assert "goes on" in error_of(load_idx, saved(SMALL) + junk)
    assert "goes on" in error_of(load_idx, gzip.compress(saved(SMALL) + junk))


@pytest.mark.parametrize("junk", [b"x", b"\x1f\x8b", b"junk" * 10])
def test_gzip_with_junk_behind(junk):
    error_of(load_idx, saved(SMALL, ".gz") + junk)


@given(st.data())
def test_bit_flips_in_gzip(data):
    content = bytearray(saved(SMALL, ".gz"))
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(DataError):
        assert equal(loaded(load_idx, content), SMALL)


@given(st.binary(max_size=64), st.sampled_from([b"", b"\0\0", b"\0\0\x08", b"\0\0\x0e\x01", b"\x1f\x8b\x08"]))
def test_any_bytes(content, start):
    with contextlib.suppress(DataError):
        loaded(load_idx, start + content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_huge_sizes_take_no_memory(pack):
    content = pack(idx_bytes(0x0E, (2**31, 2**31), b"12345678"))
    assert peak_of(lambda: error_of(load_idx, content)) < 8 << 20
    message = error_of(load_idx, content)
    assert str(8 * 2**62) in message
    assert "but 8 are there" in message


def test_gzip_bomb_takes_no_memory():
    content = gzip.compress(idx_bytes(0x08, (10,), bytes(64 << 20)))
    assert peak_of(lambda: error_of(load_idx, content)) < 8 << 20


def test_empty_arrays_of_impossible_shape():
    assert "no arrays of shape" in error_of(load_idx, idx_bytes(0x08, (0, 2**32 - 1, 2**32 - 1)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with nothing"),
        (b"\x89PNG\r\n", "not an idx file: it begins with 89 50 4e 47"),
        (idx_bytes(0x0A, (1,), b"1"), "no dtype code 0a"),
        (idx_bytes(0x08, (), b"1"), "declares 0 axes"),
        (idx_bytes(0x08, (1,) * 65, b"1"), "declares 65 axes"),
        (idx_bytes(0x08, (3, 3))[:6], "its header needs 12 bytes, but 6 are there"),
        pytest.param(gzip.compress(b""), "begins with nothing", id="empty gzip"),
    ],
)
def test_foreign_idx(content, message):
    assert message in error_of(load_idx, content)


@pytest.mark.parametrize("load", [load_idx, load_folder_or_npz])
def test_files_that_cannot_be_read(tmp_path, load):
    (tmp_path / "file").write_bytes(b"")
    for path in [tmp_path / "missing", tmp_path, tmp_path / "file" / "x", "\0", tmp_path / ("n" * 300)]:
        with pytest.raises(DataError, match=re.escape(str(path))):
            load(path)
    with pytest.raises(ArgumentError):
        load(None)


@pytest.mark.parametrize("array", [np.ones(2, np.int64), np.ones(2, bool), np.ones(2, complex), ["a"], [1, 2]])
def test_save_idx_of_other_dtypes(tmp_path, array):
    with pytest.raises(DTypeError, match="idx files hold uint8, int8"):
        save_idx(tmp_path / "file", array)
    assert os.listdir(tmp_path) == []


def test_save_idx_of_other_shapes(tmp_path):
    for array in [np.float32(1), np.broadcast_to(np.uint8(1), (2**32,))]:
        with pytest.raises(ArgumentError, match="rank 1 to 64"):
            save_idx(tmp_path / "file", array)
    with pytest.raises(ArgumentError, match="there is no folder"):
        save_idx(tmp_path / "missing" / "file", SMALL)


# MNIST


@pytest.fixture(scope="module")
def digits():
    return mnist.load_data()


def test_mnist_shapes(digits):
    (x_train, y_train), (x_test, y_test) = digits
    assert [a.shape for a in (x_train, y_train, x_test, y_test)] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}


def test_mnist_contents(digits):
    (x_train, y_train), (x_test, y_test) = digits
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (x_train.min(), x_train.max(), x_test.min(), x_test.max()) == (0, 255, 0, 255)
    assert round(x_train.mean() / 255, 4) == 0.1307


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
        ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
        ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
        ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
    ],
)
def test_mnist_is_the_original(name, digest):
    folder = Path(mnist.__file__).parent
    with gzip.open(folder / f"{name}.gz") as stream:
        assert hashlib.md5(stream.read(), usedforsecurity=False).hexdigest() == digest
    assert f"| `{digest}` |" in (folder / "LICENSE.md").read_text(encoding="utf-8")


def test_import_is_light():
    code = """
import sys
import numbanet.datasets as d
late = {"numba", "gzip", "numbanet.datasets.idx", "numbanet.datasets.mnist"} & set(sys.modules)
sys.exit(f"imported too early: {late}" if late or "mnist" not in dir(d) or not callable(d.load_idx) else 0)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(numbanet.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    with pytest.raises(AttributeError, match="unknown name 'cifar'"):
        numbanet.datasets.cifar  # noqa: B018  (reading it is the test)


# Folders of idx files

X = np.arange(24, dtype=np.float32).reshape(6, 2, 2)
Y = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def fill(folder, **arrays):
    for name, array in arrays.items():
        save_idx(folder / name.replace("__", ".").replace("_", "-"), array)


@pytest.mark.parametrize("names", ["{}-{}-idx-ubyte", "{}-{}-idx-ubyte__gz", "{}-{}"])
@pytest.mark.parametrize("test", ["t10k", "test"])
def test_folder(tmp_path, names, test):
    fill(tmp_path, **{names.format("train", "images"): X, names.format("train", "labels"): Y})
    (tmp_path / "README").write_text("other files do not matter")
    (x, y), nothing = load_folder_or_npz(tmp_path)
    assert nothing is None
    assert equal(x, X)
    assert equal(y, Y)
    fill(tmp_path, **{names.format(test, "images"): X[:2], names.format(test, "labels"): Y[:2]})
    _, (x_test, y_test) = load_folder_or_npz(str(tmp_path))
    assert equal(x_test, X[:2])
    assert equal(y_test, Y[:2])


def test_folder_with_packed_and_unpacked_files(tmp_path):
    fill(tmp_path, train_images=X, train_images__gz=X + 1, train_labels__gz=Y)
    assert equal(load_folder_or_npz(tmp_path)[0][0], X)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "no idx files train-images* and train-labels*; it has nothing"),
        ({"t10k_images": X, "t10k_labels": Y}, "it has 't10k-images', 't10k-labels'"),
        ({"train_images": X}, "has train-images, but no train-labels*"),
        ({"train_labels": Y}, "has train-labels, but no train-images*"),
        ({"train_images": X, "train_labels": Y, "test_images": X}, "has test-images, but no t10k-labels*"),
        ({"train_images": X, "train_images2": X, "train_labels": Y}, "more than one file for train-images"),
        (
            {"train_images": X, "train_labels": Y, "t10k_images": X, "t10k_labels": Y, "test_images": X},
            "more than one file for t10k-images or test-images",
        ),
        ({"train_images": X, "train_labels": Y[:5]}, "train-labels has shape (5,); (6,) is needed"),
        ({"train_images": X, "train_labels": X}, "train-labels has dtype float32; labels must be integers"),
        ({"train_images": X[:0], "train_labels": Y[:0]}, "train-images has shape (0, 2, 2)"),
        ({"train_images": X, "train_labels": Y, "test_images": X[:, 0], "test_labels": Y}, "test samples (2,)"),
    ],
)
def test_folder_that_does_not_fit(tmp_path, arrays, message):
    fill(tmp_path, **arrays)
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        load_folder_or_npz(tmp_path)
    assert str(tmp_path) in str(caught.value)


# npz files


def npz_bytes(save=np.savez, **arrays):
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


def zip_bytes(compression=zipfile.ZIP_DEFLATED, **members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def npy_bytes(header, data=b"", version=1):
    """An npy file with this header text, whatever it says."""
    header = header.encode() if isinstance(header, str) else header
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


def npy_header(shape, descr="'<f8'", fortran=False):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


def x_of(path):
    with open_npz(path) as arrays:
        return arrays["x"]()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("names", [("x_train", "y_train"), ("x", "y")])
def test_npz(save, names):
    content = npz_bytes(save, **dict(zip(names, (X, Y), strict=True)), other=np.array(["never read"], object))
    (x, y), test = loaded(load_folder_or_npz, content)
    assert test is None
    assert equal(x, X)
    assert equal(y, Y)
    content = npz_bytes(save, **dict(zip(names, (X, Y), strict=True)), x_test=X[:1], y_test=Y[:1, None])
    _, (x, y) = loaded(load_folder_or_npz, content, ".npz")
    assert equal(x, X[:1])
    assert equal(y, Y[:1])


@given(
    array=hnp.arrays(
        st.one_of(
            hnp.boolean_dtypes(),
            hnp.integer_dtypes(endianness="?"),
            hnp.floating_dtypes(endianness="?", sizes=(32, 64)),
        ),
        hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4),
    ),
    fortran=st.booleans(),
    save=st.sampled_from([np.savez, np.savez_compressed]),
)
def test_npz_round_trip(array, fortran, save):
    back = loaded(x_of, npz_bytes(save, x=np.array(array, order="F" if fortran else "C")))
    assert equal(back, array.astype(array.dtype.newbyteorder("=")))
    assert back.dtype.isnative
    assert back.flags.writeable


def test_npz_longer_than_a_chunk():
    array = np.random.default_rng(0).standard_normal((600, 600))
    assert equal(loaded(x_of, npz_bytes(np.savez_compressed, x=array)), array)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_cut_off_anywhere(save):
    content = npz_bytes(save, x=X, y=Y)
    for length in range(len(content)):
        error_of(load_folder_or_npz, content[:length])


@functools.cache
def small_npz(save):
    return npz_bytes(save, x=X, y=Y)


@given(st.data(), st.sampled_from([np.savez, np.savez_compressed]))
def test_bit_flips_in_npz(data, save):
    content = bytearray(small_npz(save))
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    try:
        (x, y), test = loaded(load_folder_or_npz, content)
    except DataError:
        return
    assert equal(x, X)
    assert equal(y, Y)
    assert test is None


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)), st.sampled_from([1, 2, 3, 4]))
@example(npy_header("(2,"), 1)
@example("(" * 9000, 1)
@example("-" * 9000 + "1", 2)
@example(npy_header("(2,)", "[('a', '<f8', (2,)), ('b', 'O')]"), 1)
@example(npy_header(f"(0x{'f' * 8000},)"), 1)
@example(npy_header("(2.5,)"), 1)
@example(npy_header("(2L,)"), 1)
@example(npy_header("(" + "1," * 100 + ")"), 1)
@example(npy_header("(-1, -8)"), 1)
@example(npy_header("(0, 2**70)"), 1)
@example(npy_header(f"(0, {2**70})"), 1)
@example(npy_header("(8,)", "'<f4'\\n\\033[2J"), 1)
@example(" " * 20000 + npy_header("(1,)"), 2)
@example(b"{'descr': '\\d', 'shape': (1,)}", 3)
def test_any_npy_header(header, version):
    content = zip_bytes(x=npy_bytes(header, bytes(64), version))
    assert "'x.npy'" in error_of(x_of, content)


def test_npz_header_that_promises_too_much():
    content = zip_bytes(x=npy_bytes(npy_header("(1000000, 1000000)"), bytes(64)))
    assert peak_of(lambda: error_of(x_of, content)) < 8 << 20
    assert "needs 8000000000000 bytes, but 64 are stored" in error_of(x_of, content)


def test_npz_bomb_behind_a_small_header():
    content = zip_bytes(x=npy_bytes(npy_header("(1,)"), bytes(64 << 20)))
    assert peak_of(lambda: error_of(x_of, content)) < 8 << 20


@pytest.mark.parametrize("size", [2**31 - 1, 10])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_npz_directory_that_lies(compression, size):
    header = npy_header(f"({size},)", "'|u1'").encode()
    content = bytearray(zip_bytes(compression, x=npy_bytes(header, bytes(64))))
    total = struct.pack("<I", size + len(npy_bytes(header)))
    directory = content.index(b"PK\1\2")
    content[22:26] = content[directory + 24 : directory + 28] = total  # the uncompressed size, in both places
    assert peak_of(lambda: error_of(x_of, content)) < 8 << 20


@pytest.mark.parametrize("dtype", [object, "U3", "S3", "f2", "c8", "M8[s]", [("a", "f8")]])
def test_npz_of_other_dtypes(dtype):
    message = error_of(x_of, npz_bytes(x=np.zeros(3, dtype)))
    assert f"'x.npy' has dtype {np.dtype(dtype).name}" in message


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    error_of(x_of, npz_bytes(x=np.array([Trap()], object)))
    assert os.listdir(tmp_path) == []


def test_encrypted_or_strangely_compressed_npz():
    content = bytearray(npz_bytes(x=X))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    assert "encrypted" in error_of(x_of, content)
    assert "another method" in error_of(x_of, zip_bytes(zipfile.ZIP_BZIP2, x=b"1"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "no arrays x_train and y_train, nor x and y; it has nothing"),
        ({"a": X, "b\n": Y}, r"it has 'a', 'b\n'"),
        ({"x_train": X, "y": Y}, "has x_train, but no y_train"),
        ({"y": Y}, "has y, but no x"),
        ({"x": X, "y": Y, "x_test": X}, "has x_test, but no y_test"),
        ({"x": X[0, 0], "y": Y[:2]}, "x has shape (2,); (samples, features...) is needed"),
        ({"x": np.float64(1), "y": Y}, "x has shape ()"),
        ({"x": X[:, :0], "y": Y}, "x has shape (6, 0, 2)"),
        ({"x": X, "y": Y[1:]}, "y has shape (5,); (6,) is needed"),
        ({"x": X, "y": np.eye(6, dtype=int)}, "y has shape (6, 6)"),
        ({"x": X, "y": Y.astype(float)}, "y has dtype float64; labels must be integers"),
        ({"x": X, "y": Y - np.int64(1)}, "y has the label -1; labels count from 0"),
        ({"x": X, "y": Y, "x_test": X[:, 0], "y_test": Y}, "training samples have shape (2, 2), test samples (2,)"),
        ({str(i): Y for i in range(10)}, "'7' and 2 more"),
    ],
)
def test_npz_that_does_not_fit(arrays, message):
    assert message in error_of(load_folder_or_npz, npz_bytes(**arrays))


def test_no_npz_at_all():
    assert "is not an npz file" in error_of(load_folder_or_npz, saved(SMALL))
