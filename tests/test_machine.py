"""Cores and memory as control groups of both versions give them, on machines made of files."""

import os

import pytest

from scanproc.batch.machine import memory_at_hand, usable_cores, usable_jobs
from scanproc.settings import Settings

HERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
PLENTY = "MemTotal: 99 kB\nMemAvailable:   100000000 kB\n"


@pytest.fixture
def machine(tmp_path):
    """A function: files by path -> the root that they lie under."""
    def make(files):
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path
    return make


def test_a_machine_that_says_nothing_gives_its_cores(machine):
    assert usable_jobs(Settings(), machine({})) == HERE


def test_jobs_asked_for_are_given(machine):
    assert usable_jobs(Settings(jobs=77), machine({})) == 77


@pytest.mark.parametrize(("files", "cores"), [
    ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n",
      "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}, 1),
    ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, HERE),
    ({"proc/self/cgroup": "4:cpu,cpuacct:/not/seen/in/the/container\n3:memory:/\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "30000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n"}, 1),
    ({"proc/self/cgroup": "4:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, HERE)])
def test_a_quota_anywhere_above_counts(machine, files, cores):
    assert usable_cores(machine(files)) == cores


@pytest.mark.parametrize(("files", "free"), [
    ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "3000000000\n",
      "sys/fs/cgroup/a/memory.current": "1000000000\n",
      "sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 400000000\n"}, 2.4e9),
    ({"proc/self/cgroup": "7:memory:/x\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "5000000000\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000000000\n",
      "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 2\n"},
     4_000_000_002),
    ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n",
      "sys/fs/cgroup/memory.current": "1\n"}, 1024e8)])
def test_memory_is_what_the_tightest_limit_leaves(machine, files, free):
    assert memory_at_hand(machine({"proc/meminfo": PLENTY, **files})) == free


@pytest.mark.parametrize(("megabytes", "jobs"), [(1, 1), (3999, 1), (4001, min(HERE, 2))])
def test_short_memory_means_fewer_jobs_but_never_none(machine, megabytes, jobs):
    root = machine({"proc/meminfo": f"MemAvailable: {megabytes * 1_000_000 // 1024 + 1} kB\n"})
    assert usable_jobs(Settings(page_memory_mb=2000), root) == jobs


def test_this_machine_gives_at_least_one_job():
    assert 1 <= usable_jobs(Settings()) <= HERE
