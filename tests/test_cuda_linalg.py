"""nn.linalg, nn.fft and einsum on a device: results are there, and those of the CPU."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import DeviceError, GradientError, LinAlgError
from tests.simulator import needs_simulator

pytestmark = needs_simulator

A = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]])
FUNCTIONS = {
    "solve": lambda a: nn.linalg.solve(a, a[:, 0]),
    "inv": nn.linalg.inv,
    "det": nn.linalg.det,
    "slogdet": lambda a: nn.linalg.slogdet(a).logabsdet,
    "cholesky": nn.linalg.cholesky,
    "eigh": lambda a: nn.square(nn.linalg.eigh(a).eigenvectors),
    "svd": lambda a: nn.square(nn.linalg.svd(a).U) * nn.linalg.svd(a).S,
    "qr": lambda a: nn.linalg.qr(a[:, :2]).Q,
    "pinv": lambda a: nn.linalg.pinv(a[:, :2]),
    "norm": lambda a: nn.linalg.norm(a, "nuc"),
    "matrix_power": lambda a: nn.linalg.matrix_power(a, -2),
    "fft": lambda a: nn.square(nn.fft.fft((a, a + 1)).imag),
    "irfft": lambda a: nn.fft.irfft(nn.fft.rfft(a), 3),
    "stft": lambda a: nn.fft.stft(a, 2, 1, 2).real,
    "diagonal by einsum": lambda a: nn.einsum("ii,ij->j", a, a),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_those_of_the_cpu(name):
    found = []
    for device in ("cpu", "cuda"):
        a = nn.asarray(A, device=device)
        with nn.GradientTape() as tape:
            tape.watch(a)
            y = FUNCTIONS[name](a)
        gradient = tape.gradient(y, a)
        assert (y.device, gradient.device) == (device, device)
        found.append((y.numpy(), gradient.numpy()))
    for there, here in zip(found[1], found[0], strict=True):
        np.testing.assert_allclose(there, here, rtol=1e-12, atol=1e-12)


def test_errors_are_the_same():
    here, there = nn.asarray(A), nn.asarray(A, device="cuda")
    with pytest.raises(DeviceError, match=r"linalg\.solve: operands are on cpu and cuda"):
        nn.linalg.solve(there, here)
    with pytest.raises(LinAlgError, match=r"linalg\.inv: singular matrix \(shape \(3, 3\)"):
        nn.linalg.inv(there * 0)
    with pytest.raises(GradientError, match="eigenvalues are equal"):
        nn.grad(lambda a: nn.sum(nn.linalg.eigh(a).eigenvectors))(nn.asarray(np.eye(2), device="cuda"))
    assert nn.linalg.matrix_rank(there).item() == 3
    assert nn.fft.fftfreq(4, device="cuda").device == "cuda"
