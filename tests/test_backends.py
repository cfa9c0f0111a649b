"""Who runs the loops: the choice at first use, forced choices, and a Numba that fails at any moment."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends import select as backends
from numbanet.core.settings import BACKENDS, Config, config
from numbanet.errors import ArgumentError

RELU = "import numbanet as nn; print(nn.relu([-1.0, 2.0]).tolist())\n"
AN_EXTENSION = """
import sys, types
from numbanet.backends.python.backend import PythonBackend
module = types.ModuleType("numbanet.backends.cython.backend")
class CythonBackend(PythonBackend):
    name, variant = "cython", "pretended"
    def description(self): return "cython pretended"
module.CythonBackend = CythonBackend
sys.modules[module.__name__] = module
"""
WARM = "from numbanet.backends import select as backends; backends._instead_of_compiling = lambda: None\n"
"""As if Numba had compiled kernels before: then it is asked first."""

NO_EXTENSION = """
import sys
sys.modules["numbanet.backends.cython.backend"] = None
"""


def run_python(code, *arguments, **environment):
    env = {**os.environ, "NUMBANET_BACKEND": "auto", "PYTHONWARNINGS": "default::RuntimeWarning", **environment}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)


def package(folder, text, names=("numba", "llvmlite")):
    """A Numba that does what a text says when it is imported; the environment in which it is found first."""
    for name in names:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(text)
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


BROKEN = {
    "ImportError": "raise ImportError('Numba needs NumPy 2.4 or less. Got NumPy 2.9.')",
    "SystemError": "raise SystemError('initialization of _internal failed')",
    "OSError": "raise OSError('libLLVM.so: cannot open shared object file')",
    "AttributeError": "import numpy; numpy.no_longer_there",
    "RuntimeError": "raise RuntimeError('two\\nlines')",
    "SyntaxError": "no Python at all",
    "AssertionError": "assert False",
    "KeyError": "{}['NUMBA']",
    "RecursionError": "def f(): f()\nf()",
    "MemoryError": "raise MemoryError",
}


@pytest.mark.needs_numba("it is passed over")
class TestNothingCompiledYet:
    CODE = f"{AN_EXTENSION}{RELU}print(nn.config.running); print('numba' in sys.modules)"

    def test_the_extension_runs_and_nobody_waits_for_a_compiler(self, tmp_path):
        done = run_python(self.CODE, NUMBANET_CACHE_DIR=str(tmp_path))
        assert done.stdout.splitlines() == ["[0.0, 2.0]", f"cython pretended ({backends.NOTHING_COMPILED})", "False"]
        assert not done.stderr

    def test_numba_runs_once_it_has_compiled(self, tmp_path):
        run_python(RELU, NUMBANET_BACKEND="numba", NUMBANET_CACHE_DIR=str(tmp_path))
        done = run_python(self.CODE, NUMBANET_CACHE_DIR=str(tmp_path))
        assert done.stdout.splitlines()[1] == "numba (Numba can be used)", done.stderr

    def test_without_the_extension_numba_compiles(self, tmp_path):
        done = run_python(f"{NO_EXTENSION}{RELU}print(nn.config.running)", NUMBANET_CACHE_DIR=str(tmp_path))
        assert done.stdout.splitlines()[1] == "numba (Numba can be used)", done.stderr

    @pytest.mark.parametrize("names", [("numba",), ("numba", "llvmlite")], ids=" and ".join)
    def test_a_broken_numba_is_told_once_when_it_is_missed(self, names, tmp_path):
        own = """
import numpy as np
from numbanet.launching.launch import Kernel
def double(x, out, start, stop):
    for i in range(start, stop):
        out[i] = 2 * x[i]
for dtype in "fd":
    out = np.empty(2, dtype)
    Kernel(double)(2, np.ones(2, dtype), out)
    print(out.tolist())
"""
        environment = package(tmp_path, BROKEN["OSError"], names) | {"NUMBANET_CACHE_DIR": str(tmp_path / "empty")}
        done = run_python(own, **environment)
        assert done.stdout == "[2.0, 2.0]\n" * 2, done.stderr
        assert done.stderr.count("RuntimeWarning") == 1
        assert "and others in plain Python, slowly: Numba cannot be used (OSError: libLLVM" in done.stderr

    def test_a_broken_numba_is_not_missed(self, tmp_path):
        done = run_python(self.CODE, NUMBANET_CACHE_DIR=str(tmp_path), **package(tmp_path, BROKEN["OSError"]))
        assert done.stdout.splitlines()[0] == "[0.0, 2.0]"
        assert not done.stderr


class TestNumbaThatCannotBeImported:
    @pytest.mark.parametrize("error", BROKEN)
    def test_the_next_one_runs_and_one_warning_says_why(self, error, tmp_path):
        environment = package(tmp_path, BROKEN[error])
        for before, name, how in (
            (AN_EXTENSION, "cython", "in its compiled extension"),
            (NO_EXTENSION, "python", "in plain Python, slowly"),
        ):
            code = f"{before}{WARM}{RELU}{RELU}print(nn.config.running)"
            done = run_python(code, **environment)
            assert done.returncode == 0, done.stderr
            *results, running = done.stdout.splitlines()
            assert results == ["[0.0, 2.0]"] * 2
            assert running.startswith(name)
            assert done.stderr.count("RuntimeWarning") == 1
            assert f"{how}: Numba cannot be used ({error}" in done.stderr
            assert error in running

    def test_asked_for_by_name_it_is_an_error(self, tmp_path):
        environment = package(tmp_path, BROKEN["ImportError"])
        done = run_python(AN_EXTENSION + RELU, NUMBANET_BACKEND="numba", **environment)
        assert done.returncode != 0
        last = done.stderr.splitlines()[-1]
        for words in ("ArgumentError", "NUMBANET_BACKEND", "Got NumPy 2.9", "auto"):
            assert words in last

    def test_a_warning_that_is_an_error_is_raised_once(self, tmp_path):
        code = (
            f"{AN_EXTENSION}{WARM}import warnings; warnings.simplefilter('error')\nimport numbanet as nn\n"
            "try: nn.relu([1.0])\nexcept RuntimeWarning: print('raised')\n" + RELU
        )
        done = run_python(code, **package(tmp_path, BROKEN["OSError"]))
        assert done.stdout.split("\n")[:2] == ["raised", "[0.0, 2.0]"], done.stderr

    def test_threads_that_start_at_once_warn_once(self, tmp_path):
        code = f"""{AN_EXTENSION}
{WARM}
import threading, numbanet as nn
def work(): barrier.wait(); nn.relu([1.0])
barrier = threading.Barrier(8)
nn.relu
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
        done = run_python(code, **package(tmp_path, "import time; time.sleep(0.1); raise OSError('late')"))
        assert done.returncode == 0
        assert done.stderr.count("Warning: ") == 1, done.stderr


HIDE_NUMBA = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else found(name, *rest)
sys.meta_path.insert(0, Finder())
"""


class TestNoNumba:
    def test_with_the_extension_this_is_a_normal_install(self):
        done = run_python(f"{HIDE_NUMBA}{AN_EXTENSION}{RELU}print(nn.config.running)")
        assert done.stdout.splitlines() == ["[0.0, 2.0]", "cython pretended (Numba is not installed)"]
        assert done.stderr == ""

    def test_without_it_a_warning_says_why_it_is_slow(self):
        done = run_python(HIDE_NUMBA + NO_EXTENSION + RELU)
        assert done.stdout == "[0.0, 2.0]\n"
        assert done.stderr.count("in plain Python, slowly: Numba is not installed; the compiled extension cannot") == 1

    def test_the_note_of_setup_says_why_there_is_no_extension(self, tmp_path):
        (tmp_path / "note").write_text("there is no C compiler (gcc)\n")
        note = (
            "from numbanet.backends import select as backends; from pathlib import Path\n"
            f"backends.NOT_BUILT = Path({str(tmp_path / 'note')!r})\n"
        )
        info = "from numbanet.cli import main; main(['info', '--json'])"
        done = run_python(HIDE_NUMBA + NO_EXTENSION + note + info)
        found = json.loads(done.stdout)
        assert found["extension"] == "the compiled extension cannot be used (there is no C compiler (gcc))"
        assert found["backend"].startswith(
            "python (Numba is not installed; the compiled extension cannot be used (there"
        )
        forced = run_python(HIDE_NUMBA + NO_EXTENSION + note + RELU, NUMBANET_BACKEND="cython")
        assert forced.returncode != 0
        last = forced.stderr.splitlines()[-1]
        assert last.startswith("numbanet.errors.ArgumentError")
        assert "there is no C compiler (gcc)" in last


LATER = f"""{WARM}
import sys, warnings
import numpy as np
import numbanet as nn
from numbanet.backends.numba import compile as compiled
from numbanet.kernels import threads
from numbanet.backends.numba.disk_cache import DiskCache

nn.config.num_threads, threads.SPLIT_NS = 2, 25_000
x = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
y = np.arange(300) % 3

def train():
    model = nn.Sequential([nn.layers.Dense(16, "relu"), nn.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=2, verbose=0, rng=0)
    return model.evaluate(x, y, verbose=0)

def results():
    wide = nn.asarray(x).T
    big = np.linspace(0, 1, 400_000, dtype=np.float32)
    return [nn.sum(wide * wide + 1.5).item(), nn.sum(nn.negative(big)).item(), nn.sum(wide @ x).item(), *train()]

first = nn.add([1.0], [2.0])
failing = sys.argv[1]
read, compile_kernel = DiskCache.read, compiled.compile_kernel

def fails(kernel, *rest, **options):
    if failing in kernel.qualified_name: raise OSError("no LLVM")
    return compile_kernel(kernel, *rest, **options)

DiskCache.read = lambda cache, key: None if failing in key.split()[0] else read(cache, key)
compiled.compile_kernel = fails
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = results()
print(first.tolist(), *found)
print(len(caught), *[one.message for one in caught])
print(nn.config.running)
"""


@pytest.fixture(scope="module")
def expected():
    """What `LATER` computes when nothing fails."""
    done = run_python(LATER, "nothing fails", NUMBANET_BACKEND="numba")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "0"
    return np.array(done.stdout.splitlines()[0].split()[1:], float)


@pytest.mark.needs_numba("Numba fails in it")
class TestNumbaThatFailsLater:
    @pytest.mark.parametrize("before", [NO_EXTENSION, ""], ids=["to Python", "to the next"])
    @pytest.mark.parametrize("kernel", ["negative", "windows", "take_chunks", "dot_tiles", "replay", "adam", "reduce"])
    def test_the_process_goes_on_with_the_next_one(self, kernel, before, expected):
        done = run_python(before + LATER, kernel)
        assert done.returncode == 0, done.stderr
        results, warned, running = done.stdout.splitlines()
        assert warned.startswith("1 numbanet runs its loops in ")
        assert warned.count("OSError: no LLVM") == 1
        assert not running.startswith("numba ")
        assert results.startswith("[3.0] ")
        np.testing.assert_allclose(np.array(results.split()[1:], float), expected, rtol=1e-4)

    def test_asked_for_by_name_it_is_an_error(self):
        done = run_python(LATER, "negative", NUMBANET_BACKEND="numba")
        assert done.returncode != 0
        last = done.stderr.splitlines()[-1]
        for words in ("ArgumentError", "no LLVM", "NUMBANET_BACKEND", "compile numbanet.loops.arithmetic.negative"):
            assert words in last

    @pytest.mark.parametrize("backend", ["auto", "numba"])
    def test_a_loop_that_cannot_be_typed_is_named(self, backend):
        """Whoever adds an op to a clone reads which body it is, and that the others can be compiled."""
        code = """
import numpy as np, numbanet as nn
from numbanet.launching.launch import Kernel
def capped(x, out, start, stop):
    for i in range(start, stop):
        out[i] = min(x[i], 6, key=float)
capped.__module__ = "numbanet.loops.functions"
out = np.zeros(2)
Kernel(capped)(2, np.array([1.0, 9.0]), out)
"""
        done = run_python(NO_EXTENSION + WARM + code, NUMBANET_BACKEND=backend)
        assert (done.returncode == 0) == (backend == "auto")
        assert "Numba cannot compile numbanet.loops.functions.capped (TypingError" in done.stderr
        assert "Numba cannot be used" not in done.stderr

    def test_a_body_that_is_at_fault_is_not_taken_for_a_broken_numba(self):
        code = """
import numpy as np, numbanet as nn
from numbanet.launching.launch import Kernel
def body(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i].no_such_thing
try: Kernel(body)(2, np.zeros(2), np.zeros(2))
except Exception as error: print(type(error).__module__.partition(".")[0])
print(nn.config.running)
"""
        done = run_python(WARM + code)
        assert done.stdout.splitlines() == ["numba", "numba (Numba can be used)"], done.stderr
        assert done.stderr == ""


class TestSettings:
    def test_python_gives_the_same_results(self):
        code = (
            "import numpy as np, numbanet as nn\n"
            "x = np.linspace(-2, 2, 12, dtype='f4').reshape(3, 4)\n"
            "t = nn.asarray(x)\n"
            "print([nn.softmax(nn.relu(t) @ t.T + 1.5).tolist(), nn.sum(t * t, axis=0).tolist()])"
        )
        results = [run_python(code, NUMBANET_BACKEND=name) for name in ("python", config.backend)]
        assert [r.returncode for r in results] == [0, 0], results
        (p, q), (r, s) = (json.loads(result.stdout) for result in results)
        np.testing.assert_allclose(p, r, rtol=1e-5)  # exp(-17) makes 17 eps of the rounding of its argument
        np.testing.assert_allclose(q, s, rtol=1e-6)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("NUMBANET_BACKEND", "fortran"), ("NUMBANET_NUM_THREADS", "0"), ("NUMBANET_NUM_THREADS", "many")],
    )
    def test_wrong_settings_name_the_variable(self, name, value):
        result = run_python("import numbanet as nn; nn.zeros(1) + 1", **{name: value})
        assert result.returncode != 0
        assert name in result.stderr

    def test_they_are_validated(self):
        with pytest.raises(ArgumentError, match="NUMBANET_BACKEND"):
            config.backend = "gpu"
        with pytest.raises(ArgumentError, match="NUMBANET_NUM_THREADS"):
            config.num_threads = -1

    def test_they_tell_what_runs_and_why(self):
        assert Config({}).running.startswith("nothing yet")
        nn.relu([1.0])
        build = backends.backend()
        assert build.name in BACKENDS
        assert config.running == f"{build.description()} ({backends.backend_reason()})"
        assert config.running in repr(config)

    def test_nothing_is_chosen_by_importing(self):
        done = run_python("import sys, numbanet as nn; nn.layers; print(nn.config.running, 'numba' in sys.modules)")
        assert done.stdout.startswith("nothing yet")
        assert done.stdout.endswith("False\n")
