"""Files are the old one or the new one, and what cannot be written is known before the work is done."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import numbanet
from numbanet.core.files import check_readable, check_writable, write_atomically
from numbanet.errors import ArgumentError, DataError

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions, pipes or links")


def write(path, content):
    with write_atomically(path) as stream:
        stream.write(content)


def names(folder):
    return sorted(os.listdir(folder))


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "model.numbanet"
    path.write_bytes(b"old")
    return path


def test_new_file(tmp_path):
    write(tmp_path / "new", b"content")
    assert (tmp_path / "new").read_bytes() == b"content"
    assert names(tmp_path) == ["new"]


def test_replaces_a_file(old):
    write(str(old), b"new")
    assert old.read_bytes() == b"new"
    assert names(old.parent) == ["model.numbanet"]


def test_old_content_until_the_end(old):
    with write_atomically(old) as stream:
        stream.write(b"new")
        stream.flush()
        assert old.read_bytes() == b"old"
    assert old.read_bytes() == b"new"


def test_stream_can_seek(tmp_path):
    with write_atomically(tmp_path / "file") as stream:
        stream.write(b"????body")
        stream.seek(0)
        stream.write(b"head")
    assert (tmp_path / "file").read_bytes() == b"headbody"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_failure_in_the_middle_keeps_the_old_file(old, error):
    with pytest.raises(error), write_atomically(old) as stream:  # noqa: PT012  (the block is what fails)
        stream.write(b"half of the new")
        raise error
    assert old.read_bytes() == b"old"
    assert names(old.parent) == ["model.numbanet"]


def test_failure_leaves_no_new_file(tmp_path):
    with pytest.raises(RuntimeError), write_atomically(tmp_path / "new"):
        raise RuntimeError
    assert names(tmp_path) == []


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_full_disk_keeps_the_old_file(old, monkeypatch, function):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(OSError, match="No space left"):
        write(old, b"new")
    assert old.read_bytes() == b"old"
    assert names(old.parent) == ["model.numbanet"]


def test_folder_that_cannot_be_synced(old, monkeypatch):
    sync, seen = os.fsync, []

    def only_files(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            seen.append("folder")
            raise OSError(errno.EINVAL, "Invalid argument")
        seen.append("file")
        sync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write(old, b"new")
    assert old.read_bytes() == b"new"
    assert seen[0] == "file"


def test_killed_in_the_middle_keeps_the_old_file(old):
    code = """
import os, sys
from numbanet.core.files import write_atomically
with write_atomically(sys.argv[1]) as stream:
    stream.write(b"half of the new")
    stream.flush()
    os._exit(9)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(numbanet.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", code, str(old)], env=environment, check=False).returncode == 9
    assert old.read_bytes() == b"old"
    left = [name for name in names(old.parent) if name != old.name]
    assert len(left) == 1
    assert left[0].startswith(".numbanet-")
    assert left[0].endswith(".part")
    write(old, b"new")
    assert old.read_bytes() == b"new"


@posix
def test_permissions_are_kept(old):
    old.chmod(0o640)
    with write_atomically(old) as stream:
        temporary = Path(stream.name)
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o640
        stream.write(b"new")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


@posix
def test_new_files_get_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    write(tmp_path / "new", b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@posix
def test_links_are_followed(old, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link"
    link.symlink_to(old)
    write(link, b"new")
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    assert names(folder) == ["link"]


def test_writable_changes_nothing(old, tmp_path):
    before = old.stat()
    check_writable(old)
    check_writable(tmp_path / "new")
    assert names(tmp_path) == ["model.numbanet"]
    assert old.read_bytes() == b"old"
    assert old.stat().st_mtime_ns == before.st_mtime_ns


def test_writable_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_writable("model.numbanet")
    write("model.numbanet", b"new")
    assert names(tmp_path) == ["model.numbanet"]


def unwritable(case, folder):
    (folder / "file").write_bytes(b"old")
    return {
        "folder is missing": folder / "missing" / "model",
        "path is a folder": folder,
        "parent is a file": folder / "file" / "model",
        "grandparent is a file": folder / "file" / "folder" / "model",
        "name is too long": folder / ("m" * 300),
        "name has a NUL": f"{folder}/model\0",
        "no path": "",
    }[case]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("folder is missing", "there is no folder .*missing"),
        ("path is a folder", "it is a directory"),
        ("parent is a file", "is a file, not a folder"),
        ("grandparent is a file", "cannot write .*model: "),
        ("name is too long", "cannot write .*mmm: "),
        ("name has a NUL", "null"),
        ("no path", "it is a directory"),
    ],
)
def test_unwritable(tmp_path, case, message):
    path = unwritable(case, tmp_path)
    with pytest.raises(ArgumentError, match=message):
        check_writable(path)
    with pytest.raises(ArgumentError, match=message):
        write(path, b"new")
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


@posix
def test_devices_pipes_and_loops_are_unwritable(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, message in [
        ("/dev/null", "not a regular file"),
        (tmp_path / "pipe", "not a regular file"),
        (tmp_path / "loop", "cannot write"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            write(path, b"new")
    assert names(tmp_path) == ["loop", "pipe"]


@posix
def test_write_protected_file(old, monkeypatch):
    old.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)  # root may write to it nevertheless
    with pytest.raises(ArgumentError, match="write-protected"):
        check_writable(old)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="permissions do not bind root")
def test_write_protected_folder(tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(ArgumentError, match="Permission denied"):
            check_writable(tmp_path / "model")
    finally:
        tmp_path.chmod(0o755)


def test_folder_in_which_nothing_can_be_created(tmp_path, monkeypatch):
    def refuse(path, *_):
        raise OSError(errno.EROFS, "Read-only file system", path)

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ArgumentError, match=r"cannot write .*model: Read-only file system$"):
        check_writable(tmp_path / "model")


@pytest.mark.parametrize("path", [None, 3, b"model", ["model"]])
def test_no_paths_at_all(path):
    for check in (check_writable, check_readable):
        with pytest.raises(ArgumentError, match=r"a path must be a str or an os\.PathLike, got"):
            check(path)


def test_readable(old, tmp_path):
    assert check_readable(str(old)) == old
    for path, message in [
        (tmp_path / "missing", "there is no such file"),
        (tmp_path, "it is a directory"),
        (old / "file", "cannot read"),
        ("\0", "null"),
    ]:
        with pytest.raises(DataError, match=message):
            check_readable(path)


@posix
def test_pipes_are_not_readable(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a regular file"):
        check_readable(tmp_path / "pipe")
