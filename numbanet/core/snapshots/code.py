"""What functions take from around them: defaults, closures, and the globals that their code names."""

import dis
import functools
import sys
import sysconfig
import types

_OURS = ("numbanet", "numpy", "numba", "llvmlite")
_STANDARD = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_WITH_OWNER = (types.BuiltinMethodType, types.MethodType)
"""What may have state in a module that is not walked into: `random.random` is a method of a hidden generator."""
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib")})


def is_foreign(module, file=None):
    """Whether code of this module, of numbanet, NumPy, Numba or the standard library, is not walked into."""
    return isinstance(module, str) and _is_foreign(module, file)


@functools.lru_cache(4096)
def _is_foreign(module, file):
    top = module.partition(".")[0]
    if top in _OURS:
        return True
    if top not in sys.stdlib_module_names:
        return False
    if file is None:  # a file of the user's may have the name of a standard module
        file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or file.startswith("<frozen"):
        return True
    return file.startswith(_STANDARD) and not file.startswith(_INSTALLED)


def function_parts(function):
    """(label, object) of what a function holds: defaults, attributes and closure."""
    names = function.__code__.co_freevars
    parts = [*zip(names, function.__closure__ or (), strict=True)]
    if function.__defaults__ or function.__kwdefaults__:
        parts += [(".__defaults__", function.__defaults__), (".__kwdefaults__", function.__kwdefaults__)]
    return [*parts, *[(f".{name}", value) for name, value in function.__dict__.items()]]


def visit_globals(walk, place, function):
    """Visit the globals that a function's code names; of modules, what it names in them."""
    names, attributes, imported = names_of(function.__code__)
    found, parts = function.__globals__, []
    for name in names:
        walk.emit((None, name), name in found)
        if name in found:
            value = found[name]
            if isinstance(value, types.ModuleType):
                parts += _of_module(name, value, attributes, set())
            else:
                parts.append((name, value))
    for name in imported:
        module = sys.modules.get(name)
        if module is not None:
            parts += _of_module(name, module, attributes, set())
    walk.visit_parts(None, parts)


def _of_module(label, module, attributes, seen):
    """(label, object) of what code with these attributes can name in a module and in its submodules."""
    if id(module) in seen:
        return []
    seen.add(id(module))
    foreign = is_foreign(module.__name__)
    parts = []
    for name in attributes:
        value = vars(module).get(name)
        if isinstance(value, types.ModuleType):
            parts += _of_module(f"{label}.{name}", value, attributes, seen)
        elif name in vars(module) and (not foreign or isinstance(value, _WITH_OWNER)):
            parts.append((f"{label}.{name}", value))
    return parts


@functools.lru_cache(4096)
def names_of(code):
    """(names of globals, names of attributes, modules that are imported) in a code object and those inside it."""
    names, attributes, imported = set(), set(), set()
    for instruction in dis.get_instructions(code):
        operation, name = instruction.opname, instruction.argval
        if operation in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME"):
            names.add(name)
        elif operation in ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "IMPORT_FROM", "LOAD_SUPER_ATTR"):
            attributes.add(name)
        elif operation == "IMPORT_NAME":
            imported.add(name)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = names_of(constant)
            names, attributes, imported = names | set(inner[0]), attributes | set(inner[1]), imported | set(inner[2])
    return sorted(names), sorted(attributes), sorted(imported)
