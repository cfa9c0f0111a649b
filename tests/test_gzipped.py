"""Unpacking gzip: the bytes of Python's own module, whatever the members, the padding and the sizes that are read."""

import gzip
import io
import threading
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbanet import cli
from numbanet.datasets import gzipped
from numbanet.datasets.gzipped import GzipStream
from numbanet.errors import DataError

members = st.lists(st.binary(max_size=300), min_size=1, max_size=5)
counts = st.lists(st.integers(0, 200), min_size=1, max_size=6).filter(any)


def pieces(content, counts):
    """All that a stream gives when so many bytes are asked for, again and again."""
    stream, found = GzipStream(io.BytesIO(content)), []
    while True:
        asked = [stream.read(count) for count in counts]
        found += asked
        if not any(asked):
            return found


@given(members=members, padding=st.integers(0, 40), counts=counts, least=st.sampled_from([1, 7, 1 << 16]))
def test_the_bytes_of_gzip(members, padding, counts, least):
    content = b"".join(map(gzip.compress, members)) + bytes(padding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gzipped, "LEAST", least)
        found = pieces(content, counts)
    assert b"".join(found) == b"".join(members) == gzip.decompress(content)
    short = [i for i, part in enumerate(found) if len(part) < counts[i % len(counts)]]
    assert not any(found[short[0] + 1 :])  # fewer bytes than asked for at the end only


def test_more_than_zlib_is_given_at_once():
    values = np.random.default_rng(0).integers(0, 256, 9 << 20, np.uint8).tobytes()
    content = gzip.compress(values, 1)
    assert len(content) > 2 * gzipped.MOST
    stream = GzipStream(io.BytesIO(content))
    assert stream.read(5) + stream.read(len(values)) == values
    assert stream.read(1) == b""


def test_zeros_that_take_no_packed_bytes():
    """zlib holds back output when it may return no more, and has then seen all that is packed."""
    stream = GzipStream(io.BytesIO(gzip.compress(bytes(100_000))))
    assert sum(len(stream.read(7)) for _ in range(100_000 // 7 + 2)) == 100_000


@given(content=members.map(lambda parts: b"".join(map(gzip.compress, parts))), data=st.data())
def test_cut_off(content, data):
    ends, at = {0}, 0
    while at < len(content):  # where a member ends, the file is whole
        one = zlib.decompressobj(31)
        one.decompress(content[at:])
        at = len(content) - len(one.unused_data)
        ends.add(at)
    length = data.draw(st.integers(0, len(content)).filter(lambda length: length not in ends))
    with pytest.raises(EOFError):
        pieces(content[:length], [50])


@pytest.mark.parametrize("at", [-8, -1], ids=["checksum", "length"])
def test_what_the_trailer_says(at):
    content = bytearray(gzip.compress(b"some bytes"))
    content[at] ^= 1
    with pytest.raises(zlib.error):
        pieces(bytes(content), [50])


def test_results_and_errors_of_another_thread():
    assert cli._begin(threading.current_thread)() is not threading.current_thread()

    def fail():
        raise DataError("no such file")

    wait = cli._begin(fail)
    with pytest.raises(DataError, match="no such file"):
        wait()


def test_errors_of_arguments_come_before_those_of_data(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", str(tmp_path / "missing"), "--optimizer", "sdg"])
    assert stop.value.code == 2
    assert "sdg" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["train", str(tmp_path / "missing")])
    assert "missing" in capsys.readouterr().err
