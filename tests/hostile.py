"""Hostile input made by code: valid files with mutations, paths that are no files, and what memory it took."""

import os
import struct
import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path

from hypothesis import strategies as st

import numbanet

INTEGERS = [0, 1, 2**7, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
FORMATS = ["<B", "<H", "<I", "<Q", ">H", ">I", ">Q"]
TEXTS = [b"", b"\0", b"{", b"[[", b'"', b"-1", b"99999999999999999999", b"NaN", b"null", b"\xff\xfe", b"../"]
TEXTS.append(b"\x1f\x8b")
"""What headers are made of, where it hurts."""


@st.composite
def mutated(draw, content, most=4):
    """A valid file after one to `most` mutations; some give a valid file again."""
    content = bytearray(content)
    for _ in range(draw(st.integers(1, most))):
        draw(st.sampled_from(MUTATIONS))(draw, content)
    return bytes(content)


def _position(draw, content):
    return draw(st.integers(0, len(content)))


def _cut(draw, content):
    del content[_position(draw, content) :]


def _flip(draw, content):
    if content:
        content[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))


def _remove(draw, content):
    start = _position(draw, content)
    del content[start : start + draw(st.integers(1, 16))]


def _insert(draw, content):
    start = _position(draw, content)
    content[start:start] = draw(st.one_of(st.binary(max_size=16), st.sampled_from(TEXTS)))


def _repeat(draw, content):
    start = _position(draw, content)
    content[start:start] = content[start : start + draw(st.integers(1, 64))] * draw(st.integers(1, 3))


def _lie(draw, content):
    """An integer, of any width and byte order, takes the place of what was there."""
    form = draw(st.sampled_from(FORMATS))
    number = struct.pack(form, draw(st.sampled_from(INTEGERS)) % 256 ** struct.calcsize(form))
    start = _position(draw, content)
    content[start : start + len(number)] = number


MUTATIONS = [_cut, _flip, _remove, _insert, _repeat, _lie]


def write_anew(path, content):
    """Write a file in the place of another. To fill that one again takes 2.7 ms on ext4, which waits for the disk."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def no_files(folder):
    """Paths below `folder` that are there, or are not, and which are not regular files; none may be waited for."""
    (folder / "file").write_bytes(b"")
    paths = [folder, folder / "missing", folder / "file" / "below", f"{folder}/nul\0", f"{folder}/\udcff", ""]
    paths += ["\0", "\n", folder / ("n" * 300), "/".join("d" * 5000)]
    if os.name == "posix":
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to(folder / "loop")
        (folder / "to a pipe").symlink_to(folder / "pipe")
        (folder / "to nothing").symlink_to(folder / "missing")
        (folder / "to zeros").symlink_to("/dev/zero")
        paths += [folder / name for name in ("pipe", "loop", "to a pipe", "to nothing", "to zeros")]
        paths += ["/dev/zero", "/dev/null"]
    return paths


def peak_of(function, *arguments):
    """Bytes that were in use at most while `function` ran."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def in_little_memory(code, *arguments, spare=256 << 20, seconds=300):
    """Run `code` in a process that may take `spare` bytes more than when it called `limit()`; its exit code is 0."""
    limited = f"""
import os, sys, resource, numpy as np, numbanet as nn
def limit():
    pages = int(open("/proc/self/statm").read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + {spare},) * 2)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(numbanet.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", limited + textwrap.dedent(code), *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
