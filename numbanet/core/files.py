"""Files that are either the old one or the new one, never half of each."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from numbanet.errors import ArgumentError, DataError


def as_path(path):
    """`path` as a `pathlib.Path`.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ArgumentError
        When it is neither.

    Examples
    --------
    >>> as_path("model.numbanet").suffix
    '.numbanet'
    """
    try:
        return Path(path)
    except TypeError:
        raise ArgumentError(f"a path must be a str or an os.PathLike, got {path!r}") from None


def check_readable(path):
    """Raise unless `path` is a regular file: it must exist and not be a directory, pipe or device.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    pathlib.Path
        The path, to be opened.

    Raises
    ------
    DataError
        When there is no such file, or what is there is not a regular file.
    ArgumentError
        When `path` is not a path at all.

    Examples
    --------
    >>> check_readable("no/such/file")
    Traceback (most recent call last):
    numbanet.errors.DataError: cannot read no/such/file: there is no such file
    """
    path = as_path(path)
    try:
        problem = _no_regular_file(_mode(path))
    except (OSError, ValueError) as error:
        problem = reason(error)
    if problem:
        raise DataError(f"cannot read {path}: {problem}")
    return path


def check_writable(path):
    """Raise now, and not after hours of training, when a file could not be written at `path`.

    The folder is tried by creating an empty temporary file in it, since permission bits do not tell of read-only
    disks, quotas or remote rights. The file at `path` itself is neither created nor changed.

    Parameters
    ----------
    path : str or os.PathLike
        A file that exists, or a new one in a folder that exists.

    Raises
    ------
    ArgumentError
        When the folder is missing or nothing can be created in it, or when `path` is a directory, a device or a
        write-protected file.

    Examples
    --------
    >>> check_writable("no/such/folder/model.numbanet")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    numbanet.errors.ArgumentError: cannot write no/such/folder/model.numbanet: there is no folder ...folder
    """
    path = as_path(path)
    try:
        problem = _obstacle(_target(path))
    except (OSError, ValueError) as error:
        problem = reason(error)
    if problem:
        raise ArgumentError(f"cannot write {path}: {problem}")


@contextlib.contextmanager
def write_atomically(path):
    """A stream whose bytes become the file at `path` when the block ends well, all at once.

    They go to a temporary file in the same folder, which takes the place of the old one only after the disk has it
    all. If the block raises, the temporary is removed and the old file stays. If the process or the machine dies, the
    old file stays, beside a temporary named `.numbanet-*.part` that can be deleted. A symbolic link is followed, and
    the permissions of a file that is replaced are kept.

    Parameters
    ----------
    path : str or os.PathLike
        A file to replace, or a new one in a folder that exists.

    Yields
    ------
    io.BufferedWriter
        Open for binary writing; it can also seek.

    Raises
    ------
    ArgumentError
        As `check_writable` does, before anything is written.
    OSError
        When the disk is full or fails.

    References
    ----------
    POSIX.1-2017, `rename`: a new name takes the old one's place in one step. `fsync`: the bytes are on the disk.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "notes.txt")
    ...     with write_atomically(path) as stream:
    ...         _ = stream.write(b"all or nothing")
    ...     path.read_bytes()
    b'all or nothing'
    """
    check_writable(path)
    target = _target(path)
    temporary = _temporary_beside(target)
    try:
        with open(temporary, "xb") as stream:
            _copy_permissions(target, temporary)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def reason(error):
    """What an exception of the operating system says, without its number and file name.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str

    Examples
    --------
    >>> reason(OSError(28, "No space left on device", "model.numbanet"))
    'No space left on device'
    """
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _target(path):
    """The file that is meant: replacing a symbolic link would leave what it points to unchanged."""
    return Path(os.path.realpath(path))


def _temporary_beside(target):
    # In the same folder, so on the same disk: only there is a rename one step.
    return target.parent / f".numbanet-{secrets.token_hex(16)}.part"


def _mode(path):
    """Type and permissions of what is at `path`, or None. `Path.exists` would take every error for absence."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _no_regular_file(mode):
    if mode is None:
        return "there is no such file"
    if stat.S_ISDIR(mode):
        return "it is a directory"
    return None if stat.S_ISREG(mode) else "it is not a regular file"


def _obstacle(target):
    """What keeps a file from being written at `target`, or None."""
    folder = _mode(target.parent)
    if folder is None:
        return f"there is no folder {target.parent}"
    if not stat.S_ISDIR(folder):
        return f"{target.parent} is a file, not a folder"
    mode = _mode(target)
    if mode is not None:
        if problem := _no_regular_file(mode):
            return problem
        if not os.access(target, os.W_OK):
            return "the file is write-protected"
    probe = _temporary_beside(target)
    open(probe, "xb").close()
    os.unlink(probe)
    return None


def _copy_permissions(target, temporary):
    # Before the first byte is written: a private file must not be readable for a moment either.
    mode = _mode(target)
    if mode is not None:
        with contextlib.suppress(OSError):  # file systems without permissions
            os.chmod(temporary, stat.S_IMODE(mode))


def _sync_folder(folder):
    # The rename is done. Where folders cannot be synced (Windows, some network disks), it gets to the disk in its time.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
