"""The compiled extension of numbanet; pyproject.toml has everything else.

It is optional. What keeps it from being built is told in one line, which `numbanet info` repeats, and the package is
installed without it. Environment variables:

| variable | meaning |
|---|---|
| `NUMBANET_AOT` | `require`: an extension that cannot be built is an error; `0`: none is built |
| `NUMBANET_AOT_FLAGS` | more flags for the compiler and the linker, `-fsanitize=address` for example |
| `CC` | the C compiler |
| `NUMBANET_PROGRESS` | a file for a line on how far the build is, which `.ci/patiently.py` shows |
"""

import os
import shlex
import shutil
import sys
import sysconfig
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

AOT = Path("numbanet", "backends", "cython")
NOTE = "not_built.txt"
"""The file in the installed package that says why there is no extension."""

WANTED = os.environ.get("NUMBANET_AOT") or "1"
if WANTED not in ("0", "1", "require"):
    sys.exit(f"NUMBANET_AOT must be 0, 1 or require, got {WANTED!r}")


def what_is_missing():
    """Why no extension can be built here, as far as a quick look tells; None if nothing is missing."""
    if WANTED == "0":
        return "NUMBANET_AOT=0 was set"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if sys.platform != "win32" and shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    header = Path(sysconfig.get_path("include"), "Python.h")
    if not header.exists():
        return f"there is no {header}: the headers of Python are a package of their own on some systems"
    return None if find_spec("Cython") else "there is no Cython"


def load_generator():
    """`generate.py` by its path: importing the package would need NumPy."""
    spec = spec_from_file_location("numbanet_generate", AOT / "generate.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Build(build):
    """Runs `build_ext` also where there is nothing to compile: it writes down why."""

    sub_commands = [("build_py", None), ("build_ext", None)]  # noqa: RUF012  (as in setuptools)


class BuildExtension(build_ext):
    """Generates and compiles the modules of the extension, as many as can be."""

    def run(self):
        self.problems = []
        self.parallel = self.parallel or 2
        self.home = Path("" if self.editable_mode or self.inplace else self.build_lib) / AOT
        for old in self.home.glob(f"_*{sysconfig.get_config_var('EXT_SUFFIX')}"):
            old.unlink()  # of older sources: it must not outlive a build that fails
        reason = what_is_missing()
        if reason is None:
            try:
                self._generate()
                super().run()
            except Exception as error:
                self._note("", error)
                self.extensions = []
            reason = "; ".join(self.problems)
        if reason and WANTED == "require":
            sys.exit(f"NUMBANET_AOT=require, but the compiled extension cannot be built: {reason}")
        self._write_down(reason)

    def _tell(self, what):
        if os.environ.get("NUMBANET_PROGRESS"):
            Path(os.environ["NUMBANET_PROGRESS"]).write_text(what, encoding="utf-8")

    def _generate(self):
        """Write the C sources of the modules, and take over what the generator says of each."""
        self._tell("Cython translates the loops to C")
        flags = shlex.split(os.environ.get("NUMBANET_AOT_FLAGS", ""))
        modules = {one[0]: one[1:] for one in load_generator().modules(Path(self.build_temp, "aot").absolute())}
        self.extensions = [one for one in self.extensions if one.name in modules]
        for extension in self.extensions:
            sources, arguments, include = modules[extension.name]
            extension.sources = [str(path) for path in sources]
            extension.include_dirs = [str(path) for path in include]
            extension.extra_compile_args, extension.extra_link_args = [*arguments, *flags], flags

    def _note(self, what, error):
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, CompileError | LinkError):
            text = "the C compiler failed, pip install --verbose shows its messages"
        self.problems.append(" ".join(f"{what}{text}".split()))

    def get_source_files(self):
        return []  # they are generated; MANIFEST.in has the files that they are generated from

    def build_extensions(self):
        self.compiled = 0
        self._tell(f"the C compiler has made 0 of {len(self.extensions)} modules")
        super().build_extensions()
        self.extensions = [one for one in self.extensions if Path(self.get_ext_fullpath(one.name)).exists()]

    def build_extension(self, ext):
        try:
            super().build_extension(ext)
        except Exception as error:  # the others may do: an old compiler does not know new processors
            self._note(f"{ext.name.rpartition('.')[2]}: ", error)
        self.compiled += 1
        self._tell(f"the C compiler has made {self.compiled} of {len(self.extensions)} modules")

    def _write_down(self, reason):
        note = self.home / NOTE
        note.unlink(missing_ok=True)
        if reason:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(reason + "\n", encoding="utf-8")
            if WANTED != "0":
                print(f"numbanet is installed without its compiled extension, or without part of it: {reason}",
                      file=sys.stderr)  # fmt: skip


def declared():
    """The modules, without sources yet: `build_ext` generates those. Without a module, wheels are for all platforms."""
    if what_is_missing():
        return []
    generator = load_generator()
    names = [f"_{name}" for name in (*generator.ALONE, *generator.variants())]
    return [Extension(".".join([*AOT.parts, name]), []) for name in names]


setup(ext_modules=declared(), cmdclass={"build": Build, "build_ext": BuildExtension})
