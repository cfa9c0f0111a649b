"""From PTX to machine code with compilers of several versions, and the cache of machine code: no GPU is needed."""

import platform
import sys

import pytest

from numbanet.errors import DeviceError

PTX = """
.version 9.5
.target sm_75
.address_size 64
.visible .entry nothing(.param .u64 x)
{
    ret;
}
"""


@pytest.fixture
def toolchain():
    """The module, which needs cuda.bindings."""
    pytest.importorskip("cuda.bindings", reason="numba-cuda and what it brings is not installed", exc_type=ImportError)
    from numbanet.backends.cuda import toolchain

    return toolchain


@pytest.fixture
def code(toolchain):
    """The module of the cache, with no cache opened."""
    from numbanet.backends.cuda import code

    code.cache.cache_clear()
    yield code
    code.cache.cache_clear()


@pytest.fixture
def assembler(toolchain):
    """The module, where nvJitLink is installed."""
    if toolchain.linker_version() is None:
        pytest.skip("nvJitLink is not installed")
    return toolchain


@pytest.mark.parametrize(
    ("cuda", "ptx"),
    [((12, 0), (8, 0)), ((12, 4), (8, 4)), ((12, 6), (8, 5)), ((12, 9), (8, 8)), ((13, 0), (9, 0)), ((13, 5), (9, 5))],
)
def test_the_newest_ptx_of_a_release(cuda, ptx, toolchain):
    assert toolchain.ptx_version(cuda) == ptx


def test_a_release_that_is_not_known_gets_ptx_as_it_is(toolchain):
    assert toolchain.ptx_version((14, 0)) is None
    assert toolchain.lowered(PTX, None) == PTX


@pytest.mark.parametrize(
    ("most", "stated"), [((9, 0), "9.0"), ((8, 8), "8.8"), ((9, 5), "9.5"), ((9, 10), "9.5"), ((10, 0), "9.5")]
)
def test_a_header_asks_for_no_more_than_can_be_read(most, stated, toolchain):
    assert toolchain.lowered(PTX, most) == PTX.replace("9.5", stated)
    assert toolchain.lowered("no header", most) == "no header"


def test_an_older_nvjitlink_is_given_a_lower_version(assembler, monkeypatch):
    given = []
    monkeypatch.setattr(assembler, "linker_version", lambda: (13, 0))
    monkeypatch.setattr(assembler, "_cubin_of", lambda ptx, capability: given.append(ptx) or b"machine code")
    assert assembler.image_of("nothing", PTX, (9, 0)) == b"machine code"
    assert given == [PTX.replace("9.5", "9.0")]


def test_machine_code_is_linked(assembler):
    image = assembler.image_of("nothing", PTX.replace("9.5", "7.0"), (9, 0))
    assert image.startswith(b"\x7fELF")
    assert b"nothing" in image


def test_what_cannot_be_assembled_is_told_in_a_sentence(assembler):
    with pytest.raises(DeviceError) as raised:
        assembler.image_of("some_kernel", PTX.replace("9.5", "7.0").replace("ret;", "return;"), (9, 0))
    told = str(raised.value)
    for part in ("some_kernel", "compute capability 9.0", "PTX 7.0", "nvJitLink", "nvidia-nvvm", "line 7"):
        assert part in told
    assert "\n" not in told


def test_without_nvjitlink_ptx_is_for_the_driver(toolchain, monkeypatch):
    monkeypatch.setattr(toolchain, "linker_version", lambda: None)
    monkeypatch.setattr(toolchain, "driver_version", lambda: (13, 0))
    assert toolchain.image_of("nothing", PTX, (9, 0)) == PTX.replace("9.5", "9.0").encode() + b"\0"


class TestToolkit:
    """Where NVVM is looked for when nobody says where the toolkit is."""

    def toolkit(self, folder):
        (folder / "nvvm" / "lib64").mkdir(parents=True)
        (folder / "nvvm" / "lib64" / "libnvvm.so.4").write_text("")
        (folder / "bin").mkdir()
        compiler = folder / "bin" / "nvcc"
        compiler.write_text("#!/bin/sh\n")
        compiler.chmod(0o755)
        return str(folder)

    def test_that_of_the_compiler_on_the_path(self, toolchain, tmp_path):
        root = self.toolkit(tmp_path / "cuda-13.0")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "nvcc").symlink_to(f"{root}/bin/nvcc")
        assert toolchain.toolkit_root({"PATH": f"{tmp_path}/bin"}, ()) == root

    def test_one_of_the_usual_folders(self, toolchain, tmp_path):
        root = self.toolkit(tmp_path / "cuda")
        assert toolchain.toolkit_root({"PATH": ""}, (tmp_path / "none", root)) == root
        assert toolchain.toolkit_root({"PATH": ""}, (tmp_path / "none",)) is None
        (tmp_path / "cuda" / "nvvm" / "lib64" / "libnvvm.so.4").unlink()
        assert toolchain.toolkit_root({"PATH": ""}, (root,)) is None, "a toolkit without NVVM is no help"

    @pytest.mark.parametrize("name", ["CUDA_HOME", "CUDA_PATH"])
    def test_the_one_that_is_named(self, name, toolchain, tmp_path):
        root = self.toolkit(tmp_path / "cuda")
        assert toolchain.toolkit_root({name: "/somewhere", "PATH": ""}, (root,)) is None

    def test_it_is_named_in_the_block_alone(self, toolchain, tmp_path, monkeypatch):
        import os

        monkeypatch.delenv("CUDA_HOME", raising=False)
        monkeypatch.setattr(toolchain, "toolkit_root", lambda: str(tmp_path))
        with toolchain.toolkit_named():
            assert os.environ["CUDA_HOME"] == str(tmp_path)
        assert "CUDA_HOME" not in os.environ


class TestCache:
    def test_it_depends_on_what_compiles(self, code, toolchain, monkeypatch):
        known = {code.cache().fingerprint}
        for name, value in (("nvvm_version", lambda: "99.0"), ("linker_version", lambda: (99, 0))):
            monkeypatch.setattr(toolchain, name, value)
            code.cache.cache_clear()
            known.add(code.cache().fingerprint)
        monkeypatch.setattr(code, "_version", lambda name: "9.9")
        code.cache.cache_clear()
        known.add(code.cache().fingerprint)
        assert len(known) == 4

    def test_without_nvjitlink_it_depends_on_the_driver(self, code, toolchain, monkeypatch):
        monkeypatch.setattr(toolchain, "linker_version", lambda: None)
        monkeypatch.setattr(toolchain, "driver_version", lambda: (13, 0))
        assert code.versions()["driver"] == (13, 0)

    def test_it_does_not_depend_on_the_patch_version_of_python(self, code):
        assert code.versions()["python"] == sys.version_info[:2]
        assert platform.python_version() not in code.cache().fingerprint

    def test_what_another_machine_compiled_is_found_if_that_is_asked_for(self, code, toolchain, monkeypatch):
        monkeypatch.setenv("NUMBANET_CUDA_PORTABLE", "1")
        found = []
        for version in ("13.0", "13.5"):
            monkeypatch.setattr(toolchain, "nvvm_version", lambda version=version: version)
            code.cache.cache_clear()
            found.append(code.cache().fingerprint)
        monkeypatch.setenv("NUMBANET_CUDA_PORTABLE", "0")
        code.cache.cache_clear()
        assert found[0] == found[1] != code.cache().fingerprint
        monkeypatch.setattr(code, "_digest_of_sources", lambda: "other sources")
        monkeypatch.setenv("NUMBANET_CUDA_PORTABLE", "1")
        code.cache.cache_clear()
        assert code.cache().fingerprint not in found

    def test_nvvm_says_which_one_it_is(self, code, toolchain):
        found = toolchain.nvvm_version()
        if found is None:
            pytest.skip("NVVM is not installed")
        assert "release" in found
        assert ".version" in found
        assert code.versions()["nvvm"] == found
