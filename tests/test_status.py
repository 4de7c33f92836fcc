"""What a folder holds, for a clerk and for scripts."""

import json
from dataclasses import replace

import pytest
from fakes import Pool, result

from scanproc.batch import ledger, status
from scanproc.errors import LedgerError, UsageError
from scanproc.settings import Settings


def facts(office, **knobs):
    return status.status(office.out, Settings(**knobs))


def test_everything_is_counted_and_named(office):
    office.scan("a.pdf", "read 12 3", "blank", "refused damaged")
    office.scan("b.pdf", "crashed")
    office.scan("c.pdf", "crashed")
    gone = office.scan("gone.pdf", "read 4")
    (office.scans / "x.txt").write_text("hello")
    (office.scans / ".hidden").write_text("hello")
    office.run()
    gone.unlink()
    office.scan("a.pdf", "read 12 3", "blank", "refused damaged", "blank")
    office.run(knobs={"pdf_dpi": 200})
    found = facts(office, review_below=1.0)
    assert found["pages"] == {"blank": 2, "crashed": 1, "duplicate": 1, "read": 2, "refused": 1}
    assert found["files"] == {"known": 4, "duplicates": 1, "moved": 0, "superseded": 1}
    assert (found["numbers"], found["review"], found["stale"]) == (3, 3, 1)
    assert found["vanished"] == ["gone.pdf"] and found["skipped"] == {".txt": 1, "hidden": 1}
    assert [(row["file"], row["page"], row["status"], row["reason"]) for row in found["unread"]
            ] == [("a.pdf", 3, "refused", "damaged"), ("b.pdf", 1, "crashed", "crashed")]
    assert found["last_run"]["run"] == 2 and found["last_run"]["exit_code"] == 1
    assert json.loads(json.dumps(found)) == found


def test_the_page_for_a_clerk_names_what_needs_a_hand(office):
    office.scan("a\n.pdf", "refused damaged")
    for at in range(25):
        office.scan(f"b{at:02}.pdf", f"refused cut {at}")
    gone = office.scan("gone.pdf", "read 4")
    (office.scans / "x.txt").write_text("hello")
    office.run()
    gone.unlink()
    office.run()
    text = status.text(facts(office))
    for line in ("  a\\n.pdf, page 1: refused, in words", "  gone.pdf", "  1 x .txt",
                 "  and 6 more", "pages refused         26", "  for review           1"):
        assert line in text.splitlines()
    assert "run 2 ended 20" in text and "with exit code 1" in text


def test_what_became_of_the_ink_adds_up(office):
    office.scan("a.pdf", "read 12 3", "blank", "read 4")
    office.run()
    assert facts(office)["ink"] == {"pieces": 0, "fates": {}, "pages": []}
    assert "of ink" not in status.text(facts(office))
    with ledger.opened(office.out, create=True) as book:
        book.begin(0.0, "1.0", "", "")
        for page, ink in ((1, {"digit": 3, "print": 1200}), (3, {"digit": 1, "speck": 40})):
            book.record(1, 3, replace(result(page, "read", "1"), ink=tuple(sorted(ink.items()))))
    found = facts(office)["ink"]
    assert found["fates"] == {"digit": 4, "print": 1200, "speck": 40}
    assert found["pages"] == [
        {"file": "a.pdf", "page": 1, "pieces": 1203, "fates": {"digit": 3, "print": 1200}},
        {"file": "a.pdf", "page": 3, "pieces": 41, "fates": {"digit": 1, "speck": 40}}]
    assert found["pieces"] == 1244 == sum(page["pieces"] for page in found["pages"])
    line = "pieces of ink       1244   1,200 print, 40 speck, 4 digit"
    assert line in status.text(facts(office)).splitlines()


def test_it_works_while_a_run_works_and_after_it_was_stopped(office):
    office.scan("a.pdf", "read 4", "read 5")
    Pool.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        office.run()
    with ledger.held(office.out):
        found = facts(office)
    assert found["pages"] == {"read": 1} and found["last_run"]["finished"] is None
    assert "works, or was stopped" in status.text(found)


def test_a_folder_without_a_ledger_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="--out"):
        status.status(tmp_path, Settings())
    (tmp_path / "scanproc.db").write_bytes(b"hello" * 1000)
    with pytest.raises(LedgerError):
        status.status(tmp_path, Settings())
