"""First seconds: what a new process costs, with kernels cached and without."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .common import BACKENDS

CODE = {
    "import numpy": "import numpy",
    "import numbanet": "import numpy, numbanet",
    "first add": "import numbanet as nn; nn.add([1.0], [2.0])",
    "first dot": "import numbanet as nn; nn.dot([[1.0]], [[2.0]])",
    "first fit": (
        "import numpy as np, numbanet as nn; model = nn.Sequential([nn.layers.Dense(4, 'relu'), nn.layers.Dense(1)]); "
        "model.compile('sgd', 'mse'); model.fit(np.ones((8, 3)), np.ones(8), verbose=0)"
    ),
    "numbanet --help": "from numbanet.cli import main; main(['--help'])",
}


def run(code, library, cache=None):
    """Run code in a new process."""
    environment = dict(os.environ, NUMBANET_BACKEND=BACKENDS[library])
    if cache:
        environment["NUMBANET_CACHE_DIR"] = cache
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, check=True)


class Process:
    """A process from its start to its end, kernels cached."""

    params = ([*BACKENDS], [*CODE])
    param_names = ("library", "code")
    rounds, repeat, number, warmup_time = 1, (3, 5, 5.0), 1, 0

    def setup(self, library, code):
        """Fill the cache."""
        run(CODE[code], library)

    def time_process(self, library, code):
        """Time it."""
        run(CODE[code], library)


class EmptyCache:
    """The same where nothing is cached: every kernel is compiled."""

    params = ([*BACKENDS], ["first add", "first dot", "first fit"])
    param_names = ("library", "code")
    rounds, repeat, number, warmup_time = 1, (1, 3, 10.0), 1, 0

    def time_process(self, library, code):
        """Time it."""
        with tempfile.TemporaryDirectory() as cache:
            run(CODE[code], library, cache)

    def track_kernels_compiled(self, library, code):
        """Count what it compiled."""
        with tempfile.TemporaryDirectory() as cache:
            run(CODE[code], library, cache)
            return sum(path.is_file() for path in Path(cache).rglob("*"))

    track_kernels_compiled.unit = "kernels"


class TrainFromTheShell:
    """`numbanet train mnist`: five epochs of the textbook's network, from the shell's point of view."""

    params = ([*BACKENDS],)
    param_names = ("library",)
    rounds, repeat, number, warmup_time, timeout = 1, (2, 3, 10.0), 1, 0, 180
    code = "from numbanet.cli import main; main(['train', 'mnist'])"

    def setup(self, library):
        """Fill the cache."""
        run("from numbanet.cli import main; main(['train', 'mnist', '--epochs', '1'])", library)

    def time_process(self, library):
        """Time it."""
        run(self.code, library)
