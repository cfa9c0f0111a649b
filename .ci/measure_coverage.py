"""Which lines and branches of numbanet the tests reach, those of kernels among them.

    python .ci/measure_coverage.py [ARGUMENTS OF PYTEST]

What Numba compiles is seen by no tracer. So the tests run several times, and what they reach is added up: with the
loops run by the interpreter, compiled by Numba, and, where numba-cuda is installed, those of CUDA kernels in Numba's
simulator. The interpreter with numba-cuda is this one or, if it exists, that of `make test-cuda`. What is left out of
the figure is in pyproject.toml, with the reason.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_CUDA = ROOT / ".venv-cuda" / "bin" / "python"


def has_cuda(python):
    """Whether an interpreter has numba-cuda and pytest-cov."""
    return subprocess.run([python, "-c", "import numba_cuda, pytest_cov"], capture_output=True).returncode == 0


def reaches(python, name, tests, arguments, **environment):
    """Whether the tests pass, their coverage written to a file of its own."""
    print(f"coverage: {name}", flush=True)
    variables = {"PYTHONPATH": str(ROOT), "COVERAGE_FILE": str(ROOT / f".coverage.{name}"), **environment}
    options = ["-q", "-p", "no:cacheprovider", "--cov", "--cov-report=", "--cov-fail-under=0"]
    command = [python, "-m", "pytest", *options, *tests, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode == 0


def main(arguments):
    """Run the tests in every way, and report."""
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    passed = [reaches(sys.executable, name, [], arguments, NUMBANET_BACKEND=name) for name in ("python", "numba")]
    found = [python for python in (sys.executable, OF_CUDA) if Path(python).exists() and has_cuda(python)]
    if found:
        tests = [*map(str, sorted((ROOT / "tests").glob("test_cuda_*.py"))), "tests/test_interop.py"]
        passed.append(reaches(found[0], "cuda", tests, arguments, NUMBA_ENABLE_CUDASIM="1"))
    else:
        print("coverage: numba-cuda is not installed, so the CUDA path is left out (`make test-cuda` installs it)")
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "combine", "--quiet"], cwd=ROOT, check=True)
    without = "numbanet/backends/cuda/*,numbanet/backends/native/drivers/*,numbanet/backends/native/*rows.py"
    left_out = [] if found else [f"--omit={without}"]  # which stands in for the list in pyproject.toml
    reported = subprocess.run([*coverage, "report", *left_out], cwd=ROOT).returncode
    sys.exit(reported or not all(passed))


if __name__ == "__main__":
    main(sys.argv[1:])
