"""What the README gives to those who leave it alone, as it stands there: cron, units, scripts."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = "/opt/scanproc/bin/scanproc"
CODES = {"0", "1", "2", "3", "4", "5", "6", "7", "130", "143"}
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                                   reason="no systemd-analyze here")


def blocks(heading):
    """The blocks of code below a heading, in order."""
    section = README.split(f"### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def units():
    """The units by their name."""
    service, timer = blocks("By a timer of systemd")
    (watch,) = blocks("Folders that scanners drop into")
    found = {"scanproc.service": service, "scanproc.timer": timer, "scanproc-watch.service": watch}
    assert all(f"/etc/systemd/system/{name}`" in README for name in found)
    return found


def parsed(unit):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(unit)
    return parser


@pytest.fixture
def here(tmp_path, samples):
    """A function: text of the README -> the same with the program and folders of this test."""
    program = tmp_path / "scanproc"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m scanproc "$@"\n')
    program.chmod(0o755)
    (tmp_path / "scans").mkdir()
    shutil.copy(samples / "column.png", tmp_path / "scans")
    return lambda text: text.replace(PROGRAM, str(program)).replace("/srv", str(tmp_path))


def test_the_cron_line_runs_with_an_empty_environment(here, tmp_path):
    line, weekly = blocks("By cron")
    minute, hour, day, month, weekday, command = line.split(maxsplit=5)
    assert 0 <= int(minute) < 60 and 0 <= int(hour) < 24 and {day, month, weekday} == {"*"}
    assert "%" not in command  # a line break for cron
    done = subprocess.run(["env", "-i", "/bin/sh", "-c", here(command)], cwd="/", check=False,
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("1 page read, 14 numbers") and done.stderr.count("\n") == 1
    assert (tmp_path / "results" / "numbers.csv").exists()
    command = here(weekly.split(maxsplit=5)[5].replace("\\%", "%"))
    done = subprocess.run(["env", "-i", "/bin/sh", "-c", command], cwd="/", check=False,
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(here, tmp_path):
    for name, text in units().items():
        (tmp_path / name).write_text(here(text))
    done = verified(tmp_path, *units())
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("wrong", ["KillMode=mild", "Nicer=10", "RestartSec=soon"])
def test_systemd_would_find_something_wrong(here, tmp_path, wrong):
    (tmp_path / "scanproc.service").write_text(here(units()["scanproc.service"]) + wrong + "\n")
    assert verified(tmp_path, "scanproc.service").stderr


def verified(folder, *names):
    return subprocess.run(["systemd-analyze", "verify", "--man=no",
                           *(folder / name for name in names)],
                          check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["scanproc.service", "scanproc-watch.service"])
def test_the_command_of_a_unit_is_understood(here, name):
    service = parsed(units()[name])["Service"]
    program, command, scans, out, folder = service["ExecStart"].split()
    assert program == PROGRAM and (command, out) in {("run", "--out"), ("watch", "--out")}
    assert parsed(units()[name])["Unit"]["RequiresMountsFor"].split() == [scans, folder]
    assert service["KillMode"] == "mixed"  # workers must not hear SIGTERM before the run does
    for key in ("SuccessExitStatus", "RestartPreventExitStatus"):
        assert set(service.get(key, "").split()) <= CODES
    done = subprocess.run([here(PROGRAM), command, "--help"], check=False, timeout=60,
                          capture_output=True, text=True)
    assert done.returncode == 0 and f" {command} " in done.stdout


def test_the_mail_script_gets_the_summary(here, tmp_path):
    script, _ = blocks("Being told")
    script = script.replace("/opt/scanproc/bin/python", sys.executable)
    (tmp_path / "mail").write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/mailed\n"
                                   f"cat >> {tmp_path}/mailed\n")
    (tmp_path / "tell.sh").write_text(script)
    for name in ("mail", "tell.sh"):
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([here(PROGRAM), "run", tmp_path / "scans", "--out", tmp_path / "results",
                           "--on-finish", tmp_path / "tell.sh"], check=False, timeout=120,
                          env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 0
    title, line = (tmp_path / "mailed").read_text().splitlines()
    assert title == "-s scans office" and line.startswith("1 page read, 14 numbers")


def test_a_monitoring_script_finds_what_it_needs(here, tmp_path):
    words = [here(PROGRAM), "run", tmp_path / "scans", "--out", tmp_path / "results"]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    done = subprocess.run([here(PROGRAM), "status", tmp_path / "results", "--json"], check=True,
                          capture_output=True, text=True, timeout=60)
    facts = json.loads(done.stdout)
    section = README[README.index("`scanproc status DIR --json` tells"):].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", section))
    run = facts["last_run"]
    assert named <= set(facts) | set(run) and named >= {"last_run", "last_finished", "review"}
    assert run == facts["last_finished"] and run["exit_code"] == 0
    assert run["started"] <= run["finished"] and run["summary"]["numbers"] == facts["numbers"] == 14


def test_every_event_of_the_log_is_named():
    """As the code writes them: those of runs, and the status of a page."""
    table = blocks_of_rows("`event`")
    source = (ROOT / "scanproc/batch/log.py").read_text() + (
        ROOT / "scanproc/batch/run.py").read_text()
    written = set(re.findall(r'\.write\("(\w+)"', source))
    assert written | {"read", "blank", "refused", "crashed", "timeout"} == table


def blocks_of_rows(head):
    """The keys in the first column of the table that begins with this word."""
    rows = README[README.index(f"| {head}"):].split("\n\n")[0].splitlines()[2:]
    return {key for row in rows for key in re.findall(r"`(\w+)`", row.split("|")[1])}
