"""Sparse rows in files: what `scipy.sparse.save_npz` writes, read, checked and trained on from the command line."""

import json
import sys

import numpy as np
import pytest

from numbanet import cli
from numbanet.datasets import load_folder_or_npz
from numbanet.errors import DataError, DependencyError

sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")

X = sparse.csr_matrix((np.random.default_rng(0).random((60, 12)) < 0.3).astype("f8"))
Y = (X.toarray()[:, 0] > 0).astype(int)


@pytest.fixture
def folder(tmp_path):
    for part, rows in (("train", slice(None)), ("test", slice(0, 10))):
        sparse.save_npz(tmp_path / f"x_{part}.npz", X[rows])
        np.save(tmp_path / f"y_{part}.npy", Y[rows])
    return tmp_path


def changed(folder, **parts):
    """Write the training samples with other parts."""
    with np.load(folder / "x_train.npz") as arrays:
        found = {**arrays, **parts}
    np.savez(folder / "x_train.npz", **{name: part for name, part in found.items() if part is not None})


@pytest.mark.parametrize("name", ["", "x_train.npz"])
def test_both_parts_are_read(folder, name):
    (x, y), test = load_folder_or_npz(folder / name)
    assert isinstance(x, sparse.csr_array)
    assert (x != X).nnz == 0
    assert (y == Y).all()
    assert test[0].shape == (10, 12)
    (folder / "x_test.npz").unlink()
    assert load_folder_or_npz(folder / name)[1] is None


def test_the_command_line_trains_evaluates_and_predicts(folder, capsys):
    model = folder / "m.numbanet"
    for arguments in (
        ("train", folder, "--epochs", 3, "--hidden", 8, "--batch-size", 16, "--out", model, "--json"),
        ("evaluate", model, folder / "x_train.npz", "--json"),
        ("predict", model, folder, "--json"),
    ):
        with pytest.raises(SystemExit) as stop:
            cli.main([str(one) for one in arguments])
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert stop.value.code == 0
    assert len(records) == 10
    assert set(records[0]) == {"sample", "class", "probability"}


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"format": b"csc"}, r"in 'csc' form; save x.tocsr\(\)"),
        ({"indptr": None}, "form"),
        ({"shape": np.array([60])}, "two whole numbers"),
        ({"shape": np.array([60, 2])}, "no sparse matrix"),
        ({"shape": np.array([61, 12])}, "no sparse matrix"),
        ({"indices": np.full(X.nnz, 12)}, "no sparse matrix"),
        ({"indptr": X.indptr[::-1].copy()}, "must ascend"),
        ({"data": np.array(["a"] * X.nnz)}, "has dtype str"),
        ({"data": X.data.astype("c16")}, "has dtype complex128"),
    ],
)
def test_what_does_not_fit_is_refused(folder, parts, text):
    changed(folder, **parts)
    with pytest.raises(DataError, match=f"x_train.npz.*{text}"):
        load_folder_or_npz(folder)


def test_labels_are_needed_beside_them(folder):
    np.save(folder / "y_train.npy", Y[1:])
    with pytest.raises(DataError, match=r"y_train.npy has shape \(59,\)"):
        load_folder_or_npz(folder)
    (folder / "y_train.npy").write_bytes(b"no array")
    with pytest.raises(DataError, match=r"y_train\.npy has no npy header"):
        load_folder_or_npz(folder)
    (folder / "y_train.npy").unlink()
    with pytest.raises(DataError, match=r"y_train\.npy"):
        load_folder_or_npz(folder)
    sparse.save_npz(folder / "reviews.npz", X)
    with pytest.raises(DataError, match=r"name it x_train\.npz, and save labels beside it, in y_train\.npy"):
        load_folder_or_npz(folder / "reviews.npz")


def test_without_scipy_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(DependencyError, match=r"pip install .*scipy"):
        load_folder_or_npz(folder)
