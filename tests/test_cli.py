"""The command as a process: exit codes, what is said where, and that nothing else happens."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanproc import __version__, cli

FULL = Path("/dev/full")


def command(*words):
    return [sys.executable, "-m", "scanproc", *map(str, words)]


def scanproc(*words, **options):
    return subprocess.run(command(*words), check=False, capture_output=True, text=True,
                          timeout=120, **options)


@pytest.fixture
def scans(tmp_path, samples):
    """A folder with one page."""
    folder = tmp_path / "scans"
    folder.mkdir()
    shutil.copy(samples / "column.png", folder)
    return folder


def said(done, code, *words):
    """The error is one line on stderr that holds these words; stdout is empty."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith(("scanproc: ", "Usage: ")) and "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_version():
    assert scanproc("--version").stdout == f"scanproc, version {__version__}\n"


def test_all_read_is_0_and_says_one_line(scans, tmp_path):
    done = scanproc("run", scans, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (0, "", 1)
    assert done.stderr.startswith("1 page read, 14 numbers")


def test_a_folder_without_scans_is_0_and_said(tmp_path):
    (tmp_path / "scans").mkdir()
    done = scanproc("run", tmp_path / "scans", "--out", tmp_path / "out")
    assert done.returncode == 0 and "no scans found" in done.stderr


def test_a_page_that_cannot_be_read_is_1(scans, tmp_path):
    (scans / "empty.png").touch()
    assert scanproc("run", scans, "--out", tmp_path / "out").returncode == 1


def test_an_input_that_may_not_be_read_is_no_wrong_usage(scans, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    context = cli.run.make_context("run", [str(scans), "--out", str(tmp_path)])
    assert context.params["inputs"] == (scans,)  # it gets a row and does not stop the others


@pytest.mark.parametrize("words, names", [
    (["run"], ["INPUT"]),
    (["run", "scans"], ["--out"]),
    (["run", "nothing", "--out", "out"], ["nothing"]),
    (["run", "scans", "--out", "scans/out"], ["scans"]),
    (["run", "scans", "--out", "out", "--review-below", "2"], ["review_below"]),
    (["run", "scans", "--out", "out", "--review-below", "0.9", "--max-error", "0.01"],
     ["review_below", "max_error"]),
    (["run", "scans", "--out", "out", "--settings", "nothing.toml"], ["nothing.toml"]),
    (["run", "scans", "--out", "out", "--pdf-passwords", "nothing"], ["nothing"]),
    (["run", "scans", "--out", "out", "--report", "{day}.csv"], ["{day}", "{date}"]),
    (["status", "scans"], ["scans"]),
    (["export", "scans"], ["scans"]),
    (["export", "scans", "--what", "numbers"], ["-o"]),
    (["evaluate", "--pages", "scans"], ["truth.csv"]),
    (["doctor", "nothing"], ["nothing"]),
    (["nonsense"], ["nonsense"]),
])
def test_wrong_usage_is_2_and_writes_nothing(scans, tmp_path, words, names):
    before = sorted(tmp_path.rglob("*"))
    said(scanproc(*words, cwd=tmp_path), 2, *names)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_wrong_setting_of_the_environment_is_2(scans, tmp_path):
    environ = os.environ | {"SCANPROC_REVIEW_BELLOW": "0.5"}
    said(scanproc("run", scans, "--out", tmp_path / "out", env=environ), 2, "review_below")


def test_settings_beside_the_results_are_taken(scans, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "scanproc.toml").write_text("review_below = 1.0\n")
    assert "14 for review" in scanproc("run", scans, "--out", out).stderr
    knob = json.loads(scanproc("doctor", out, "--json").stdout)["settings"]["review_below"]
    assert knob == {"value": 1.0, "from": str(out / "scanproc.toml")}


def test_the_threshold_of_an_error_asked_for_is_told(scans, tmp_path, samples):
    shutil.copy(samples.parent / "models" / "digits.npz", tmp_path)
    card = json.loads((samples.parent / "models" / "digits.json").read_text(encoding="utf-8"))
    card["reject_curve"] = {"crops": "drawn", "n": 1000, "review_below": [0.5, 1.0],
                            "accepted": [990, 900], "wrong": [9, 0]}
    (tmp_path / "digits.json").write_text(json.dumps(card), encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "scanproc.toml").write_text("model = '../digits.npz'\nmax_error = 0.002\n")
    told, summary = scanproc("run", scans, "--out", out).stderr.splitlines()
    assert told.startswith("asked for at most 0.2 % wrong: digits and numbers less sure than 1 go "
                           "to review, 10.0 % of the single digits") and "14 for review" in summary
    assert json.loads(scanproc("status", out, "--json").stdout)["review"] == 14
    assert scanproc("export", out, "--max-error", "0.02").returncode == 0
    assert (out / "numbers.csv").read_text().count("low_confidence") == 0


def test_settings_beside_the_results_that_lead_nowhere_are_2(scans, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "scanproc.toml").symlink_to("unmounted.toml")
    said(scanproc("run", scans, "--out", out), 2, "scanproc.toml")


def test_a_model_that_was_altered_is_3_before_anything_is_read(scans, tmp_path, samples):
    for file in (samples.parent / "models").glob("digits.*"):
        shutil.copy(file, tmp_path)
    model = tmp_path / "digits.npz"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    said(scanproc("run", scans, "--out", tmp_path / "out", "--model", model), 3, "digits.npz")
    assert not (tmp_path / "out" / "pages.csv").exists()


def test_an_output_that_cannot_be_written_is_4(scans, tmp_path):
    (tmp_path / "out").touch()
    said(scanproc("run", scans, "--out", tmp_path / "out"), 4, "out")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_standard_output_is_4_and_a_full_log_changes_nothing(tmp_path):
    (tmp_path / "scans").mkdir()
    out = tmp_path / "out"
    with FULL.open("w") as full:
        def ended(*words, **streams):
            return subprocess.run(command(*words), check=False, timeout=60, **streams).returncode
        assert ended("run", tmp_path / "scans", "--out", out, stderr=full) == 0
        assert ended("run", tmp_path / "nothing", "--out", out, stderr=full) == 2
        assert ended("status", out, stdout=full) == 4
    with FULL.open("w") as full:
        done = subprocess.run(command("export", out, "-o", "-"), check=False, timeout=60, text=True,
                              stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4 and done.stderr.startswith("scanproc: standard output")


def test_a_damaged_ledger_is_6_and_stays_as_it_is(scans, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "scanproc.db").write_bytes(b"no database" * 1000)
    said(scanproc("run", scans, "--out", tmp_path / "out"), 6, "scanproc.db")
    assert (tmp_path / "out" / "scanproc.db").read_bytes() == b"no database" * 1000


def test_too_many_failures_are_7_and_the_csv_is_there(scans, tmp_path):
    (scans / "empty.png").touch()
    done = scanproc("run", scans, "--out", tmp_path / "out", "--max-failures", 0)
    said(done, 7, "--max-failures")
    assert (tmp_path / "out" / "numbers.csv").stat().st_size > 500


def test_a_selection_goes_to_stdout(scans, tmp_path):
    out = tmp_path / "out"
    scanproc("run", scans, "--out", out)
    whole = scanproc("export", out, "--what", "numbers", "-o", "-")
    assert whole.stdout == (out / "numbers.csv").read_text()
    assert scanproc("export", out, "--run", "last", "-o", "-").stdout == whole.stdout
    assert scanproc("export", out, "--since", "2999-01-01", "-o", "-").stdout.count("\n") == 1
    said(scanproc("export", out, "--run", "7", "-o", "-"), 2, "--run 7")
    said(scanproc("export", out, "--since", "soon", "-o", "-"), 2, "--since soon")


def test_a_selection_is_what_its_file_is_called(scans, tmp_path):
    out = tmp_path / "out"
    scanproc("run", scans, "--out", out)
    for name, begins in (("n.xlsx", b"PK"), ("n.json", b"["), ("n.txt", b"file,page")):
        done = scanproc("export", out, "-o", tmp_path / name)
        assert done.returncode == 0 and name in done.stderr
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_export_alone_writes_the_csv_again(scans, tmp_path):
    out = tmp_path / "out"
    scanproc("run", scans, "--out", out)
    whole = (out / "numbers.csv").read_bytes()
    (out / "numbers.csv").unlink()
    assert scanproc("export", out).returncode == 0
    assert (out / "numbers.csv").read_bytes() == whole


def test_status_speaks_to_people_and_to_scripts(scans, tmp_path):
    out = tmp_path / "out"
    scanproc("run", scans, "--out", out)
    assert "numbers" in scanproc("status", out).stdout
    assert json.loads(scanproc("status", out, "--json").stdout)["numbers"] == 14


def test_doctor_tells_versions_and_settings():
    text = scanproc("doctor").stdout
    assert __version__ in text and "opencv-python-headless" in text and "review_below" in text
    assert json.loads(scanproc("doctor", "--json").stdout)["jobs"] >= 1
