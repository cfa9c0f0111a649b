"""Runs scripts with a CUDA driver that computes nothing, so that what talks to the driver is tested without a GPU."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
BEFORE = "import os, sys, threading\nimport numpy as np, numbanet as nn\nfrom numbanet.errors import DeviceError\n"


def why_not():
    """The reason if scripts cannot be run so here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "libcuda.so.1 is the driver of Linux"
    if shutil.which("gcc") is None:
        return "there is no gcc, which compiles the driver that computes nothing"
    if find_spec("numba_cuda") is None:
        return "numba-cuda is not installed"
    return ""


class Stub:
    """The driver in a folder, and a cache of kernels that all scripts share."""

    def __init__(self, folder):
        self.folder, self.runs = folder, 0
        library = folder / "libcuda.so.1"
        command = ["gcc", "-Wall", "-Werror", "-Wno-unused-variable", "-shared", "-fPIC", SOURCE, "-o", library]
        subprocess.run([*command, "-ldl", "-Wl,-soname,libcuda.so.1"], check=True)

    def environment(self, **settings):
        """The environment of a process that finds this driver and no other."""
        clean = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
        own = {"LD_LIBRARY_PATH": str(self.folder), "NUMBANET_CACHE_DIR": str(self.folder / "cache")}
        return clean | own | {"PYTHONPATH": os.pathsep.join(sys.path)} | settings

    def run(self, script, **settings):
        """What a script printed, line by line, and the calls of the driver that it made: pairs of name and rest."""
        self.runs += 1
        log = self.folder / f"calls{self.runs}"
        log.write_text("")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", BEFORE + script], capture_output=True, text=True, timeout=300,
            env=self.environment(STUB_LOG=str(log), **settings),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not done.stderr, done.stderr
        calls = [tuple(line.split(" ", 1)) for line in log.read_text().splitlines()]
        wrong = [call for call in calls if re.search("IN ANOTHER|WITHOUT A CONTEXT|NOT TAKEN", " ".join(call))]
        assert not wrong, wrong
        return done.stdout.splitlines(), calls


@pytest.fixture(scope="session")
def stub(tmp_path_factory):
    """The driver that computes nothing."""
    if why_not():
        pytest.skip(why_not())
    return Stub(tmp_path_factory.mktemp("stub"))
