"""Run a command that may take minutes without a word, and say what goes on: python .ci/patiently.py WHAT COMMAND...

`setup.py` writes how far the extension is into the file that NUMBANET_PROGRESS names.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVERY = 10
"""Seconds between two lines."""


def main(what, *command):
    """Print a line at once, and one more every ten seconds; return the command's exit status."""
    print(what, flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        progress = Path(folder, "progress")
        process = subprocess.Popen(command, env=dict(os.environ, NUMBANET_PROGRESS=str(progress)))
        while True:
            try:
                return process.wait(EVERY)
            except subprocess.TimeoutExpired:
                stage = progress.read_text("utf-8") if progress.exists() else "pip fetches and installs packages"
                print(f"  {time.monotonic() - begin:4.0f} s: {stage}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
