"""Which device "cuda" is, and the sentence that says why there is none; what a catalogue notes instead of running."""

import json
import os
import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends.cuda import devices
from numbanet.errors import DeviceError
from tests.simulator import needs_simulator

CLEAN = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}


@pytest.fixture
def driver():
    """The module that talks to the driver, which needs cuda.bindings."""
    pytest.importorskip("cuda.bindings", reason="numba-cuda and what it brings is not installed", exc_type=ImportError)
    from numbanet.backends.cuda import driver

    return driver


def fake(monkeypatch, driver, capability):
    """A GPU of a compute capability, with a driver for CUDA 12.8."""
    found = {"cuDeviceGetName": b"Some GPU\0\0", "cuDriverGetVersion": 12080, "cuDeviceGetAttribute": 1}
    kinds = driver.driver.CUdevice_attribute
    numbers = (kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)

    def call(function, *arguments):
        if arguments and arguments[0] in numbers:
            return capability[numbers.index(arguments[0])]
        return found.get(function.__name__, 0)

    monkeypatch.setattr(driver, "call", call)
    monkeypatch.setattr(driver, "driver_version", lambda: (12, 8))


def test_without_numba_cuda_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    told = devices.described()
    assert told == f"cannot be used: numba-cuda is not installed; {devices.HELP}"
    assert devices.HELP == 'python -m pip install "numba-cuda[cu13]" (or cu12) has it'
    with pytest.raises(DeviceError, match="device 'cuda' cannot be used: numba-cuda is not installed"):
        devices.first_gpu()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("CUDA_ERROR_NO_DEVICE: This indicates that no CUDA-capable devices were detected", "finds no NVIDIA GPU"),
        ("CUDA_ERROR_INSUFFICIENT_DRIVER: older than the runtime", "driver is too old"),
        ('Function "cuDeviceGetUuid_v2" not found', "driver is too old"),
        ('"cuda" is an NVIDIA driver library and can only be found via system search', "there is no NVIDIA driver"),
        ("libcuda.so.1: cannot open shared object file", "there is no NVIDIA driver"),
        ("CUDA_ERROR_UNKNOWN: something\n else", "CUDA_ERROR_UNKNOWN: something else"),
    ],
)
def test_errors_of_the_driver_become_one_sentence(error, told, driver, monkeypatch):
    def raises(*arguments):
        raise RuntimeError(error)

    monkeypatch.setattr(driver.driver, "cuInit", raises)
    with pytest.raises(DeviceError, match="device 'cuda' cannot be used: ") as raised:
        devices.first_gpu()
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_extras_ask_for_the_oldest_versions_that_work():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {}
    for extra in ("cuda12", "cuda13"):
        found = [
            re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", one).groups() for one in project["optional-dependencies"][extra]
        ]
        asked[extra] = {name: tuple(map(int, lowest.split("."))) for name, lowest in found}
    assert asked == {"cuda12": devices.LOWEST, "cuda13": devices.LOWEST | {"cuda-bindings": (13, 0, 2)}}


@pytest.mark.parametrize("name", devices.LOWEST)
def test_packages_that_are_too_old_are_named(name, monkeypatch):
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.setattr(devices, "find_spec", lambda name: True)
    monkeypatch.setattr(devices, "_version", lambda one: "0.29.9rc1" if one == name else None)
    assert f"{name} 0.29.9rc1 is older than" in devices.described()
    with pytest.raises(DeviceError, match=f"{name} 0.29.9rc1 is older than"):
        devices.first_gpu()


def test_a_gpu_that_is_too_old(driver, monkeypatch):
    fake(monkeypatch, driver, (6, 1))
    with pytest.raises(DeviceError, match=r"Some GPU, compute capability 6.1, is older than 7.5"):
        devices.first_gpu()


def test_a_gpu_is_described(driver, monkeypatch):
    fake(monkeypatch, driver, (9, 0))
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    assert devices.described() == "Some GPU, compute capability 9.0, driver for CUDA 12.8"
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    assert devices.described() == "Numba's simulator (NUMBA_ENABLE_CUDASIM is set)"


def test_to_describe_it_imports_no_compiler():
    script = (
        "import sys; from numbanet.backends.cuda import devices; devices.described(); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=CLEAN)
    assert done.stdout == "False\n"


def test_info_tells_what_cuda_is(capsys):
    from numbanet import cli

    with pytest.raises(SystemExit):
        cli.main(["info", "--json"])
    assert json.loads(capsys.readouterr().out)["cuda"] == devices.described()


def test_warming_up_for_a_gpu_that_is_not_there(capsys, monkeypatch):
    from numbanet import cli

    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stop:
        cli.main(["warmup", "--device", "cuda"])
    output = capsys.readouterr()
    assert (stop.value.code, output.out) == (2, "")
    assert "numba-cuda is not installed" in output.err
    assert len(output.err.splitlines()) == 1


def test_no_batches_change_no_metric():
    """A device that computes nothing says that no step was done, and so may Ctrl-C."""
    mean = nn.metrics.Mean()
    mean.update([1.0, 2.0])
    mean.update_batches(0, np.zeros(0))
    assert mean.result() == 1.5


@needs_simulator
class TestCatalogue:
    @pytest.fixture
    def catalogue(self):
        from numbanet.backends.cuda.catalogue import Catalogue

        found = Catalogue()
        with devices.instead_of_the_gpu(found):
            yield found

    def test_it_notes_kernels_and_computes_nothing(self, catalogue):
        with nn.device("cuda"):
            y = nn.asarray(np.ones((40, 3), np.float32)) + 1
            nn.dot(y, nn.ones((3, 500)))
            nn.dot(y, nn.ones((3, 500)))
        assert y.numpy().tolist() == np.zeros((40, 3)).tolist()
        makes = [kernel.make.__name__ for kernel in catalogue.threads]
        assert {"make_map", "make_tiled"} <= set(makes)
        assert makes.count("make_tiled") == 1, "the second product launches the same kernel"
        for kernel, threads in catalogue.threads.items():
            assert 0 < threads <= 1024, kernel.name

    def test_it_is_the_device_of_the_block_alone(self):
        from numbanet.backends.cuda.catalogue import Catalogue

        before = devices.cuda()
        with devices.instead_of_the_gpu(Catalogue()):
            assert devices.cuda() is not before
        assert devices.cuda() is before

    def test_training_with_graphs_is_noted(self, catalogue):
        rng = np.random.default_rng(0)
        with nn.device("cuda"):
            model = nn.Sequential([nn.layers.Dense(4, activation="relu"), nn.layers.Dense(3, activation="softmax")])
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(rng.random((32, 5), np.float32), np.arange(32) % 3, batch_size=8, epochs=2, verbose=0)
        bodies = {getattr(one, "__name__", "") for kernel in catalogue.threads for one in kernel.parameters[:1]}
        assert {"adam", "relu", "softmax_cross_entropy_and_gradient"} <= bodies

    def test_kernels_go_to_other_processes(self, catalogue):
        with nn.device("cuda"):
            nn.sum(nn.ones((3, 4)), axis=0)
        for kernel in catalogue.threads:
            assert pickle.loads(pickle.dumps(kernel)) == kernel
