"""The kernel cache: whatever is wrong with its folder costs time, never a crash, a wrong result or an old one."""

import contextlib
import errno
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.numba import disk_cache
from numbanet.backends.numba.disk_cache import DiskCache
from numbanet.core import settings
from numbanet.core.settings import config
from numbanet.launching.launch import Kernel
from numbanet.loops import functions

KEY = "numbanet.loops.functions.relu (('<f4', 1, True),)"
CODE = bytes(range(256)) * 8
SIZE = len(disk_cache.MAGIC) + 32 + len(CODE)
needs_numba = pytest.mark.needs_numba("the cache keeps what Numba has compiled")


@contextlib.contextmanager
def cache_in(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "_cache_dir", folder)
        yield DiskCache("sources, versions, processor")


@contextlib.contextmanager
def one_entry():
    """A cache with one entry, and the path of that."""
    with tempfile.TemporaryDirectory() as folder, cache_in(Path(folder)) as cache:
        cache.write(KEY, CODE)
        yield cache, cache._path(KEY)


@pytest.fixture
def cache(tmp_path):
    with cache_in(tmp_path / "cache") as cache:
        yield cache


class TestFiles:
    def test_what_is_written_is_read(self, cache):
        assert cache.read(KEY) is None
        assert not cache.has_kernels()
        cache.write(KEY, CODE)
        assert cache.read(KEY) == CODE
        assert cache.has_kernels()
        assert [path.suffix for path in cache.folder.iterdir()] == [".kernel"]
        assert cache._path(KEY).stat().st_size == SIZE

    def test_another_kernel_or_another_fingerprint_finds_nothing(self, cache):
        cache.write(KEY, CODE)
        assert cache.read(KEY.replace("relu", "elu")) is None
        assert cache.read(KEY.replace("f4", "f8")) is None
        assert DiskCache("other sources, versions, processor").read(KEY) is None

    def test_an_entry_under_the_name_of_another_is_not_read(self, cache):
        other = KEY.replace("f4", "f8")
        cache.write(KEY, CODE)
        cache._path(KEY).rename(cache._path(other))
        assert cache.read(other) is None

    @given(st.integers(0, SIZE - 1))
    def test_a_cut_entry_is_not_read(self, length):
        with one_entry() as (cache, path):
            path.write_bytes(path.read_bytes()[:length])
            assert cache.read(KEY) is None
            cache.write(KEY, CODE)
            assert cache.read(KEY) == CODE

    @given(st.integers(0, SIZE - 1), st.integers(1, 255))
    def test_an_entry_with_a_wrong_byte_is_not_read(self, position, flip):
        with one_entry() as (cache, path):
            content = bytearray(path.read_bytes())
            content[position] ^= flip
            path.write_bytes(content)
            assert cache.read(KEY) is None

    @given(st.binary(max_size=300))
    def test_garbage_is_not_read(self, content):
        with one_entry() as (cache, path):
            for start in (b"", disk_cache.MAGIC):
                path.write_bytes(start + content)
                assert cache.read(KEY) is None

    def test_a_folder_in_the_place_of_an_entry(self, cache):
        cache._path(KEY).mkdir(parents=True)
        cache.write(KEY, CODE)
        assert cache.read(KEY) is None
        assert [path.suffix for path in cache.folder.iterdir()] == [".kernel"]

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").write_text("")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for name in ("file", "file/cache", "loop/cache"):
            with cache_in(tmp_path / name) as cache:
                cache.write(KEY, CODE)
                assert cache.read(KEY) is None
                assert not cache.has_kernels()

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
    def test_a_read_only_folder(self, cache):
        cache.folder.mkdir(parents=True)
        cache.folder.chmod(0o500)
        cache.write(KEY, CODE)
        assert cache.read(KEY) is None
        cache.folder.chmod(0o700)

    @pytest.mark.parametrize("step", ["mkdir", "mkstemp", "fdopen", "replace"])
    def test_a_full_or_read_only_disk_leaves_nothing_behind(self, cache, step, monkeypatch):
        def fails(*args, **options):
            raise OSError(errno.ENOSPC, "No space left on device")

        owner = {"mkdir": Path, "mkstemp": tempfile}.get(step, os)
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, fails)
            cache.write(KEY, CODE)
        assert cache.read(KEY) is None
        assert not cache.folder.exists() or not list(cache.folder.iterdir())

    def test_leftovers_of_killed_processes_and_unused_folders_go(self, cache):
        def aged(path, seconds):
            os.utime(path, (time.time() - seconds,) * 2)

        old, other, foreign = (config.cache_dir / name for name in ("a" * 32, "b" * 32, "keep"))
        for folder in (cache.folder, old, other, foreign):
            folder.mkdir(parents=True)
            for name in ("one.kernel", "young.part", "old.part"):
                (folder / name).write_text("")
                aged(folder / name, 7200 if name == "old.part" else 60)
        for folder in (old, foreign):
            aged(folder, 40 * 24 * 3600)
        cache.write(KEY, CODE)
        assert not old.exists()
        assert sorted(path.name for path in other.iterdir()) == ["one.kernel", "young.part"]
        assert len(list(foreign.iterdir())) == 3
        assert not (cache.folder / "old.part").exists()
        assert cache.read(KEY) == CODE

    def test_a_folder_in_use_stays(self, cache):
        cache.write(KEY, CODE)
        os.utime(cache.folder, (0, 0))
        assert cache.has_kernels()
        again = DiskCache(cache.fingerprint)
        again.write("numbanet.loops.functions.elu", CODE)
        assert again.read(KEY) == CODE


def test_a_user_without_a_home(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with cache_in(settings.Config({}).cache_dir) as cache:
        cache.write(KEY, CODE)
        assert cache.read(KEY) is None


@pytest.fixture
def new_build(tmp_path, monkeypatch):
    """Makes builds, as new processes would, with a cache folder that was empty at first."""
    from numbanet.backends.numba.backend import NumbaBackend

    monkeypatch.setattr(config, "_cache_dir", tmp_path / "cache")
    return NumbaBackend


def counts(build):
    """Run relu, checking what it gives; then how many kernels were compiled and loaded."""
    x, out = np.array([-1, 2, 3], np.float32), np.empty(3, np.float32)
    misses, hits = build.cache.misses, build.cache.hits
    build.run(Kernel(functions.relu), 3, (x, out), 1.0)
    assert out.tolist() == [0, 2, 3]
    return build.cache.misses - misses, build.cache.hits - hits


@needs_numba
class TestBuild:
    def test_what_one_compiled_the_next_loads(self, new_build):
        assert counts(new_build()) == (1, 0)
        assert counts(new_build()) == (0, 1)

    def test_broken_entries_are_compiled_again_and_replaced(self, new_build):
        first = new_build()
        counts(first)
        (path,) = first.cache.folder.glob("relu-*")
        whole = path.read_bytes()
        for content in (b"", whole[:40], whole[: len(whole) // 2], whole[:-1], whole + b"\0", b"\0" * len(whole)):
            path.write_bytes(content)
            assert counts(new_build()) == (1, 0)
            assert counts(new_build()) == (0, 1)

    def test_code_that_cannot_be_linked_is_compiled_again(self, new_build, monkeypatch):
        first = new_build()
        monkeypatch.setattr(DiskCache, "read", lambda cache, key: b"\x7fELF no object code")
        assert counts(first) == (1, 0)
        monkeypatch.setattr(DiskCache, "read", lambda cache, key: b"")
        assert counts(new_build()) == (1, 0)

    def test_no_folder_at_all(self, new_build, tmp_path):
        (tmp_path / "cache").write_text("")
        assert counts(new_build()) == (1, 0)
        assert counts(new_build()) == (1, 0)

    @pytest.mark.parametrize("what", ["version", "host", "environment", "source"])
    def test_nothing_old_is_loaded(self, new_build, what, monkeypatch, tmp_path):
        from numbanet.backends.native import processor
        from numbanet.backends.numba import backend as numba_build

        counts(new_build())
        if what == "version":
            monkeypatch.setattr(importlib.metadata, "version", lambda name: "99.0")
        elif what == "host":
            triple, cpu, features = processor.host()
            monkeypatch.setattr(processor, "host", lambda: (triple, cpu, features + ",+more"))
        elif what == "environment":
            monkeypatch.setenv("NUMBA_OPT", "0")
        else:
            copied = shutil.copytree(numba_build.PACKAGE, tmp_path / "numbanet")
            (copied / "loops" / "functions.py").write_text("changed")
            monkeypatch.setattr(numba_build, "PACKAGE", copied)
        assert counts(new_build()) == (1, 0)
        monkeypatch.undo()

    def test_threads_that_need_the_same_kernel_at_once(self, new_build):
        build, failures = new_build(), []
        before = build.cache.misses
        kernel, x = Kernel(functions.relu), np.array([-1, 2, 3], np.float32)
        barrier = threading.Barrier(4)

        def work():
            out = np.empty(3, np.float32)
            barrier.wait()
            build.run(kernel, 3, (x, out), 1.0)
            if out.tolist() != [0, 2, 3]:
                failures.append(out)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert build.cache.misses == before + 1
        assert counts(new_build()) == (0, 1)


SCRIPT = """
import sys, numbanet as nn
from numbanet.backends import select
x = nn.asarray([[-1.0, 2.0], [0.5, 3.0]])
found = nn.softmax(nn.relu(x) @ x.T + x[0]).numpy()
cache = select.backend().cache
print(found.tobytes().hex(), cache.hits, cache.misses, "numba" in sys.modules)
"""


def started(folder, **environment):
    environment = {**os.environ, "NUMBANET_CACHE_DIR": str(folder), "NUMBANET_BACKEND": "numba", **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=pipe, stderr=pipe, text=True, env=environment)


def finished(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert err == ""
    found, hits, misses, numba = out.split()
    return found, int(hits), int(misses), numba == "True"


@needs_numba
class TestProcesses:
    def test_several_that_compile_the_same_at_once(self, tmp_path):
        at_once = [finished(process) for process in [started(tmp_path) for _ in range(3)]]
        assert len({found for found, *_ in at_once}) == 1
        found, hits, misses, numba = finished(started(tmp_path))
        assert found == at_once[0][0]
        assert misses == 0
        assert hits > 0
        assert not numba, "a process that finds its kernels in the cache needs no Numba"
        assert not list(tmp_path.rglob("*.part"))

    def test_one_that_is_killed_while_it_compiles(self, tmp_path):
        process = started(tmp_path)
        deadline = time.monotonic() + 120
        while not list(tmp_path.rglob("*.kernel")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        found = finished(started(tmp_path))[0]
        assert finished(started(tmp_path))[:3:2] == (found, 0)

    def test_changed_sources_give_new_results(self, tmp_path):
        package = shutil.copytree(Path(nn.__file__).parent, tmp_path / "numbanet")
        code = "import numbanet as nn; print(nn.__file__, nn.negative([1.0, 2.0]).tolist())"
        environment = {**os.environ, "NUMBANET_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
        environment["NUMBANET_BACKEND"] = "numba"
        results = []
        loops = package / "loops" / "arithmetic.py"
        before = loops.read_text()
        for text in (before, before.replace("out[i] = -x[i]", "out[i] = -x[i] - 1")):
            loops.write_text(text)
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=tmp_path
            )
            assert done.stdout.startswith(str(package)), done.stderr
            results.append(done.stdout.split(" ", 1)[1].strip())
        assert results == ["[-1.0, -2.0]", "[-2.0, -3.0]"]
