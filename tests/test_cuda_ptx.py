"""Every CUDA kernel compiles for every compute capability, fits a block, and spills nothing: docs/cuda_kernels.md.

`cuda_kernels.py` does the work in processes of its own: this one may be Numba's simulator, which compiles nothing. A
sample of every kind of kernel is compiled in the profiles dev and ci, all of them (minutes) in the profile deep.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests import cuda_kernels
from tests.cuda_kernels import Row

SCRIPT = Path(cuda_kernels.__file__)
CLEAN = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
KEY = "elementwise", "add", "float32"
WARM_UP = """
import sys
from numbanet import cli, warmup
from numbanet.backends.cuda import devices, driver
kernels = warmup.cuda_kernels
devices.first_gpu = lambda: driver.Gpu(None, (8, 0), "a GPU")
warmup.cuda_kernels = lambda dtypes: dict(list(kernels(dtypes).items())[:3])
if __name__ == "__main__":
    cli.main(["warmup", "--device", "cuda", "--dtype", "float32", "--json"])
"""


def _why_not():
    try:
        import numba_cuda  # noqa: F401  (whether it can be)
    except ImportError:
        return "numba-cuda, which compiles kernels, is not installed"
    return "" if cuda_kernels.ptxas() else "ptxas, of nvidia-cuda-nvcc, is not installed"


needs_compilers = pytest.mark.skipif(bool(_why_not()), reason=_why_not())


def row(registers=(32, 32, 32), kernels=1, threads=256, shared=0, stack=0, spills=0):
    return Row(kernels, threads, registers, shared, stack, spills)


@needs_compilers
def test_kernels_compile_and_are_those_of_the_table():
    which = "all" if settings.get_current_profile_name() == "deep" else "sample"
    done = subprocess.run([sys.executable, SCRIPT, "check", which], capture_output=True, text=True, env=CLEAN)
    assert done.returncode == 0, done.stderr
    assert not done.stdout, done.stdout


@needs_compilers
def test_the_sample_has_every_kind():
    script = """
from numbanet.backends.cuda.tiles import GPU
from numbanet.warmup import cuda_kernels
from tests.cuda_kernels import sample
found = sample(cuda_kernels())
tiles = {kernel.parameters[1] for kernel in found if kernel.name.endswith("make_tiled")}
print(len(found), tiles == {*GPU.float32, *GPU.float64}, *{kernel.name.split(".")[-2] for kernel in found})
"""
    command, folder = [sys.executable, "-c", script], SCRIPT.parents[1]
    done = subprocess.run(command, capture_output=True, text=True, env=CLEAN, cwd=folder)
    count, has_all_tiles, *modules = done.stdout.split()
    assert int(count) < 80, "more would take minutes"
    assert has_all_tiles == "True"
    assert set(modules) == {key[0] for key in cuda_kernels.read(cuda_kernels.PAGE.read_text("utf-8"))}


@needs_compilers
def test_what_a_gpu_needs_is_compiled_ahead_in_processes(tmp_path):
    script, environment = tmp_path / "warm.py", {**CLEAN, "NUMBANET_CACHE_DIR": str(tmp_path / "cache")}
    script.write_text(WARM_UP)
    for compiled, loaded in ((3, 0), (0, 3)):
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["compiled"], found["loaded"]) == (compiled, loaded)
    (tmp_path / "file").write_text("")
    environment["NUMBANET_CACHE_DIR"] = str(tmp_path / "file" / "cache")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert "cannot be kept in" in done.stderr


class TestTable:
    """The rules, without a compiler."""

    def test_the_page_has_no_fault(self):
        rows = cuda_kernels.read(cuda_kernels.PAGE.read_text("utf-8"))
        assert len(rows) > 200
        assert not [fault for key, row in rows.items() for fault in cuda_kernels.faults(key, row)]

    def test_what_is_written_is_read(self, monkeypatch):
        monkeypatch.setattr(cuda_kernels, "versions", lambda: "Compiled with care.")
        rows = {KEY: row(), ("dot_tiles", "tiled 128x64x8", "float64"): row((128, 126, 128), 5, 256, 25_088)}
        assert cuda_kernels.read(cuda_kernels.written(rows)) == rows

    @pytest.mark.parametrize(
        ("key", "wrong", "told"),
        [
            (KEY, row(spills=8), "8 bytes of registers are spilled"),
            (KEY, row(stack=40), "40 bytes of stack are used"),
            (("elementwise", "sin", "float64"), row(stack=48), "48 bytes of stack are used"),
            (KEY, row((32, 65, 32), threads=1024), "a block of 1024 threads with 65 registers each cannot run"),
        ],
    )
    def test_faults_are_told(self, key, wrong, told):
        assert [*cuda_kernels.faults(key, wrong)] == [told]

    def test_no_fault(self):
        assert not [*cuda_kernels.faults(KEY, row((64, 64, 64), threads=1024))]
        assert not [*cuda_kernels.faults(("elementwise", "sin", "float64"), row(stack=40))]

    def test_growth_is_told_when_fewer_threads_run(self):
        assert not [*cuda_kernels.growth(row((40, 32, 30)), row((33, 32, 32)))]
        assert [*cuda_kernels.growth(row((41, 32, 32)), row((40, 32, 32)))] == ["41 registers at 7.5, 40 in the table"]
        assert len([*cuda_kernels.growth(row(shared=8), row())]) == 1

    def test_the_most_of_several_kernels(self):
        merged = row((32, 40, 0), shared=8).merged(row((40, 32, 16), threads=512, spills=4))
        assert merged == row((40, 40, 16), 2, 512, 8, 0, 4)

    def test_what_is_missing_is_added_and_what_is_no_more_goes(self, monkeypatch, tmp_path):
        """As after a new op: kernels of rows that are right are not compiled again."""
        other, new, gone = (("elementwise", name, "float32") for name in ("exp", "relu6", "old"))
        compiled = []
        monkeypatch.setattr(cuda_kernels, "versions", lambda: "Compiled with care.")
        monkeypatch.setattr(cuda_kernels, "PAGE", tmp_path / "page.md")
        monkeypatch.setattr(cuda_kernels, "label", lambda kernel: kernel[0])
        monkeypatch.setattr(cuda_kernels, "measured", lambda threads, kernels: compiled.extend(kernels) or {new: row()})
        cuda_kernels.PAGE.write_text(cuda_kernels.written({KEY: row(), other: row(kernels=2), gone: row()}), "utf-8")
        kernels = {(KEY, 0): 256, (other, 0): 256, (other, 1): 256, (new, 0): 256}
        assert not [*cuda_kernels.complete("", kernels)]
        assert compiled == [(new, 0)]
        assert cuda_kernels.read(cuda_kernels.PAGE.read_text("utf-8")) == {
            KEY: row(), other: row(kernels=2), new: row(),
        }  # fmt: skip
        assert not [*cuda_kernels.missing(kernels, cuda_kernels.read(cuda_kernels.PAGE.read_text("utf-8")))]
        monkeypatch.setattr(cuda_kernels, "measured", None)
        assert not [*cuda_kernels.complete("", kernels)]
