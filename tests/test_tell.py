"""How a run ended, told to a command."""

import json
import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from scanproc.batch import ledger, tell
from scanproc.errors import HeldError, OutputError, ScanprocError, TooManyFailures, UsageError
from scanproc.settings import Settings


class Hearer:
    """Runs an office with a command that keeps what it is given; `heard` lists that."""

    def __init__(self, office, folder, **options):
        self.office, self.file, self.said = office, folder / "heard.json", []
        self.teller = tell.Teller(self.said.append, **options)
        self.command = python("import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())",
                              self.file)

    def run(self, command=None, **knobs):
        settings = Settings(on_finish=self.command if command is None else command, **knobs)
        return self.teller.run((self.office.scans,), self.office.out, settings)

    @property
    def heard(self):
        lines = self.file.read_bytes().splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]


def python(code, *words):
    return shlex.join([sys.executable, "-c", code, *map(str, words)])


@pytest.fixture
def hearer(office, tmp_path):
    office.scan("a.pdf", "read 12 3", "refused damaged")
    return Hearer(office, tmp_path)


def test_the_command_gets_the_summary(hearer):
    summary = hearer.run()
    (facts,) = hearer.heard
    assert facts["exit_code"] == 1 and facts["run"] == 1 and facts["words"] == summary.line()
    assert facts["dir"] == str(hearer.office.out) and facts["failures"] == {"damaged": 1}
    assert facts["pages"] == {"read": 1, "refused": 1} and facts["numbers"] == 2
    assert hearer.said == []


def test_it_is_told_of_too_many_failures_with_the_counts(hearer):
    with pytest.raises(TooManyFailures):
        hearer.run(max_failures=0)
    (facts,) = hearer.heard
    assert facts["exit_code"] == 7 and facts["failed"] == 1 and "--max-failures" in facts["words"]


def test_it_is_told_of_a_full_disk(hearer, monkeypatch):
    def full(*_):
        raise OutputError("no space\nleft")
    monkeypatch.setattr("scanproc.batch.export.write_csvs", full)
    with pytest.raises(OutputError):
        hearer.run()
    assert hearer.heard == [{"run": 1, "dir": str(hearer.office.out), "exit_code": 4,
                             "words": "no space\\nleft"}]


def test_it_is_told_of_what_keeps_a_run_from_beginning(hearer):
    with ledger.held(hearer.office.out), pytest.raises(HeldError):
        hearer.run()
    hearer.office.scans.rename(hearer.office.scans.with_name("away"))
    with pytest.raises(UsageError):
        hearer.run()
    assert [(facts["run"], facts["exit_code"]) for facts in hearer.heard] == [(None, 5), (None, 2)]


def test_it_is_told_of_a_fault_in_the_program(hearer, monkeypatch):
    monkeypatch.setattr("scanproc.batch.run.derive", lambda *_: {}["missing"])
    with pytest.raises(KeyError):
        hearer.run()
    assert hearer.heard[0]["exit_code"] == 1


def test_dir_is_free_when_it_is_told(hearer):
    status = shlex.join([sys.executable, "-m", "scanproc", "export", str(hearer.office.out)])
    hearer.run(status)
    assert hearer.said == []


@pytest.mark.parametrize("command, words", [
    (python("import sys; sys.exit(3)"), "failed with exit code 3"),
    (python("import os; os.kill(os.getpid(), 9)"), "failed with exit code -9"),
    ("/nowhere/mail office", "'/nowhere/mail' could not be started: No such file"),
    ("/dev/null", "could not be started: Permission denied"),
    ("nu\0l", "could not be started"),
    ("'esc\x1b[2J'", "\\x1b[2J"),
])
def test_a_command_that_fails_is_said_in_a_line_and_changes_nothing(hearer, command, words):
    assert hearer.run(command).exit_code == 1
    (line,) = hearer.said
    assert words in line and "\n" not in line and "\x1b" not in line


def test_a_command_that_never_ends_is_killed_with_its_children(hearer, monkeypatch, tmp_path):
    monkeypatch.setattr(tell, "LIMIT_S", 1.5)
    pid = tmp_path / "pid"
    code = ("import subprocess, sys; p = subprocess.Popen(['sleep', '600']); "
            "open(sys.argv[1], 'w').write(str(p.pid)); p.wait()")
    began = time.monotonic()
    assert hearer.run(python(code, pid)).exit_code == 1
    assert time.monotonic() - began < 10
    assert "did not end within" in hearer.said[0]
    until = time.monotonic() + 5
    while (alive := running(int(pid.read_text()))) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_command_that_does_not_listen_is_no_failure(hearer):
    hearer.run(python("import sys; sys.stdin.close()"))
    assert hearer.said == []


def test_what_it_prints_goes_to_standard_error(hearer, capfd):
    hearer.run(python("import sys; print('out'); print('err', file=sys.stderr)"))
    out, err = capfd.readouterr()
    assert out == "" and sorted(err.split()) == ["err", "out"]


def test_no_shell_reads_the_command(hearer, tmp_path):
    hearer.run(f"{hearer.command} ; touch {tmp_path / 'touched'} $(id)")
    assert len(hearer.heard) == 1 and not (tmp_path / "touched").exists()


def test_open_quotes_are_wrong_usage_before_anything_is_read(hearer):
    with pytest.raises(UsageError, match="'on_finish'.*quot"):
        hearer.run("mail 'office")
    assert not hearer.office.out.exists()


def test_nothing_is_told_of_a_run_that_is_interrupted(hearer, monkeypatch):
    from fakes import Pool
    monkeypatch.setattr(Pool, "stop_after", 1)
    with pytest.raises(KeyboardInterrupt):
        hearer.run()
    assert hearer.heard == []


def test_a_watch_tells_of_runs_that_read_something(office, tmp_path):
    office.scan("a.pdf", "read 1")
    hearer = Hearer(office, tmp_path, watching=True)
    hearer.run()
    hearer.run()
    assert len(hearer.heard) == 1
    office.scan("b.pdf", "refused damaged")
    hearer.run()
    assert [facts["exit_code"] for facts in hearer.heard] == [0, 1]


def test_a_watch_tells_once_of_a_failure_and_when_it_is_over(office, tmp_path, monkeypatch):
    hearer = Hearer(office, tmp_path, watching=True)
    with ledger.held(office.out), pytest.raises(HeldError):
        hearer.run()
    office.scan("a.pdf", "read 1")
    troubles = iter(["full", "full", "full", "read-only"])

    def full(*_, **__):
        raise OutputError(next(troubles))
    monkeypatch.setattr(tell, "read_into", full)
    for _ in range(4):
        with pytest.raises(ScanprocError):
            hearer.run()
    monkeypatch.undo()
    assert [facts["words"] for facts in hearer.heard] == ["full", "read-only"]
    office.scans.joinpath("a.pdf").unlink()
    hearer.run()  # reads nothing
    hearer.run()
    assert [facts["exit_code"] for facts in hearer.heard] == [4, 4, 0]


def test_the_message_is_one_line_of_ascii(hearer, office, tmp_path):
    office.out = Path(os.fsdecode(os.fsencode(tmp_path) + "/ä\u2028\n\x85".encode() + b"\xff"))
    hearer.run()
    data = hearer.file.read_bytes()
    assert data.isascii() and data.count(b"\n") == 1
    assert json.loads(data)["dir"].endswith(r"\n\x85\xff")
