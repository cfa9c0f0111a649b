"""How many processors this process may use: those that it may run on, within the quota of its container."""

import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux shows the groups that processes are in."""

MEMBERSHIP = Path("/proc/self/cgroup")
"""Which groups this process is in: lines such as `0::/user.slice` and `4:cpu,cpuacct:/docker/0123`."""


def usable_processors():
    """How many threads can run at the same time, at least one.

    A quota is rounded down: a team of two within 1.5 processors would be stopped for a quarter of its time.
    """
    count = _allowed()
    quota = _quota()
    return count if quota is None else max(1, min(count, int(quota)))


def _allowed():
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return getattr(os, "process_cpu_count", os.cpu_count)() or 1


def _quota():
    """How many processors the groups of this process may use together; None where there is no limit."""
    try:
        lines = MEMBERSHIP.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError):
        return None
    limits = []
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        names = controllers.split(",")
        if not controllers:  # version 2: one tree for everything
            limits += _limits(("", "unified"), path, _limit_of_version_2)
        elif "cpu" in names:
            limits += _limits((controllers, "cpu"), path, _limit_of_version_1)
    return min(limits, default=None)


def _limits(mounts, path, limit_of):
    """The limits of a group and of those around it; a container may show its own group as the outermost."""
    for mount in mounts:
        root = CGROUPS / mount
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(root):
                limit = limit_of(folder)
                if limit is not None:
                    yield limit


def _limit_of_version_2(folder):
    """From `cpu.max`: microseconds of work, or `max`, and the period in which they may be used."""
    return _quotient(*[*_read(folder / "cpu.max").split(), "", ""][:2])


def _limit_of_version_1(folder):
    """From two files; a quota of -1 is none."""
    return _quotient(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _quotient(quota, period):
    try:
        limit = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # no such file, "max", or what is not understood
        return None
    return limit if limit > 0 else None


def _read(path):
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return ""
