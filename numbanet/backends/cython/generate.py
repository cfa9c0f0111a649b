"""Writes what Cython compiles: the bodies, their types, and a C function with the launch signature for every dtype.

Of a module of bodies, the functions are taken as they stand; imports and decorators go, since the `.pxd` says what a
name means in C, where `np.exp` is `exp`. Bodies are called `<module>_<name>`, helpers keep their names. For every body
and every dtype that its types allow there is an entry:

    void add_float(const uintptr_t *block, size_t start, size_t stop)

It makes memoryviews of the words of the block and calls the body. Arrays have up to seven dimensions. `kernels()` of
the compiled module returns the addresses of all entries by the body's name and a word for each operand: `f4C1` for a
contiguous row of float32, `i8A2` for a matrix of int64 with any strides, `d` and `i` for a floating-point number and an
integer.

This runs where a wheel is built: it needs no NumPy and no Numba.
"""

import ast
import itertools
import re
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1]
DRIVERS = (
    "windows", "assign", "panels", "zeros", "tiled", "blocks", "lines", "chunks", "replay", "repeat", "teams",
    "touched", "convolutions", "kernel_gradients", "attention_passes", "attention_blocks",
)  # fmt: skip
PACKAGES = {
    "loops": sorted(path.stem for path in (PACKAGE / "loops").glob("[!_]*.py")),
    "backends/native/drivers": DRIVERS,
    "backends/native": ("pools", "rows", "sparse_rows", "recurrent_rows"),
}
MODULES = {name: PACKAGE / package / f"{name}.py" for package, names in PACKAGES.items() for name in names}

CODES = {
    "boolean": "b1", "int8_t": "i1", "int16_t": "i2", "int32_t": "i4", "int64_t": "i8", "uint8_t": "u1",
    "uint16_t": "u2", "uint32_t": "u4", "uint64_t": "u8", "float": "f4", "double": "f8",
    "truth": "b1", "any_float": "f4", "any_double": "f8",
}  # fmt: skip
"""C's names of dtypes, and NumPy's."""

DIRECTIVES = {
    "boundscheck": False, "wraparound": False, "cdivision": True, "cpow": True,
    "infer_types": True, "initializedcheck": False,
}  # fmt: skip
"""How Cython reads the bodies: as the Numba backend does, with C's rules for what Python would check."""

_GNU = ["-O3", "-g0", "-fwrapv", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
_GNU_VARIANTS = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"],
}
_MSVC_VARIANTS = {"baseline": [], "avx2": ["/arch:AVX2"], "avx512": ["/arch:AVX512"]}

IN_C = {
    f"{module}.{name} {words}": f"{name}_{kind}"
    for module, name, operands in (
        ("reduce", "sum_rows", "{0}C2 {0}C1"),
        ("optimizers", "sum_of_squares", "{0}C2 f8C1"),
        ("dot", "matrix_vector_dot", "{0}C2 {0}C1 {0}C1"),
        ("normalization", "row_moments", "{0}C2 i d {0}C2"),
        ("normalization", "row_slopes", "{0}C2 {0}C2 {0}C1 {0}C2 i {0}C2"),
    )
    for kind, words in (("float", operands.format("f4")), ("double", operands.format("f8")))
}
"""Entries that `sums.h` has, in place of those that C must not re-order."""

MOST_DIMENSIONS = 7
"""Of an array in Cython, which takes fewer than its Options.buffer_max_dims."""

ALONE = {"host": HERE / "host.c", "calls": HERE / "calls" / "calls.c"}
"""Modules that are written in C, for all processors."""

_DECLARATION = re.compile(r"^cdef void (\w+)\((.*), size_t start, size_t stop\) noexcept nogil$", re.MULTILINE)
_OF_NUMPY = re.compile(r"\bnp\.(?=[a-z])")
_OPERAND = re.compile(r"(?:const )?(\w+)(\[[^]]*\])? (\w+)")


class Operand(NamedTuple):
    """A parameter of a body: its type or fused type, its dimensions (0 for a number), and whether it is contiguous."""

    kind: str
    ndim: int
    contiguous: bool
    name: str

    def words(self):
        """How many words of the block it takes."""
        return 1 if not self.ndim else 1 + self.ndim * (1 if self.contiguous else 2)

    def layout(self):
        return f"{'C' if self.contiguous else 'A'}{self.ndim}"


class Body(NamedTuple):
    """A range body as its `.pxd` declares it."""

    module: str
    name: str
    operands: list[Operand]


def declared(module, folder=HERE):
    """The bodies in the `.pxd` of a module."""
    found = []
    for name, parameters in _DECLARATION.findall((folder / f"{module}.pxd").read_text("utf-8")):
        operands = []
        for kind, brackets, own in _OPERAND.findall(parameters):
            ndim = brackets.count(":") - brackets.count("::1") if brackets else 0
            if ndim > MOST_DIMENSIONS:
                raise ValueError(f"{module}.pxd: {own} of {name} has {ndim} dimensions, of {MOST_DIMENSIONS} at most")
            operands.append(Operand(kind, ndim, brackets.endswith("::1]"), own))
        found.append(Body(module, name, operands))
    return found


def fused_types():
    """The members of each fused type."""
    text = (HERE / "common.pxd").read_text("utf-8")
    blocks = re.findall(r"^ctypedef fused (\w+):\n((?:    \w+\n)+)", text, re.MULTILINE)
    return {name: members.split() for name, members in blocks}


def bodies(path, prefix):
    """The functions of a module, without decorators; range bodies get a prefix."""
    source = path.read_text("utf-8")
    lines, parts = source.splitlines(), []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if [argument.arg for argument in node.args.args[-2:]] == ["start", "stop"]:
                text = text.replace(f"def {node.name}(", f"def {prefix}_{node.name}(", 1)
            parts.append(_OF_NUMPY.sub("", text))
    return "\n\n\n".join(parts) + "\n"


def constants(path):
    """Declarations of the integers that a module gives names to; `uint64` makes one unsigned."""
    found = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = zip(target.elts, value.elts, strict=True) if isinstance(target, ast.Tuple) else [(target, value)]
            for name, number in pairs:
                unsigned = isinstance(number, ast.Call)
                literal = ast.literal_eval(number.args[0] if unsigned else number)
                found.append(f'    {"u" * unsigned}int64_t {name.id} "{literal}{"U" * unsigned}LL"')
    return "\n".join(["cdef extern from *:", *found]) + "\n" if found else ""


def types(module, folder=HERE):
    """The `.pxd` of a module, its range bodies with a prefix."""
    text = (folder / f"{module}.pxd").read_text("utf-8")
    return _DECLARATION.sub(lambda found: found[0].replace(f" {found[1]}(", f" {module}_{found[1]}(", 1), text)


def entries(body, fused):
    """For every choice of dtypes: the key of the entry, its name in C and its code."""
    generic = list(dict.fromkeys(operand.kind for operand in body.operands if operand.kind in fused))
    for choice in itertools.product(*(fused[name] for name in generic)):
        chosen = dict(zip(generic, choice, strict=True))
        position, key, values = 0, [f"{body.module}.{body.name}"], []
        for operand in body.operands:
            kind = chosen.get(operand.kind, operand.kind)
            if operand.ndim:
                key.append(CODES[kind] + operand.layout())
                values.append(f"{operand.layout()}_{kind}(block + {position})")
            elif kind in ("float", "double"):
                key.append("d")
                values.append(f"<{kind}> numbanet_number(block[{position}])")
            else:
                key.append("i")
                values.append(f"<{kind}> block[{position}]")
            position += operand.words()
        name = "_".join(["entry", body.module, body.name, *choice])
        index = f"[{', '.join(choice)}]" if choice else ""
        call = f"{body.module}_{body.name}{index}({', '.join(values)}, start, stop)"
        yield " ".join(key), name, f"cdef inline void {name}({_BLOCK}) noexcept nogil:\n    {call}\n"


_BLOCK = "const uintptr_t *block, size_t start, size_t stop"


def slices(layouts):
    """Macros that make memoryviews, and their declarations, for every dtype and these layouts."""
    pairs = list(itertools.product(sorted(layouts), CODES))
    macros = [f"    #define {layout}_{kind}(b) {_slice(layout, kind)}" for layout, kind in pairs]
    views = [f"    {kind}[{_brackets(layout)}] {layout}_{kind}(const uintptr_t *)" for layout, kind in pairs]
    declaration = '\ncdef extern from "slices.h" nogil:\n    double numbanet_number(uintptr_t) noexcept\n'
    return "\n".join(['cdef extern from * nogil:\n    """', *macros, '    """', *views]) + "\n" + declaration


def _slice(layout, kind):
    """A memoryview in C: of an array at (b)[0], whose sizes follow, and its strides unless it is contiguous."""
    ndim = int(layout[1:])
    sizes = [f"(Py_ssize_t)(b)[{1 + d}]" for d in range(ndim)]
    if layout.startswith("C"):
        strides = [" * ".join([*sizes[d + 1 :], f"(Py_ssize_t)sizeof({kind})"]) for d in range(ndim)]
    else:
        strides = [f"(Py_ssize_t)(b)[{1 + ndim + d}]" for d in range(ndim)]
    fields = [f"{{{', '.join(numbers)}}}" for numbers in (sizes, strides, ["-1"] * ndim)]
    return f"(NUMBANET_SLICE(b)[0], {', '.join(fields)}}})"


def _brackets(layout):
    """What stands in the brackets of a type of this layout."""
    ndim = int(layout[1:])
    return ", ".join([":"] * (ndim - 1) + ["::1"]) if layout.startswith("C") else ", ".join([":"] * ndim)


def functions_in_c():
    """Declarations of the entries that are written in C."""
    names = [f"    void {name}({_BLOCK}) noexcept" for name in IN_C.values()]
    return "\n".join(['cdef extern from "sums.h" nogil:', *names]) + "\n"


def write(folder, name, modules=MODULES, types_in=HERE):
    """Write `<name>.py` and `<name>.pxd` into a folder, from bodies and their types; returns the path of the former."""
    fused, table, code, layouts = fused_types(), [], [], set()
    for body in itertools.chain.from_iterable(declared(module, types_in) for module in modules):
        layouts |= {operand.layout() for operand in body.operands if operand.ndim}
        for key, entry, text in entries(body, fused):
            table.append(f'        "{key}": <uintptr_t> &{IN_C.get(key, entry)},')
            code.append(text)
    collected = "\n".join(["cdef inline dict collected():", "    return {", *table, "    }"])
    shared = [(HERE / f"{name}.pxd").read_text("utf-8") for name in ("common", "primitives")]
    numbers = map(constants, (PACKAGE / "kernels" / "words.py", *modules.values()))
    names = [types(module, types_in) for module in modules]
    parts = [*shared, slices(layouts), functions_in_c(), *numbers, *names, *code, collected]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.pxd").write_text("\n".join(parts) + "\n", "utf-8")
    sources = [bodies(path, module) for module, path in modules.items()]
    path = folder / f"{name}.py"
    ends = [_FOR_PYTHON, f"STANDS_FOR = {stands_for()}\n", f'SOURCES = "{_from_numbanet("sources").digest()}"\n']
    path.write_text("\n\n".join([*sources, *ends]), "utf-8")
    return path


def stands_for():
    """Return the naive body that each body of `backends.native` runs in place of."""
    substitutes = _from_numbanet("c_functions").substitutes
    tables = {
        "pools": substitutes.POOLS,
        "rows": substitutes.ROWS,
        "sparse_rows": substitutes.SPARSE_ROWS,
        "recurrent_rows": substitutes.RECURRENT_ROWS,
    }
    return {f"{module}.{name.partition('.')[2]}": name for module, names in tables.items() for name in names}


_FOR_PYTHON = """
def kernels():
    found = collected() | tiles() | vectorised()
    always, fused = "pools.", ("rows.", "sparse_rows.", "recurrent_rows.")
    for key in [key for key in found if key.startswith((always, *fused) if vectorised() else always)]:
        body, _, operands = key.partition(" ")
        found[f"{STANDS_FOR[body]} {operands}"] = found[key]
    return found


def direct(name, address, letters):
    return numbanet_make_direct(name, address, letters)


def registers():
    return VECTOR_BYTES, MANY_REGISTERS, HAS_MASKS
"""


def variants():
    """The variants to build for this platform, and the compiler's options of each."""
    platform = sysconfig.get_platform()
    wide = platform.endswith(("x86_64", "amd64"))
    names = ("baseline", "avx2", "avx512") if wide else ("baseline",)
    if sys.platform == "win32":
        return {name: ["/O2", "/fp:precise", "/std:c11", *_MSVC_VARIANTS[name]] for name in names}
    return {name: [*_GNU, *_GNU_VARIANTS[name]] for name in names}


def modules(folder):
    """Write the sources of all extension modules.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.

    Returns
    -------
    list of (str, list of str, list of str, list of str)
        The full name of a module, its sources, the compiler's options and the folders of headers.
    """
    headers = [str(HERE), str(folder)]
    found = [(f"numbanet.backends.cython._{name}", [str(path)], [], headers) for name, path in ALONE.items()]
    sources = f'#define CALLS_SOURCES "{_from_numbanet("sources").digest_of_calls()}"\n'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calls_sources.h").write_text(sources, "utf-8")
    source = translate(write(folder, "_kernels"))
    (folder / "functions.h").write_text(_from_numbanet("c_functions").header(), "utf-8")
    for name, options in variants().items():
        renamed = folder / f"_{name}.c"  # the same C under another name: Cython takes 6 s for it
        renamed.write_text(f'#define PyInit__kernels PyInit__{name}\n#include "{source.name}"\n', "utf-8")
        found.append((f"numbanet.backends.cython._{name}", [str(renamed)], options, headers))
    return found


def _from_numbanet(name):
    """A module beside this one, which itself is run by its path where a wheel is built; it needs nothing foreign."""
    sys.path.insert(0, str(HERE.parents[2]))
    try:
        return import_module(f"numbanet.backends.cython.{name}")
    finally:
        sys.path.pop(0)


def translate(path):
    """Have Cython write the C of a module; returns its path."""
    from Cython.Compiler.Main import CompilationOptions, compile

    result = compile(
        str(path), CompilationOptions(language_level=3, compiler_directives=DIRECTIVES, include_path=[str(path.parent)])
    )
    if result.num_errors:
        raise RuntimeError(f"Cython found {result.num_errors} errors in {path}")
    return path.with_suffix(".c")
