"""Which files go where when they are done with, and which stay."""

import os
import shutil

import pytest
from fakes import Pool

from scanproc.batch import status
from scanproc.batch.moves import Moves
from scanproc.errors import OutputError, UsageError
from scanproc.settings import Settings

leaving = Moves._leaving


@pytest.fixture
def desk(office, tmp_path):
    """The office with two folders beside it: everything is moved."""
    office.done, office.refused = tmp_path / "done", tmp_path / "refused"
    office.knobs = {"move_done": str(office.done), "move_refused": str(office.refused)}
    return office


def run(desk, *inputs, **options):
    """A run with both folders, or with other knobs."""
    return desk.run(*inputs, knobs=options.pop("knobs", desk.knobs), **options)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_read_and_refused_files_go_where_they_belong(desk):
    desk.scan("a.pdf", "read 1", "blank")
    desk.scan("sub/deep/b.pdf", "refused damaged")
    desk.scan("sub/c.pdf", "blank")
    (desk.scans / "notes.txt").write_text("hello")
    summary = run(desk)
    assert summary.exit_code == 1 and summary.files["moved"] == 3
    assert "3 moved away" in summary.line()
    assert names(desk.scans) == ["notes.txt"]
    assert names(desk.done) == ["a.pdf", "sub/c.pdf"]
    assert names(desk.refused) == ["sub/deep/b.pdf", "sub/deep/b.pdf.txt"]
    rows = desk.rows()
    assert run(desk).exit_code == 0 and desk.rows() == rows
    facts = status.status(desk.out, Settings())
    assert facts["files"]["moved"] == 3 and facts["vanished"] == []
    assert "  moved away           3" in status.text(facts).splitlines()


def test_the_reason_beside_a_refused_file_is_for_a_clerk(desk):
    desk.scan("sub/a.pdf", "read 1", "refused damaged", "blank", "refused too_large")
    desk.scan("b.pdf", "refused encrypted")
    run(desk)
    assert (desk.refused / "sub" / "a.pdf.txt").read_text(encoding="utf-8").splitlines() == [
        "sub/a.pdf: 2 of 4 pages could not be read.", "",
        "page 2: damaged: in words", "page 4: too_large: in words", "",
        "The numbers on the other pages are in the CSV files.", "",
        "If the file is damaged, scan the sheet again. If a setting or a password keeps it out,",
        f"change that and put the file back into {desk.scans}."]
    assert "b.pdf: it could not be read." in (desk.refused / "b.pdf.txt").read_text()
    assert desk.rows()[1] == ("sub/a.pdf", 1, "read", "1")


@pytest.mark.parametrize("failure", ["crashed", "timeout"])
def test_a_file_stays_until_its_last_page_is_final(desk, failure):
    desk.scan("a.pdf", "read 1", "read 2")
    desk.scan("b.pdf", "read 1", "read 2")  # with the bytes of the first
    Pool.outcomes["a.pdf", 2] = failure
    for _ in range(2):
        run(desk)
        assert names(desk.scans) == ["a.pdf", "b.pdf"] and Pool.read[-1] == ("a.pdf", 2)
    run(desk)
    assert names(desk.scans) == []
    assert names(desk.refused) == ["a.pdf", "a.pdf.txt", "b.pdf", "b.pdf.txt"]


def test_a_page_that_is_read_after_all_sends_the_file_to_the_done(desk):
    desk.scan("a.pdf", "read 1", "read 2")
    Pool.outcomes["a.pdf", 2] = "timeout"
    run(desk)
    Pool.outcomes.clear()
    assert run(desk).exit_code == 0
    assert names(desk.done) == ["a.pdf"] and names(desk.refused) == []


@pytest.mark.parametrize("failure", ["refused permission", "refused io", "refused changed"])
def test_a_file_that_is_not_at_fault_stays(desk, failure):
    desk.scan("a.pdf", failure)
    for _ in range(4):
        run(desk)
    assert names(desk.scans) == ["a.pdf"]


def test_without_a_folder_for_them_files_stay(desk):
    desk.scan("a.pdf", "read 1")
    desk.scan("b.pdf", "refused damaged")
    run(desk, knobs={"move_refused": str(desk.refused)})
    assert names(desk.scans) == ["a.pdf"] and not desk.done.exists()
    run(desk, knobs={"move_done": str(desk.done)})
    assert names(desk.scans) == [] and Pool.read == []


def test_a_file_too_large_to_be_looked_into_goes_too(desk):
    desk.scan("a.pdf", "read" + " 1" * 1000)
    run(desk, knobs=desk.knobs | {"max_file_mb": 0.002})
    assert names(desk.refused) == ["a.pdf", "a.pdf.txt"]
    (desk.refused / "a.pdf").rename(desk.scans / "a.pdf")
    assert run(desk).exit_code == 0
    assert names(desk.done) == ["a.pdf"] and len(Pool.read) == 1


# --- duplicates, and names that come again ---

def test_a_scanner_that_starts_again_every_morning_loses_and_doubles_nothing(desk):
    for day in range(1, 4):
        desk.scan("SCAN0001.pdf", f"read {day}")
        desk.scan("SCAN0002.pdf", f"read {day}{day}")
        assert run(desk).exit_code == 0 and len(Pool.read) == 2
        assert run(desk).exit_code == 0 and Pool.read == []
    assert [(row[0], row[3]) for row in desk.rows()] == [
        ("SCAN0001.pdf", "1"), ("SCAN0001.pdf#2", "2"), ("SCAN0001.pdf#3", "3"),
        ("SCAN0002.pdf", "11"), ("SCAN0002.pdf#2", "22"), ("SCAN0002.pdf#3", "33")]
    assert {name: (desk.done / name).read_text()[-2:] for name in names(desk.done)} == {
        "SCAN0001.pdf": " 1", "SCAN0001#2.pdf": " 2", "SCAN0001#3.pdf": " 3",
        "SCAN0002.pdf": "11", "SCAN0002#2.pdf": "22", "SCAN0002#3.pdf": "33"}


def test_a_duplicate_goes_where_the_first_one_went(desk):
    for name in ("a.pdf", "b.pdf"):
        desk.scan(name, "read 1")
        desk.scan(f"bad-{name}", "refused damaged")
    run(desk)
    desk.scan("c.pdf", "read 1")
    desk.scan("bad-c.pdf", "refused damaged")
    run(desk)
    assert Pool.read == [] and names(desk.scans) == []
    assert names(desk.done) == ["a.pdf", "b.pdf", "c.pdf"]
    assert names(desk.refused) == [f"bad-{name}.pdf{end}" for name in "abc" for end in ("", ".txt")]
    assert [row[3] for row in desk.rows()] == [
        "1", "duplicate", "damaged", "duplicate", "duplicate", "duplicate"]


def test_the_same_bytes_under_the_same_name_are_the_same_document(desk):
    for _ in range(3):
        desk.scan("a.pdf", "read 1")
        run(desk)
    assert desk.rows() == [("a.pdf", 1, "read", "1")] and names(desk.scans) == []


def test_two_names_of_one_file_go_one_by_one(desk):
    (desk.scans / "b.pdf").hardlink_to(desk.scan("a.pdf", "read 1"))
    run(desk)
    assert names(desk.scans) == [] and names(desk.done) == ["a.pdf", "b.pdf"]


@pytest.mark.parametrize("name", ["a.pdf", "again.pdf"])
def test_a_refused_file_that_is_put_back_is_tried_again_under_other_limits(desk, name):
    desk.scan("a.pdf", "read 1", "refused encrypted")
    run(desk)
    (desk.refused / "a.pdf").rename(desk.scans / name)
    Pool.outcomes[name, 2] = "read 2"
    assert run(desk, knobs=desk.knobs | {"max_pages": 10}).exit_code == 0
    assert {page for _, page in Pool.read} == {1, 2}
    assert desk.rows() == [(name, 1, "read", "1"), (name, 2, "read", "2")]
    assert names(desk.done) == [name] and names(desk.refused) == ["a.pdf.txt"]


def test_a_refused_file_that_is_put_back_unchanged_goes_again(desk):
    desk.scan("a.pdf", "refused damaged")
    run(desk)
    (desk.refused / "a.pdf").rename(desk.scans / "a.pdf")
    assert run(desk).exit_code == 1 and Pool.read == []
    assert names(desk.refused) == ["a.pdf", "a.pdf.txt"] and names(desk.scans) == []


def test_a_folder_that_was_emptied_by_moving_is_no_alarm(desk):
    desk.scan("a.pdf", "read 1")
    gone = desk.scan("b.pdf", "timeout")
    run(desk)
    assert run(desk).exit_code == 1
    gone.unlink()
    assert run(desk).exit_code == 1  # it was to be tried again
    assert run(desk).exit_code == 0 and desk.run().exit_code == 0


def test_names_taken_by_others_are_never_written_over(desk):
    for folder in (desk.done, desk.refused):
        folder.mkdir()
        for name in ("a.pdf", "a.pdf.txt", "a (2).pdf"):
            (folder / name).write_text("not ours")
    (desk.done / "b.pdf").symlink_to(desk.done / "nowhere")
    desk.scan("a.pdf", "read 1")
    desk.scan("b.pdf", "blank")
    run(desk)
    desk.scan("a.pdf", "refused damaged")
    run(desk)
    assert names(desk.done) == ["a (2).pdf", "a (3).pdf", "a.pdf", "a.pdf.txt", "b (2).pdf"]
    assert "a#2.pdf" in names(desk.refused) and "a#2.pdf.txt" in names(desk.refused)
    for folder in (desk.done, desk.refused):
        assert all((folder / name).read_text() == "not ours"
                   for name in ("a.pdf", "a.pdf.txt", "a (2).pdf"))


def test_several_inputs_are_kept_apart_in_the_target(desk, tmp_path):
    desk.scan("a.pdf", "read 1")
    other = tmp_path / "other" / "a.pdf"
    other.parent.mkdir()
    shutil.copy(desk.scans / "a.pdf", other)
    run(desk, desk.scans, other.parent)
    assert names(desk.done) == ["other/a.pdf", "scans/a.pdf"]


def test_names_that_are_no_text_keep_their_bytes(desk):
    raw = [b"\xe9\\.pdf", b"-x\n.pdf", b"=cmd.pdf", b"x" * 251 + b".pdf"]
    for at, name in enumerate(raw):
        desk.scan(os.fsdecode(name), f"read {at}")
    desk.scan(os.fsdecode(b"y" * 251 + b".pdf"), "refused damaged")
    assert run(desk).files["moved"] == 5
    assert sorted(map(os.fsencode, os.listdir(desk.done))) == sorted(raw)  # noqa: PTH208
    assert "y" * 251 + ".txt" in names(desk.refused)
    desk.scan(os.fsdecode(raw[-1]), "read 9")
    assert run(desk).exit_code == 0 and len(names(desk.done)) == 5


def test_a_file_that_changes_after_it_was_read_is_read_by_the_next_run(desk, monkeypatch):
    path = desk.scan("a.pdf", "read 1")
    with monkeypatch.context() as patch:
        patch.setattr("scanproc.batch.moves.Moves._leaving", lambda self, book, catalog, unseen: (
            desk.scan("a.pdf", "read 2") and leaving(self, book, catalog, unseen)))
        assert run(desk).files["moved"] == 0
    assert names(desk.scans) == ["a.pdf"] and names(desk.done) == []
    assert run(desk).exit_code == 0 and not path.exists()
    assert desk.rows() == [("a.pdf", 1, "read", "2")]
    assert (desk.done / "a.pdf").read_text().endswith("read 2")


# --- folders that cannot be ---

@pytest.mark.parametrize("target", ["scans", "scans/done", "out", "out/done", ".", "link",
                                    "link/done"])
@pytest.mark.parametrize("knob", ["move_done", "move_refused"])
def test_a_target_that_overlaps_is_wrong_usage_before_anything_is_read(
        desk, tmp_path, target, knob):
    (tmp_path / "link").symlink_to(desk.scans)
    desk.scan("a.pdf", "read 1")
    with pytest.raises(UsageError, match="lie inside each other"):
        run(desk, knobs={knob: str(tmp_path / target)})
    assert Pool.read == [] and not desk.out.exists() and names(desk.scans) == ["a.pdf"]


def test_a_target_that_an_input_file_lies_in_is_wrong_usage(desk):
    path = desk.scan("a.pdf", "read 1")
    with pytest.raises(UsageError, match="choose another"):
        run(desk, path, knobs={"move_done": str(desk.scans)})
    run(desk, path)
    assert names(desk.done) == ["a.pdf"]


def test_a_target_that_cannot_be_made_is_said_before_anything_is_read(desk):
    desk.scan("a.pdf", "read 1")
    desk.done.write_text("in the way")
    with pytest.raises(OutputError, match="--move-done .*done cannot be made"):
        run(desk)
    with pytest.raises(UsageError, match="no path"):
        run(desk, knobs={"move_done": "a\0b"})
    assert Pool.read == []


def test_a_target_may_be_reached_by_a_link_but_no_link_in_it_is_followed(desk, tmp_path):
    (tmp_path / "real").mkdir()
    desk.done.symlink_to(tmp_path / "real")
    (desk.done / "sub").symlink_to(desk.scans)
    desk.scan("a.pdf", "read 1")
    desk.scan("sub/b.pdf", "read 2")
    summary = run(desk)
    assert summary.exit_code == 4
    assert names(tmp_path / "real") == ["a.pdf"] and names(desk.scans) == ["sub/b.pdf"]
