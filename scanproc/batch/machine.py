"""What the machine gives: cores and memory, as limited by affinity and by control groups.

Control groups (both versions) are how containers, systemd and clusters share out a machine; a
limit may stand at any level between a process's own group and the root.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from scanproc.settings import Settings

ROOT = Path("/")
MB = 1_000_000


def usable_jobs(settings: Settings, root: Path = ROOT) -> int:
    """How many pages to read at the same time: `settings.jobs`, or what the machine allows.

    root: where /proc and /sys are found.
    """
    if settings.jobs:
        return settings.jobs
    memory = memory_at_hand(root) / (settings.page_memory_mb * MB)
    return max(1, min(usable_cores(root), int(min(memory, 1024))))


def usable_cores(root: Path = ROOT) -> int:
    """Cores this process may use; part of one counts as one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return math.ceil(min([cores or 1, *_each_group(root, "cpu", _quota)]))


def memory_at_hand(root: Path = ROOT) -> float:
    """Bytes that can be taken without swapping; infinite where the system does not say."""
    free = [math.inf]
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            free.append(int(line.split()[1]) * 1024)
    return min([*free, *_each_group(root, "memory", _headroom)])


def _each_group(root: Path, controller: str, ask: Callable[[Path], float]) -> Iterator[float]:
    """`ask` of this process's group and of all groups above it, in both versions."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / controllers
        group = top / name.lstrip("/")
        yield from (ask(folder) for folder in (group, *group.parents)
                    if folder.is_relative_to(top))


def _quota(group: Path) -> float:
    """Cores that a group may use, from version 2's file or version 1's two."""
    quota, period = (_text(group / "cpu.max") or "max 100000").split()
    if quota == "max":
        quota = _text(group / "cpu.cfs_quota_us") or "-1"
        period = _text(group / "cpu.cfs_period_us") or "100000"
    return int(quota) / int(period) if int(quota) > 0 else math.inf


def _headroom(group: Path) -> float:
    """Bytes that a group may still take; cached files give way and do not count as taken."""
    limit = _text(group / "memory.max") or _text(group / "memory.limit_in_bytes")
    taken = _text(group / "memory.current") or _text(group / "memory.usage_in_bytes")
    if not limit.strip().isdigit() or not taken:
        return math.inf
    cached = [int(line.split()[1]) for line in _text(group / "memory.stat").splitlines()
              if line.startswith(("inactive_file ", "total_inactive_file "))]
    return max(0, int(limit) - int(taken) + max(cached, default=0))


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
