"""The tests on installs of numbanet that differ in what runs the loops, each in an environment of its own.

    python .ci/installs.py NAME... [-- ARGUMENTS OF PYTEST]

Installs are made from what `make dist/.built` leaves in dist/, and made again when that is newer. Dependencies are
those of pyproject.toml. The tests, documents and examples of the sdist lie beside the environment, without the package:
they run on what is installed.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
NO_EXTENSION = "numbanet is installed without its compiled extension"
IN_EXTENSION, IN_PYTHON = "numbanet runs its loops in its compiled extension", "numbanet runs its loops in plain Python"
CHECKS = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g -O1"

CHECKED = "kernels", "dot", "vectors", "ops", "extension", "drivers", "engine"


@dataclass
class Install:
    """What is installed, and which tests run on it.

    Parameters
    ----------
    package : str
        What of dist/ is installed: the wheel, or the sdist, which is built then.
    numba : {"yes", "no", "broken"}
        Whether Numba is installed; a broken one raises when it is imported.
    building, running : dict
        Environment variables.
    compiler : bool
        Whether a C compiler is found.
    expected : str
        How the warning begins that this install gives, and that is no error here.
    tests : list of str
        Arguments of pytest.
    extra : str
        The extra of pyproject.toml that has what the tests need.
    python : str
        The interpreter, by a name that is looked up; the one that runs this file if there is none.
    """

    package: str = "*-cp*.whl"
    numba: str = "no"
    building: dict = field(default_factory=dict)
    running: dict = field(default_factory=dict)
    compiler: bool = True
    expected: str = ""
    tests: list = field(default_factory=list)
    extra: str = "test"
    python: str = ""


def sanitizer():
    """The library that a process needs from its start to run code that checks addresses; gcc knows where it is."""
    if shutil.which("gcc") is None:
        return ""
    return subprocess.run(["gcc", "-print-file-name=libasan.so"], text=True, capture_output=True).stdout.strip()


ON_A_SIMULATOR = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "tests").glob("test_*.py")
    if path.name.startswith("test_cuda_") or "@needs_simulator" in path.read_text("utf-8")
)
"""Every file with a test that only the simulator runs: one that is not listed here would run nowhere."""

INSTALLS = {
    "numba": Install(numba="yes", running={"NUMBANET_BACKEND": "numba"}),  # with an empty cache auto is the extension
    "cython": Install(),
    "broken": Install(numba="broken", expected=IN_EXTENSION),
    "python": Install("*.tar.gz", building={"NUMBANET_AOT": "0"}, expected=IN_PYTHON),
    "no-compiler": Install("*.tar.gz", compiler=False, expected=IN_PYTHON),
    "cuda": Install(
        numba="yes",
        running={"NUMBA_ENABLE_CUDASIM": "1"},  # Numba's simulator: no GPU and no driver are needed
        tests=ON_A_SIMULATOR,
        extra="test-cuda",
    ),
    "cuda-newest": Install(  # the newest NumPy needs a newer Python than the oldest one that numbanet runs on
        "*.tar.gz", numba="yes", building={"NUMBANET_AOT": "0"}, running={"NUMBA_ENABLE_CUDASIM": "1"},
        tests=[f"tests/test_cuda_{name}.py" for name in ("devices", "driver", "gather", "toolchain", "transpose")],
        extra="test-cuda", python="python3.12",
    ),
    "sanitize": Install(
        "*.tar.gz",
        building={"NUMBANET_AOT": "require", "NUMBANET_AOT_FLAGS": CHECKS},
        running={
            "LD_PRELOAD": sanitizer(), "PYTHONMALLOC": "malloc", "NUMBANET_BACKEND": "cython",
            "ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1",
        },
        tests=[f"tests/test_{name}.py" for name in CHECKED],
    ),
}  # fmt: skip


def main(arguments):
    """Make and test the installs that are named, all of them whatever becomes of one."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    failed = [name for name in arguments[:split] if not is_fine(name, INSTALLS[name], arguments[split + 1 :])]
    if failed:
        sys.exit(f"tests fail on: {', '.join(failed)}")


def is_fine(name, install, arguments):
    """Whether the tests pass on an install."""
    interpreter = found(install.python)
    if interpreter is None:
        print(f"{name}: skipped, there is no {install.python}", flush=True)
        return True
    folder = ROOT / f".venv-{name}"
    ready = folder / ".ready"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not ready.exists() or ready.stat().st_mtime < (DIST / ".built").stat().st_mtime:
        print(f"{name}: making {folder.name}", flush=True)
        make(install, folder, python, interpreter)
        ready.touch()
    ignored = f"ignore:{install.expected}:RuntimeWarning"
    allowed = ["-W", ignored] if install.expected else []
    cache = {"NUMBANET_CACHE_DIR": str(folder / "cache")}
    environment = {**os.environ, **cache, **install.running, **({"PYTHONWARNINGS": ignored} if allowed else {})}
    environment.pop("PYTHONPATH", None)
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", *allowed, *install.tests, *arguments]
    print(f"{name}: testing", flush=True)
    return subprocess.run(command, cwd=folder / "sources", env=environment).returncode == 0


def found(name):
    """The interpreter of a name, on the path or among those of pyenv; None if there is none, or it does not run."""
    if not name:
        return sys.executable
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for candidate in (shutil.which(name), *sorted(map(str, root.glob(f"versions/*/bin/{name}")))):
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    return None


def make(install, folder, python, interpreter):
    """Make the environment."""
    subprocess.run([interpreter, "-m", "venv", "--clear", folder], check=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--quiet", *requirements(install)], check=True)
    (package,) = DIST.glob(install.package)
    environment = {**os.environ, **install.building}
    if not install.compiler:
        environment["PATH"] = str(python.parent)
        environment.pop("CC", None)
    command = [*pip, "--verbose", "--no-deps", package]
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told = [line.strip() for line in done.stdout.splitlines() if NO_EXTENSION in line]
    if done.returncode or (len(told) != 1 and not install.compiler):  # what is missing is told in one line
        sys.exit(done.stdout)
    print(*told, sep="\n", flush=True)
    if install.numba == "broken":
        broken = next(folder.rglob("site-packages")) / "numba" / "__init__.py"
        broken.write_text("raise ImportError('Numba needs another NumPy')\n")
    unpack(folder)


def requirements(install):
    """What numbanet and its tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *extra(install.extra, project["optional-dependencies"])]
    return [one for one in wanted if install.numba != "no" or not re.match(r"numba\b(?!-)", one)]


def extra(name, extras):
    """What an extra asks for, and the extras that it names."""
    for one in extras[name]:
        named = re.match(r"numbanet\[(.*)\]", one)
        if named:
            for each in named[1].split(","):
                yield from extra(each, extras)
        else:
            yield one


def unpack(folder):
    """Lay the files of the sdist beside the environment, without the package."""
    (sdist,) = DIST.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (folder / sdist.name.removesuffix(".tar.gz")).rename(folder / "sources")
    shutil.rmtree(folder / "sources" / "numbanet")


if __name__ == "__main__":
    main(sys.argv[1:])
