"""Moving that the system does not allow: said in one line, exit code 4, nothing lost."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import Office, Pool

from scanproc import cli

NOBODY = 65534


@pytest.fixture
def desk(office):
    """An office in a folder that every account may pass through."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        desk = Office(Path(folder))
        desk.done = Path(folder) / "done"
        desk.done.mkdir()
        desk.knobs = {"move_done": str(desk.done)}
        yield desk


@contextmanager
def as_somebody(*folders):
    """As an account that owns the folders and has no rights beyond."""
    if os.geteuid() != 0:
        yield
        return
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_scans_that_may_not_be_taken_away_stay_and_are_said(desk):
    desk.scan("a.pdf", "read 1")
    desk.scan("b.pdf", "read 2")
    desk.out.mkdir()
    with as_somebody(desk.scans, desk.out, desk.done):
        desk.scans.chmod(0o555)
        for read in (2, 0):
            summary = desk.run(knobs=desk.knobs)
            assert summary.exit_code == 4 and len(Pool.read) == read
            assert ("could not be moved, see to that and run again: a.pdf (this account may not "
                    "write to the folder that it lies in), b.pdf (") in summary.line()
        assert list(desk.done.iterdir()) == [] and len(list(desk.scans.iterdir())) == 2
        assert (desk.out / "pages.csv").read_text().count("read") == 2
        desk.scans.chmod(0o755)
        assert desk.run(knobs=desk.knobs).exit_code == 0
        assert Pool.read == [] and len(list(desk.done.iterdir())) == 2


def test_a_target_that_may_not_be_written_to_is_said(desk):
    desk.scan("a.pdf", "read 1")
    desk.out.mkdir()
    with as_somebody(desk.scans, desk.out, desk.done):
        desk.done.chmod(0o555)
        summary = desk.run(knobs=desk.knobs)
        assert summary.exit_code == 4 and "a.pdf (Permission denied)" in summary.line()
        desk.done.chmod(0o755)
        assert desk.run(knobs=desk.knobs).exit_code == 0 and Pool.read == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second account")
def test_a_file_that_another_account_owns_stays_whole(desk):
    """In a folder with the sticky bit it may be copied, and may not be removed."""
    desk.scan("a.pdf", "read 1")
    desk.out.mkdir()
    desk.scans.chmod(0o1777)
    with as_somebody(desk.out, desk.done):
        summary = desk.run(knobs=desk.knobs)
        assert summary.exit_code == 4 and "a.pdf (Operation not permitted)" in summary.line()
        assert list(desk.done.iterdir()) == [] and (desk.scans / "a.pdf").exists()
        assert desk.rows() == [("a.pdf", 1, "read", "1")]


def test_the_command_ends_with_one_line_and_code_4(desk, monkeypatch, capsys):
    def no(*_):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr("scanproc.batch.shelf.os.link", no)
    monkeypatch.setattr("scanproc.batch.shelf._copy", no)
    desk.scan("a.pdf", "read 1")
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(desk.scans), "--out", str(desk.out), "--move-done", str(desk.done)])
    assert ended.value.code == 4
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert "1 page read" in said.err and "a.pdf (Permission denied)" in said.err


def test_the_rest_is_not_tried_when_the_disk_is_full(desk, monkeypatch):
    tried = []

    def full(source, *_):
        tried.append(source)
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("scanproc.batch.moves.BATCH", 2)
    for at in range(5):
        desk.scan(f"{at}.pdf", f"read {at}")
    with monkeypatch.context() as patch:
        patch.setattr("scanproc.batch.shelf.os.link", full)
        patch.setattr("scanproc.batch.shelf._copy", full)
        summary = desk.run(knobs=desk.knobs)
    assert summary.exit_code == 4 and len({path.name for path in tried}) == 2
    assert desk.run(knobs=desk.knobs).files["moved"] == 5 and Pool.read == []


def test_paths_in_a_settings_file_lie_beside_it(desk):
    desk.scan("a.pdf", "read 1")
    desk.out.mkdir()
    (desk.out / "scanproc.toml").write_text("move_done = '../done'\n")
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(desk.scans), "--out", str(desk.out)])
    assert ended.value.code == 0 and len(list(desk.done.iterdir())) == 1
