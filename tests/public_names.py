"""`numbanet/public.py`, the names of public operations, so that `dir(numbanet)` imports nothing."""

from pathlib import Path

import numbanet
from numbanet.core.table import TABLE

PATH = Path(numbanet.__file__).parent / "public.py"
HEAD = '"""The names of the public operations, written from the table by `make generated`."""\n\n'


def text():
    """The file, as it should be."""
    numbanet.asarray  # noqa: B018  (fills the table)
    names = [f'    "{name}",' for name in sorted(TABLE) if name not in numbanet._INTERNAL]
    return HEAD + "\n".join(["OPS = (", *names, ")", ""])
