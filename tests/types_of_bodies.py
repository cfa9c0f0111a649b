"""The `.pxd` files of elementwise bodies, from the declarations of their ops: which dtypes an op gives to its body.

A body that an elementwise op declares needs no types of its own: its operands are rows, and the op says which dtypes
they have. All other bodies have a `.pxd` that is written by hand, since their operands have any number of dimensions.
`make generated` writes these files, since an extension is built where numbanet cannot be imported.
"""

import copy
from importlib import import_module

import numpy as np

import numbanet as nn
from numbanet.backends.cython import generate
from numbanet.core.dtypes import BOOL
from numbanet.core.table import TABLE
from numbanet.errors import DTypeError
from numbanet.ops.forward import LOGICAL, SELECTION

nn.ops  # noqa: B018  (fills the table)
CODES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
HEAD = "# Types of {module}, written by `make generated` from the declarations of its ops.\n"
LINE = "cdef void {name}({operands}, size_t start, size_t stop) noexcept nogil\n"


class Noting:
    """Stands in for the kernel of an op, and notes the dtypes that it would be launched with."""

    def __init__(self, body, found):
        self.body, self.found = body, found

    def map(self, out, *inputs):
        self.found.setdefault(self.body, set()).add((*[x.dtype.str[1:] for x in inputs], out.dtype.str[1:]))


def dtypes_of(op):
    """From the bodies of an elementwise op to the dtypes, of operands and result, that it calls them with."""
    found: dict = {}
    forward = copy.copy(op.forward)
    forward.kernel, forward.integer_kernel = (
        Noting(kernel.function, found) for kernel in (op.forward.kernel, op.forward.integer_kernel)
    )
    count = op.forward.kernel.function.__code__.co_argcount - 3
    for code in CODES:
        dtypes = [BOOL if forward.rule == SELECTION and i == 0 else np.dtype(code) for i in range(count)]
        try:
            forward(*[np.ones((2, 2), dtype).T for dtype in dtypes])  # contiguous arrays would be launched directly
        except DTypeError:
            continue
    return found


def fused_type(codes, logical=False):
    """The type of `common.pxd` that has just these dtypes; `source` and `truth` are for what is only looked at."""
    if codes == {"b1"}:
        return "truth"
    fused = generate.fused_types()
    names = [name for name, kinds in fused.items() if {generate.CODES[kind] for kind in kinds} == codes]
    names = [name for name in names if (name == "source") == (logical and "b1" in codes)]
    if not names:
        raise ValueError(f"no fused type in common.pxd has the dtypes {sorted(codes)}")
    return names[0]


def declaration(body, dtypes, logical):
    """The line of a body in a `.pxd`."""
    *inputs, out = zip(*dtypes, strict=True)
    names = body.__code__.co_varnames[: len(inputs)]
    kinds = [fused_type(set(codes), logical) for codes in inputs]
    result = "boolean" if set(out) == {"b1"} else fused_type(set(out))
    operands = [f"const {kind}[::1] {name}" for kind, name in zip(kinds, names, strict=True)]
    return LINE.format(name=body.__name__, operands=", ".join([*operands, f"{result}[::1] out"]))


def texts():
    """From paths of `.pxd` files to what they should be."""
    found: dict = {}
    for op in TABLE.values():
        if hasattr(op.forward, "kernel"):
            for body, dtypes in dtypes_of(op).items():
                if not body.__module__.startswith("numbanet.loops."):
                    continue  # an op that somebody declared elsewhere, whose body is compiled when it is used
                known, _ = found.setdefault(body, (set(), op.forward.rule == LOGICAL))
                known |= dtypes  # two ops may share a body
    modules: dict = {}
    for body, (dtypes, logical) in found.items():
        modules.setdefault(body.__module__, {})[body.__name__] = declaration(body, dtypes, logical)
    return {generate.HERE / f"{name.rpartition('.')[2]}.pxd": in_order(name, lines) for name, lines in modules.items()}


def in_order(module, lines):
    """The text of a `.pxd`, its lines in the order of the bodies."""
    names = [name for name in vars(import_module(module)) if name in lines]
    return HEAD.format(module=module) + "".join(lines[name] for name in names)
