"""Object code in memory, linked and made callable by LLVM, through llvmlite alone: no Numba is needed to run a kernel.

LLVM's newer linker (ORC) is used since it reports what is missing as an error, where the older one (MCJIT) ends the
process. Loading a kernel takes 0.2 ms.
"""

import ctypes
import itertools
import sys
import threading

from llvmlite import binding

from numbanet.backends.native.direct import C_API

ENTRY, DIRECT = "kernel", "direct"
"""The names of the functions in every object file; see `entries`."""

_functions = {name: getattr(ctypes.pythonapi, name) for name in C_API}
if sys.platform == "win32":
    _functions["numbanet_yield"] = ctypes.windll.kernel32.SwitchToThread
    _functions["numbanet_milliseconds"] = ctypes.windll.kernel32.GetTickCount64
IMPORTS = {name: ctypes.cast(function, ctypes.c_void_p).value for name, function in _functions.items()}
"""What kernels may call besides the C library, by name."""

binding.initialize_native_target()
binding.initialize_native_asmprinter()

_lock = threading.Lock()
_numbers = itertools.count()
_loaded: list = []  # what is linked lives as long as the process


def load(code):
    """The addresses of `kernel` and `direct` in an object file.

    Parameters
    ----------
    code : bytes

    Raises
    ------
    RuntimeError
        When it is not object code for this machine, or needs what this process does not have.
    """
    with _lock:
        if not _loaded:
            machine = binding.Target.from_triple(binding.get_process_triple()).create_target_machine(jit=True)
            _loaded.append(binding.create_lljit_compiler(machine, use_jit_link=True, suppress_errors=True))
        builder = (
            binding.JITLibraryBuilder()
            .add_object_img(code)
            .export_symbol(ENTRY)
            .export_symbol(DIRECT)
            .add_current_process()
        )
        for name, address in IMPORTS.items():
            builder.import_symbol(name, address)
        _loaded.append(builder.link(_loaded[0], f"kernel{next(_numbers)}"))
        return _loaded[-1][ENTRY], _loaded[-1][DIRECT]
