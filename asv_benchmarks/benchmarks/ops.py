"""Every operation of the table, eagerly, with the same one of other libraries: one class for each, by its name."""

from numbanet.table import TABLE

from .common import OURS, Timed
from .inputs import arguments
from .peers import PEERS, call_of


class _Operation(Timed):
    """One operation; its name is that of the class, so that results keep their names when the table grows."""

    params = ([*OURS, *PEERS], [1_000, 65_536], ["float32", "float64"])
    param_names = ("library", "size", "dtype")

    def make(self, library, size, dtype):
        op = TABLE[type(self).__name__]
        return call_of(library, op, *arguments(op, size, dtype))


globals().update({name: type(name, (_Operation,), {"__module__": __name__}) for name in TABLE})
