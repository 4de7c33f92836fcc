"""Real processes, really killed: only the guilty page is blamed, and nothing is left behind."""

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import environment, reached, session, workers_of

from scanproc.batch.runs import Task
from scanproc.batch.workers import Pool
from scanproc.errors import ModelError, ScanprocError
from scanproc.settings import Settings

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="promised on Linux only")
FAULTS = Path(__file__).parent / "faults"


@pytest.fixture
def tasks(tmp_path):
    """A function: documents of `faults.document` -> a task for each."""
    def make(*documents, pages=None):
        made = []
        for key, text in enumerate(documents):
            file = tmp_path / f"{key}.txt"
            file.write_text(text)
            digest = hashlib.sha256(text.encode()).hexdigest()
            made.append(Task(key, os.fsencode(file), digest, pages))
        return made
    return make


@contextmanager
def pool(fault, jobs=1, passwords=(), **knobs):
    settings = Settings(jobs=jobs, **{"page_timeout_s": 20, **knobs})
    with Pool(settings, passwords, importlib.import_module(f"faults.{fault}").load) as made:
        yield made


def read(fault, made, jobs=1, **knobs):
    with pool(fault, jobs, **knobs) as workers:
        return sorted(workers.read_all(made), key=lambda one: (one.key, one.result.page))


def by_status(outcomes):
    """status -> [(key, page)], after checking that no page came twice."""
    pages = [(outcome.key, outcome.result.page) for outcome in outcomes]
    assert len(set(pages)) == len(pages)
    found = {}
    for outcome, page in zip(outcomes, pages, strict=True):
        found.setdefault(outcome.result.status, []).append(page)
    return found


@pytest.mark.parametrize("jobs", [1, 4])
def test_only_the_pages_that_crash_are_blamed(tasks, jobs):
    outcomes = read("segfault", tasks("40: 3 17 40", "1", "9"), jobs)
    found = by_status(outcomes)
    assert found["crashed"] == [(0, 3), (0, 17), (0, 40)]
    assert len(found["read"]) == 37 + 1 + 9
    assert {(outcome.key, outcome.total) for outcome in outcomes} == {(0, 40), (1, 1), (2, 9)}
    assert all(outcome.result.width == outcome.result.page for outcome in outcomes
               if outcome.result.status == "read")
    crashed = next(outcome.result for outcome in outcomes if outcome.result.status == "crashed")
    assert crashed.reason == "crashed" and "Segmentation fault" in crashed.words


def test_a_long_file_comes_in_runs_and_each_page_once(tasks):
    outcomes = read("noisy", tasks("30"), jobs=2)
    assert by_status(outcomes)["read"] == [(0, page) for page in range(1, 31)]


def test_only_the_pages_asked_for_are_read(tasks):
    outcomes = read("segfault", tasks("40: 5", pages=(2, 3, 5, 6, 39, 40, 41)))
    assert by_status(outcomes) == {"read": [(0, page) for page in (2, 3, 6, 39, 40)],
                                   "crashed": [(0, 5)]}
    assert {outcome.total for outcome in outcomes} == {40}


def test_in_a_run_only_the_page_that_never_ends_is_cut(tasks):
    outcomes = read("sleeps", tasks("4: 3"), jobs=2, page_timeout_s=1)
    assert by_status(outcomes) == {"read": [(0, 1), (0, 2), (0, 4)], "timeout": [(0, 3)]}


def test_a_fault_of_the_program_costs_one_page(tasks):
    outcomes = read("raises", tasks("10: 4", "1: 1"))
    assert by_status(outcomes)["crashed"] == [(0, 4), (1, 1)]
    assert len(by_status(outcomes)["read"]) == 9
    assert "KeyError in raises.py" in outcomes[3].result.words


def test_a_file_that_cannot_be_counted_has_one_row(tasks):
    outcomes = read("uncountable", tasks("9: 2", "2"))
    assert by_status(outcomes) == {"crashed": [(0, 1)], "read": [(1, 1), (1, 2)]}
    assert outcomes[0].total == 1


def test_pages_of_a_file_that_cannot_be_counted_any_more_are_blamed(tasks):
    outcomes = read("uncountable", tasks("9: 2", pages=(7, 8)))
    assert by_status(outcomes) == {"crashed": [(0, 7), (0, 8)]}


def test_a_file_that_changed_meanwhile_has_its_row(tasks, tmp_path):
    made = tasks("12", "1")
    (tmp_path / "0.txt").write_text("13")
    outcomes = read("segfault", made)
    assert by_status(outcomes) == {"refused": [(0, 1)], "read": [(1, 1)]}
    assert (outcomes[0].total, outcomes[0].result.reason) == (1, "changed")


@pytest.mark.parametrize(("fault", "error", "words"), [
    ("no_model", ModelError, "card"), ("not_installed", ScanprocError, "ImportError: libGL")])
def test_where_no_page_can_be_read_the_run_ends(tasks, fault, error, words):
    with pytest.raises(error, match=words):
        read(fault, tasks("3"))


@LINUX
def test_what_a_worker_is_born_with(tasks, capfd):
    outcomes = read("noisy", tasks("60"), jobs=2, page_memory_mb=400)
    facts = [json.loads(outcome.result.words) for outcome in outcomes]
    assert {(fact["threads"], fact["stderr"], fact["running"], fact["core"]) for fact in facts} \
        == {("1", os.devnull, 1, 0)}
    assert all(400e6 < fact["memory"] < 1500e6 for fact in facts)
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    assert capfd.readouterr() == ("", "")


def test_tasks_are_taken_only_when_there_is_room(tasks):
    made = tasks(*["1"] * 40)
    taken = []
    ahead = []
    with pool("segfault", jobs=2) as workers:
        for done, _ in enumerate(workers.read_all(taken.append(1) or task for task in made)):
            ahead.append(len(taken) - done)
    assert len(ahead) == 40 and max(ahead) <= 2 * 2


def test_pages_that_crash_at_once_are_never_lost(tasks):
    made = tasks(*["1: 1"] * 40)  # a worker may be dead before it is known what it took
    outcomes = read("segfault", made, jobs=8)
    assert by_status(outcomes) == {"crashed": [(key, 1) for key in range(40)]}


@LINUX
def test_an_idle_worker_that_dies_is_replaced(tasks):
    made = tasks("1", "1", "1")

    def slowly():
        for task in made:
            yield task
            for pid in workers_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.3)
    with pool("segfault") as workers:
        found = by_status(list(workers.read_all(slowly())))
    assert sorted(found.pop("read")) == [(0, 1), (1, 1), (2, 1)] and not found


def test_workers_that_cannot_be_started_end_the_run(tmp_path):
    (tmp_path / "1.txt").write_text("1")
    program = subprocess.run([sys.executable, FAULTS / "stillborn.py", tmp_path / "1.txt"],
                             env=environment(), text=True, capture_output=True, timeout=60)
    assert program.returncode == 1
    assert program.stderr.startswith("the processes that read pages end before")
    assert len(program.stderr.splitlines()) == 1


@LINUX
def test_where_no_socket_can_be_made_processes_are_started_anew(tasks, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("long" * 30)))
    assert by_status(read("segfault", tasks("3: 2"))) == {"read": [(0, 1), (0, 3)],
                                                          "crashed": [(0, 2)]}


@LINUX
def test_a_fork_server_that_dies_disturbs_nobody(tmp_path, tasks):
    made = tasks("1", "20", "20", "1")

    def meanwhile():
        yield made[0]
        for worker in workers_of(os.getpid()):
            os.kill(session(os.getsid(0))[worker], signal.SIGKILL)
        yield from made[1:]
    with pool("segfault", jobs=2) as workers:
        assert len(by_status(list(workers.read_all(meanwhile())))["read"]) == 42


@LINUX
def test_a_process_that_says_nothing_any_more_is_cut_from_outside(tasks, monkeypatch):
    monkeypatch.setattr("scanproc.batch.workers.STALL_S", 0.5)
    start = time.monotonic()
    outcomes = read("stopped", tasks("1: 1", "2"), jobs=2, page_timeout_s=1)
    assert by_status(outcomes) == {"timeout": [(0, 1)], "read": [(1, 1), (1, 2)]}
    assert time.monotonic() - start < 10


def test_leaving_early_kills_the_workers_at_once(tasks):
    made = tasks("3: 2 3", "1: 1", "1: 1")
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError), pool("busy", jobs=2) as workers:
        for outcome in workers.read_all(made):
            assert outcome.result.status == "read"
            raise ZeroDivisionError
    assert time.monotonic() - start < 3
    assert not workers_of(os.getpid())


@LINUX
@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.3, 0.8])
def test_ctrl_c_stops_everything_without_a_word(tmp_path, delay_s):
    parent = started(tmp_path, "busy", "2: 1 2", wait_for="pool")
    time.sleep(delay_s)
    os.killpg(parent.pid, signal.SIGINT)
    _, stderr = parent.communicate(timeout=5)
    assert (parent.returncode, stderr) == (130, "")
    assert reached(lambda: not session(parent.pid))


def started(folder, fault, document, wait_for="reading"):
    """A process of its own that reads `document` with two workers; its session is its pid."""
    file = folder / "document.txt"
    file.write_text(document)
    parent = subprocess.Popen([sys.executable, FAULTS / "parent.py", fault, file], text=True,
                              start_new_session=True, env=environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while parent.stdout.readline().strip() != wait_for:
        assert parent.poll() is None, parent.stderr.read()
    return parent
