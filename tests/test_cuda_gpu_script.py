"""The script that checks and measures a GPU: what it finds right, and that it says so when something is wrong."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.simulator import needs_simulator

FOLDER = Path(__file__).resolve().parent.parent / "asv_benchmarks"
SCALE = 2000


@pytest.fixture
def scripts(monkeypatch):
    """The modules beside the script."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import gpu_checks
    import gpu_table

    return gpu_checks, gpu_table


def test_without_a_gpu_that_computes_the_exit_code_says_so(stub):
    """The driver that computes nothing gives zeros for everything."""
    options = {"capture_output": True, "text": True, "env": stub.environment(), "timeout": 300}
    done = subprocess.run([sys.executable, FOLDER / "gpu_versions.py"], **options)
    assert "device: Stub 0, compute capability 9.0, driver for CUDA 13.0" in done.stdout
    assert "\nNVVM: Cuda compilation tools, release " in done.stdout
    done = subprocess.run([sys.executable, FOLDER / "gpu.py", "1", "--scale", str(SCALE)], **options)
    assert done.returncode == 1, done.stderr
    assert "| one kernel | PTX " in done.stdout
    assert "machine code by nvJitLink" in done.stdout
    assert "| add 2x2 | beside NumPy |  | WRONG |" in done.stdout
    assert "DLPack" not in done.stdout, "it ends at the first part that is wrong"


def test_without_a_driver_the_exit_code_says_so(stub, tmp_path):
    """Neither stage finds anything to check: a row says why."""
    environment = stub.environment(STUB_FAIL="cuInit:100", NUMBANET_CACHE_DIR=str(tmp_path))
    for stage in "123":
        done = subprocess.run(
            [sys.executable, FOLDER / "gpu.py", stage], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 1, done.stderr
        assert "| cuda | DeviceError: device 'cuda' cannot be used: " in done.stdout
        assert f"stage {stage}: 0 s; right: 0, wrong: 1" in done.stdout


def test_where_nothing_can_be_checked_the_exit_code_says_so(stub, tmp_path):
    """Stage 3 without NVIDIA's tools: a row for each, and no success."""
    environment = stub.environment(PATH=str(tmp_path))
    done = subprocess.run([sys.executable, FOLDER / "gpu.py", "3"], capture_output=True, text=True, env=environment)
    assert done.returncode == 1, done.stderr
    for tool in ("memcheck", "racecheck"):
        assert f"| compute-sanitizer {tool} | not installed: nothing was checked |" in done.stdout


def test_a_tool_that_finds_nothing_is_a_success(stub, tmp_path):
    tool = tmp_path / "compute-sanitizer"
    for code, result in ((0, "right"), (9, "WRONG")):
        tool.write_text(f"#!/bin/sh\nexit {code}\n")
        tool.chmod(0o755)
        environment = stub.environment(PATH=f"{tmp_path}:/bin")
        done = subprocess.run([sys.executable, FOLDER / "gpu.py", "3"], capture_output=True, text=True, env=environment)
        assert done.returncode == (code != 0), done.stderr
        assert f"| compute-sanitizer racecheck | exit code {code} | 0 | {result} |" in done.stdout


def test_libraries_of_packages_beneath_are_found(monkeypatch, tmp_path):
    """An environment over another one, as `prepare` makes it: NVRTC of the other one lies where it is looked for."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import gpu_environment

    beneath, own = tmp_path / "beneath", tmp_path / "own"
    library = beneath / "nvidia" / "cu13" / "lib" / "libnvrtc.so.13"
    library.parent.mkdir(parents=True)
    library.write_text("")
    own.mkdir()
    for _ in range(2):
        gpu_environment._link_libraries(own, [str(beneath), str(tmp_path / "nowhere")])
    assert (own / "nvidia" / "cu13" / "lib" / "libnvrtc.so.13").resolve() == library


@needs_simulator
class TestChecks:
    @pytest.mark.parametrize("part", ["elementwise", "rows", "copies", "products"])
    def test_they_are_right(self, part, scripts, capsys):
        from numbanet.backends.cuda.devices import cuda

        checks, tables = scripts
        found = checks.products(cuda(), SCALE) if part == "products" else getattr(checks, part)(SCALE)
        table = tables.Table()
        checks.run(table, list(found)[::5])
        assert table.wrong == 0, capsys.readouterr().out
        assert " checks | error " in capsys.readouterr().out

    def test_one_wrong_element_is_a_row(self, scripts, capsys):
        checks, tables = scripts
        (check, *_) = checks.elementwise(SCALE)
        table = tables.Table()

        def right_but_for_one(*given):
            found = check.expected(*given).copy()
            found.flat[-1] += 1
            return found

        checks.run(table, [check, check._replace(expected=right_but_for_one)])
        assert table.wrong == 1
        assert capsys.readouterr().out.count("WRONG") == 1

    def test_what_raises_is_a_row(self, scripts, capsys):
        checks, tables = scripts
        table = tables.Table()
        checks.run(table, [checks.Check("a group", "a check", (np.ones(2),), lambda x: 1 / 0, np.abs)])
        table.attempt(lambda: 1 / 0)
        assert table.wrong == 2
        assert "| a group: a check | ZeroDivisionError: division by zero |  | WRONG |" in capsys.readouterr().out

    def test_nan_and_shapes_count(self, scripts):
        checks, _ = scripts
        nan = checks.Check("", "", (np.array([np.nan, 1.0]),), lambda x: x + 0, lambda x: x)
        assert checks.error_of(nan)[0] == 0
        assert checks.error_of(nan._replace(expected=lambda x: np.ones(2)))[0] == np.inf
        assert checks.error_of(nan._replace(expected=lambda x: x[:1]))[0] == np.inf
        assert checks.error_of(nan._replace(exact=True, expected=lambda x: np.array([np.nan, 2.0])))[0] == np.inf

    def test_what_is_measured_runs(self, scripts, capsys, monkeypatch):
        """Times of the simulator mean nothing; but every part can be run, with what numbanet has today."""
        import gpu

        from numbanet.backends.cuda.devices import cuda

        _, tables = scripts
        monkeypatch.setattr(tables, "ROUNDS", 1)
        monkeypatch.setattr(tables, "COPIES", 1)
        monkeypatch.setattr(gpu, "PRODUCTS", gpu.PRODUCTS[:1])
        table = tables.Table()
        for part, size in ((gpu.bandwidth, 16), (gpu.products, SCALE), (gpu.training_steps, 20), (gpu.epochs, 20)):
            part(table, cuda(), size)
        assert table.wrong == 0
        printed = capsys.readouterr().out
        for what in ("copy on the device", "softmax", "dot 1x1x1", "MNIST step, batch 4", "in chunks", "shuffled"):
            assert what in printed

    def test_positions_far_apart(self, scripts):
        checks, tables = scripts
        table = tables.Table()
        checks.far(table, 5000)
        assert table.wrong == 0
