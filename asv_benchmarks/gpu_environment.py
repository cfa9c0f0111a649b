"""What a machine with a GPU and no network needs: packed on another machine, and laid out there; see gpu.sh."""

import importlib.metadata
import re
import site
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPABILITY = (9, 0)
COMPILER = (
    "numba-cuda==0.30.4",
    "cuda-bindings==13.5.0",
    "cuda-core==1.0.0",
    "cuda-pathfinder==1.9.1",
    "packaging==25.0",
)
"""These fit together: if the machine lacks one, or has one that is too old, all of these are used."""
TESTS = (
    "pytest==8.3.5",
    "pluggy==1.6.0",
    "iniconfig==2.1.0",
    "sortedcontainers==2.4.0",
    "hypothesis==6.100.0",
    "attrs==25.3.0",
)
MOST = 16 << 20
"""Bytes that the wheels may have together."""


def pack(folder):
    """Lay the tree, the wheels and the machine code of kernels into a new folder."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True, capture_output=True).stdout
    (folder / "tree.tar").write_bytes(archive)
    with tarfile.open(folder / "tree.tar") as tree:
        tree.extractall(folder, filter="data")
    (folder / "tree.tar").unlink()
    print(f"tree: {_size(folder) >> 20} MiB", flush=True)
    wheels = folder / "wheels"
    target = ["--only-binary", ":all:", "--python-version", "3.12", "--platform", "manylinux_2_28_x86_64"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", *target]
    subprocess.run([*command, "--dest", wheels, *COMPILER, *TESTS], check=True)
    size = _size(wheels)
    print(f"wheels: {size / (1 << 20):.1f} MiB", flush=True)
    if size > MOST:
        sys.exit(f"the wheels may have {MOST >> 20} MiB")
    started = time.monotonic()
    done = subprocess.run([sys.executable, __file__, "compile", folder / "cache"], cwd=folder)
    if done.returncode:
        sys.exit("no kernels could be compiled: numba-cuda[cu13] has to be installed here too")
    print(f"kernels: {_size(folder / 'cache') >> 10} KiB in {time.monotonic() - started:.0f} s")
    print(f"copy {folder} to the machine with the GPU, and there: bash asv_benchmarks/gpu.sh 1")


def compile_kernels(folder):
    """Compile the kernels of the checks and of the training that is measured, for one compute capability."""
    import os

    os.environ.update(NUMBANET_CUDA_PORTABLE="1", NUMBANET_CACHE_DIR=folder)
    sys.path[:0] = [str(ROOT), str(ROOT / "asv_benchmarks")]
    import gpu_checks
    import numpy as np
    from benchmarks.networks import TEXTBOOK, keras_like, mnist

    import numbanet as nn
    from numbanet.backends.cuda.catalogue import Catalogue
    from numbanet.backends.cuda.code import compile_ahead
    from numbanet.backends.cuda.devices import instead_of_the_gpu
    from numbanet.core.settings import config

    catalogue = Catalogue()
    images, labels = mnist()[0]
    with instead_of_the_gpu(catalogue), nn.device("cuda"):
        for batch in (128, 4096):
            model, some = keras_like(TEXTBOOK), slice(batch + len(images) % batch)  # a whole batch, and the last one
            model.fit(images[some], labels[some], batch_size=batch, epochs=3, rng=0, verbose=0)
        model.evaluate(images[:10_000], labels[:10_000], verbose=0)
        for size in (512, 2048):
            nn.dot(nn.zeros((size, size)), nn.zeros((size, size)))
        if not os.environ.get("FEW"):  # a rehearsal has no time for all of them
            for check in gpu_checks.all_of_them(catalogue, 1):
                gpu_checks.on_device(check)
    compiled = sum(compile_ahead(catalogue.threads, CAPABILITY, config.num_threads))
    print(f"{len(catalogue.threads)} kernels, {compiled} of them compiled with NumPy {np.__version__}")


def prepare(environment, wheels):
    """Make an environment over what is installed, with those of the wheels that are missing; nothing is downloaded.

    What is installed may itself be an environment, which Python's own way to make one over another does not see.
    """
    environment, wheels = Path(environment), Path(wheels)
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=False)
    own = next(environment.glob("lib/python*/site-packages"))
    beneath = [folder for folder in (*site.getsitepackages(), site.getusersitepackages()) if Path(folder).is_dir()]
    (own / "beneath.pth").write_text("".join(f"import site; site.addsitedir({one!r})\n" for one in beneath))
    _link_libraries(own, beneath)
    found = sorted(wheels.glob("*.whl"))
    compiler = [_name(one) for one in COMPILER]
    lacking = {_name(one) for one in (*COMPILER, *TESTS) if not _is_there(_name(one))}
    if lacking & set(compiler):
        lacking |= set(compiler)
    for wheel in found:
        if _name(wheel.name.split("-")[0]) in lacking:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(own)
            print(f"laid out: {wheel.name}", flush=True)


def _link_libraries(own, beneath):
    """Let NVIDIA's libraries in packages (NVRTC, NVVM, ...) be found: cuda-pathfinder looks in this environment."""
    for folder in beneath:
        for one in Path(folder).glob("nvidia/*/"):
            target = own / "nvidia" / one.name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                target.symlink_to(one.resolve(), target_is_directory=True)


def _is_there(name):
    """Whether a package is installed that is new enough, as far as that is known."""
    sys.path.insert(0, str(ROOT))
    from numbanet.backends.cuda.devices import LOWEST

    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    lowest = LOWEST.get(name, (0,))
    return tuple(map(int, re.findall(r"\d+", version)[: len(lowest)])) >= lowest


def _name(requirement):
    return re.match(r"[\w-]+", requirement)[0].lower().replace("_", "-")


def _size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    {"pack": pack, "compile": compile_kernels, "prepare": prepare}[sys.argv[1]](*sys.argv[2:])
