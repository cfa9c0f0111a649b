"""Every operation of the table, eagerly, with the same one of other libraries: one class for each, by its name."""

from .common import SMOKE, Timed, installed
from .inputs import arguments
from .internals import TABLE
from .peers import PEERS, call_of


class _Operation(Timed):
    """One operation; its name is that of the class, so that results keep their names when the table grows."""

    params = (installed(*PEERS), ["1000 float32", "65536 float32", "65536 float64"])
    param_names = ("library", "operands")

    def make(self, library, operands):
        """Return the call."""
        op, (size, dtype) = TABLE[type(self).__name__], operands.split()
        return call_of(library, op, *arguments(op, int(size), dtype))


globals().update({name: type(name, (_Operation,), {"__module__": __name__}) for name in TABLE})
if SMOKE:  # ratios are taken of the other benchmarks, by the same lines
    for _name in TABLE:
        globals()[_name].track_ratio = None
