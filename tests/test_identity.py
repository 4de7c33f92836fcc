"""What becomes of a file that is copied, renamed, replaced, removed: on a real disk."""

import os
import shutil
import sqlite3
from itertools import permutations

import pytest
from fakes import Pool

from scanproc.errors import UsageError


def state(office, name):
    """States of the documents that were ever called so, the oldest first."""
    with sqlite3.connect(office.out / "scanproc.db") as db:
        found = db.execute("SELECT state FROM documents WHERE file = ? ORDER BY id", (name,))
        states = [row[0] for row in found]
    db.close()
    return states


def test_unchanged_files_are_neither_read_nor_opened(office, monkeypatch):
    office.scan("a.pdf", "read 1", "blank")
    office.scan("b.pdf", "refused damaged")
    office.run()
    monkeypatch.setattr("scanproc.batch.folder.digest", None)
    summary = office.run()
    assert Pool.read == [] and summary.files == {"unchanged": 2}


def test_when_only_the_times_differ_the_bytes_decide(office):
    path = office.scan("a.pdf", "read 1")
    office.run()
    os.utime(path, ns=(0, 0))
    assert office.run().files["unchanged"] == 1 and Pool.read == []
    office.run(verify=True)
    assert Pool.read == []


def test_other_bytes_of_the_same_size_and_times_are_found_by_verify(office):
    office.scan("a.pdf", "read 1")
    office.run()
    with sqlite3.connect(office.out / "scanproc.db") as db:  # no file system lets ctime be set
        now = office.scan("a.pdf", "read 2").stat()
        stamp = f"{now.st_size} {now.st_mtime_ns} {now.st_ctime_ns} {now.st_ino}"
        db.execute("UPDATE documents SET stamp = ?", (stamp,))
    db.close()
    office.run()
    assert office.rows() == [("a.pdf", 1, "read", "1")]
    office.run(verify=True)
    assert office.rows() == [("a.pdf", 1, "read", "2")]


def test_a_renamed_file_keeps_its_rows_and_is_not_read(office):
    path = office.scan("a.pdf", "read 1", "read 2")
    office.scan("z.pdf", "blank")
    office.run()
    (office.scans / "sub").mkdir()
    path.rename(office.scans / "sub" / "new.pdf")
    assert office.run().files == {"unchanged": 1, "renamed": 1}
    assert Pool.read == []
    assert office.rows() == [("sub/new.pdf", 1, "read", "1"), ("sub/new.pdf", 2, "read", "2"),
                             ("z.pdf", 1, "blank", "")]


def test_a_rename_while_a_copy_appears_gives_the_reading_once(office):
    office.scan("a.pdf", "read 1").rename(office.scan("c.pdf", "blank"))
    office.run()
    shutil.copy(office.scans / "c.pdf", office.scans / "b.pdf")
    (office.scans / "c.pdf").rename(office.scans / "d.pdf")
    office.run()
    assert Pool.read == []
    assert office.rows() == [("b.pdf", 1, "read", "1"), ("d.pdf", 1, "duplicate", "duplicate")]


def test_known_bytes_at_two_names_are_a_duplicate_of_the_first(office):
    office.scan("m.pdf", "read 1", "read 2")
    office.run()
    for name in ("a.pdf", "z.pdf"):
        shutil.copy(office.scans / "m.pdf", office.scans / name)
    summary = office.run()
    assert Pool.read == [] and summary.exit_code == 0 and summary.files["duplicate"] == 2
    assert office.rows() == [
        ("a.pdf", 1, "duplicate", "duplicate"), ("a.pdf", 2, "duplicate", "duplicate"),
        ("m.pdf", 1, "read", "1"), ("m.pdf", 2, "read", "2"),
        ("z.pdf", 1, "duplicate", "duplicate"), ("z.pdf", 2, "duplicate", "duplicate")]


def test_of_new_files_alike_the_first_by_name_is_read(office):
    for name in ("c.pdf", "a.pdf", "b/a.pdf"):
        office.scan(name, "read 1")
    office.run()
    assert Pool.read == [("a.pdf", 1)]
    assert [row[2] for row in office.rows()] == ["read", "duplicate", "duplicate"]
    assert office.run().files == {"unchanged": 3} and Pool.read == []


def test_duplicates_are_read_when_asked_for_and_given_up_when_not(office):
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        office.scan(name, "read 1")
    office.run(knobs={"duplicates": "read"})
    assert [row[2] for row in office.rows()] == ["read"] * 3
    office.run()
    assert [row[2] for row in office.rows()] == ["read", "duplicate", "duplicate"]
    office.run(knobs={"duplicates": "read"})
    assert Pool.read == [("c.pdf", 1), ("b.pdf", 1)]
    assert [row[2] for row in office.rows()] == ["read"] * 3


@pytest.mark.parametrize("fate", ["removed", "replaced", "renamed"])
def test_a_duplicate_takes_over_when_the_first_is_gone(office, fate):
    first = office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 1")
    office.scan("c.pdf", "read 1")
    office.run()
    if fate == "removed":
        first.unlink()
    elif fate == "replaced":
        office.scan("a.pdf", "read 2")
    else:
        first.rename(office.scans / "d.pdf")
    office.run()
    assert Pool.read == ([("a.pdf", 1)] if fate == "replaced" else [])
    assert office.rows() == {
        "removed": [("b.pdf", 1, "read", "1"), ("c.pdf", 1, "duplicate", "duplicate")],
        "replaced": [("a.pdf", 1, "read", "2"), ("b.pdf", 1, "read", "1"),
                     ("c.pdf", 1, "duplicate", "duplicate")],
        "renamed": [("b.pdf", 1, "read", "1"), ("c.pdf", 1, "duplicate", "duplicate"),
                    ("d.pdf", 1, "duplicate", "duplicate")]}[fate]


def test_a_replaced_file_is_read_and_its_old_reading_stays_in_the_ledger(office):
    office.scan("a.pdf", "read 1", "read 1")
    office.run()
    office.scan("a.pdf", "read 22")
    assert office.run().files["replaced"] == 1
    assert office.rows() == [("a.pdf", 1, "read", "22")]
    assert state(office, "a.pdf") == ["superseded", "current"]


def test_old_bytes_that_come_back_are_not_read_again(office):
    for text in ("read 1", "read 2", "read 1"):
        office.scan("a.pdf", text)
        office.run()
    assert Pool.read == []
    assert office.rows() == [("a.pdf", 1, "read", "1")]


def test_two_files_that_swap_their_names_swap_their_rows(office):
    first, second = office.scan("a.pdf", "read 1"), office.scan("b.pdf", "read 2")
    office.run()
    first.rename(office.scans / "tmp")
    second.rename(first)
    (office.scans / "tmp").rename(second)
    office.run()
    assert Pool.read == []
    assert office.rows() == [("a.pdf", 1, "read", "2"), ("b.pdf", 1, "read", "1")]


def test_the_same_name_from_another_folder_is_wrong_usage(office, tmp_path):
    office.scan("a.pdf", "read 1")
    office.run()
    other = tmp_path / "other"
    shutil.copytree(office.scans, other)
    with pytest.raises(UsageError) as caught:
        office.run(other)
    assert str(other) in str(caught.value) and str(office.scans) in str(caught.value)
    assert office.rows() == [("a.pdf", 1, "read", "1")]


def test_a_second_folder_with_other_names_may_join(office, tmp_path):
    office.scan("a.pdf", "read 1")
    office.run()
    (tmp_path / "other").mkdir()
    shutil.copy(office.scans / "a.pdf", tmp_path / "other" / "b.pdf")
    office.run(tmp_path / "other")
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("b.pdf", 1, "duplicate", "duplicate")]
    (office.scans / "a.pdf").unlink()
    office.run(tmp_path / "other")
    assert office.rows() == [("b.pdf", 1, "read", "1")] and Pool.read == []


def test_more_input_folders_change_the_names_and_read_nothing_again(office, tmp_path):
    office.scan("x.pdf", "read 1")
    office.scan("scans/x.pdf", "read 2")
    office.scan("scans/scans/x.pdf", "read 3")
    office.run()
    (tmp_path / "other").mkdir()
    office.run(office.scans, tmp_path / "other")
    assert Pool.read == []
    assert office.rows() == [("scans/scans/scans/x.pdf", 1, "read", "3"),
                             ("scans/scans/x.pdf", 1, "read", "2"), ("scans/x.pdf", 1, "read", "1")]
    office.run()
    assert Pool.read == [] and [row[0] for row in office.rows()] == [
        "scans/scans/x.pdf", "scans/x.pdf", "x.pdf"]


def test_a_vanished_file_keeps_its_rows_and_comes_back_unread(office):
    path = office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 2")
    office.run()
    path.rename(office.scans.parent / "a.pdf")
    summary = office.run()
    assert summary.files["vanished"] == 1 and summary.exit_code == 0
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("b.pdf", 1, "read", "2")]
    assert "vanished" not in office.run().files
    (office.scans.parent / "a.pdf").rename(path)
    assert office.run().files == {"unchanged": 2} and Pool.read == []


def test_new_bytes_under_the_name_of_a_vanished_file_are_another_document(office):
    for text in ("read 1", "read 2", "read 3"):
        office.scan("SCAN0001.pdf", text)
        office.run()
        (office.scans / "SCAN0001.pdf").unlink()
        assert office.run().exit_code == 1  # the folder is empty
    assert office.rows() == [("SCAN0001.pdf", 1, "read", "1"), ("SCAN0001.pdf#2", 1, "read", "2"),
                             ("SCAN0001.pdf#3", 1, "read", "3")]
    office.scan("SCAN0001.pdf", "read 2")
    assert office.run().exit_code == 0
    assert Pool.read == [] and len(office.rows()) == 3


def test_new_bytes_under_the_name_of_a_file_moved_away_are_another_document(office):
    path = office.scan("a.pdf", "read 1")
    office.run()
    path.unlink()
    with sqlite3.connect(office.out / "scanproc.db") as db:
        db.execute("UPDATE documents SET state = 'moved'")
    db.close()
    assert office.run().exit_code == 0  # an empty folder is as it should be
    office.scan("a.pdf", "read 2")
    office.scan("b.pdf", "read 1")
    office.run()
    assert office.rows() == [("a.pdf", 1, "read", "1"), ("a.pdf#2", 1, "read", "2"),
                             ("b.pdf", 1, "duplicate", "duplicate")]
    office.scan("a.pdf", "read 3")
    office.run()
    assert [row[0] for row in office.rows()] == ["a.pdf", "a.pdf#2", "b.pdf"]


def test_a_folder_that_is_empty_now_is_an_alarm_and_loses_nothing(office):
    path = office.scan("a.pdf", "read 1")
    office.run()
    path.rename(office.scans.parent / "a.pdf")
    for _ in range(2):
        summary = office.run()
        assert summary.exit_code == 1 and str(office.scans) in summary.line()
    assert office.rows() == [("a.pdf", 1, "read", "1")]
    (office.scans.parent / "a.pdf").rename(path)
    assert office.run().exit_code == 0 and Pool.read == []


def test_names_that_are_no_text_are_kept_apart(office):
    folder = os.fsencode(office.scans)
    for name, digit in ((b"\xe9.pdf", 1), (b"\\xe9.pdf", 2), ("é.pdf".encode(), 3)):
        office.scan(os.fsdecode(name), f"read {digit}")
    office.run()
    assert office.rows() == [("\\\\xe9.pdf", 1, "read", "2"), ("\\xe9.pdf", 1, "read", "1"),
                             ("é.pdf", 1, "read", "3")]
    os.rename(folder + b"/\xe9.pdf", folder + b"/\xff.pdf")  # noqa: PTH104 (bytes)
    office.run()
    assert Pool.read == [] and ("\\xff.pdf", 1, "read", "1") in office.rows()


@pytest.mark.parametrize("order", list(permutations(["copy", "remove", "replace"])))
def test_nothing_is_lost_and_nothing_given_twice_in_any_order(office, order):
    """Whatever happens between runs: each number still on the disk is given once."""
    steps = {
        "copy": lambda: shutil.copy(office.scans / "b.pdf", office.scans / "c.pdf"),
        "remove": lambda: (office.scans / "a.pdf").unlink(),
        "replace": lambda: office.scan("b.pdf", "read 9")}
    office.scan("a.pdf", "read 1")
    office.scan("b.pdf", "read 1")
    office.scan("d.pdf", "read 4")
    office.run()
    for step in order:
        steps[step]()
        office.run()
        texts = [text for _, _, status, text in office.rows() if status == "read"]
        on_disk = {path.read_text()[-1] for path in office.scans.iterdir()}
        assert len(texts) == len(set(texts)) and on_disk <= set(texts)
