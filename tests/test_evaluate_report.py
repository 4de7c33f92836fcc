import json

from scanproc.evaluate import report
from scanproc.evaluate.metrics import Score, Tally
from scanproc.evaluate.report import Report, ScoredPage

LINES = ScoredPage("lines.png", 1, "lines", "numbers", "read",
                   Score(1, Tally(8, 9, 8, 6, 5), Tally(4, 3, 3, 2, 2)))
GRID = ScoredPage("grid.png", 1, "", "digits", "read", Score(3, Tally(12, 9, 9, 0, 0)))
BLANK = ScoredPage("blank.png", 1, "", "numbers", "read",
                   Score(2, Tally(0, 2), Tally(0, 1), 1))
GONE = ScoredPage("gone.pdf", 7, "lines", "numbers", "missing",
                  Score(4, Tally(4), Tally(1)))
REPORT = Report((BLANK, GONE, GRID, LINES), (("extra.png", 2),))


def row(name):
    line = next(line for line in report.text(REPORT).splitlines() if line.startswith(name + " "))
    return line[len(name):].split()


def test_a_row_for_each_page():
    assert row("lines.png") == ["1", "8", "9", "12.50", "4", "75.00", "100.00", "0.00", "66.67",
                                "50.00", "0.00", "66.67", "16.67"]
    assert row("grid.png") == ["1", "12", "9", "25.00", *"-------", "0.00", "-"]
    assert row("gone.pdf")[:4] == ["7", "4", "0", "100.00"]


def test_digits_on_a_blank_page_are_shown_as_a_count():
    assert row("blank.png")[1:6] == ["0", "2", "+2", "0", "-"]


def test_rows_of_totals():
    assert row("all lines") == ["2", "12", "9", "41.67", "5", "60.00", "100.00", "0.00", "66.67",
                                "40.00", "0.00", "66.67", "16.67"]
    totals = next(line for line in report.text(REPORT).splitlines() if line.startswith("all  "))
    assert totals.split() == ["all", "4", "24", "20", "41.67", "5", "60.00", "75.00", "25.00",
                              "50.00", "40.00", "0.00", "30.00", "16.67"]


def test_columns_stand_under_each_other_and_are_explained():
    lines = report.text(REPORT).splitlines()
    table = lines[:lines.index("")]
    assert len({len(line) for line in table}) == 1
    for heading in table[0].split()[2:]:
        assert sum(line.startswith(heading + " ") for line in lines) == 1


def test_what_was_not_read_or_not_scored_is_named():
    cut = ScoredPage("cut.pdf", 2, "", "bag", "refused", Score(), "cut: it ends early")
    text = report.text(Report((*REPORT.pages, cut), REPORT.unscored))
    assert "gone.pdf page 7: missing\n" in text
    assert "cut.pdf page 2: refused (cut: it ends early)" in text
    assert "extra.png page 2" in text
    assert "Not " not in report.text(Report((LINES,)))


def test_a_file_name_cannot_drive_the_terminal():
    page = ScoredPage("a\x1b[2J\n.png", 1, "", "bag", "read", Score())
    assert "a\\x1b[2J\\n.png" in report.text(Report((page,)))


def test_json_has_the_same_figures():
    data = json.loads(json.dumps(report.as_json(REPORT)))
    assert list(data) == ["pages", "kinds", "total", "missing", "unscored"]
    assert data["pages"][3] == {
        "file": "lines.png", "page": 1, "kind": "lines", "score": "numbers", "status": "read",
        "reason": "", "edits": 1, "error_rate": 0.125,
        "digits": {"true": 8, "reported": 9, "right": 8, "recall": 1.0, "precision": 8 / 9,
                   "accepted": 6, "accepted_right": 5, "accepted_wrong": 1,
                   "accepted_share": 6 / 9, "accepted_right_share": 0.625,
                   "accepted_wrong_share": 1 / 6},
        "numbers": {"true": 4, "reported": 3, "right": 3, "recall": 0.75, "precision": 1.0,
                    "accepted": 2, "accepted_right": 2, "accepted_wrong": 0,
                    "accepted_share": 2 / 3, "accepted_right_share": 0.5,
                    "accepted_wrong_share": 0.0, "invented": 0, "invented_share": 0.0}}
    assert data["pages"][2]["numbers"] is None
    assert data["pages"][0]["error_rate"] is None
    assert (data["total"]["pages"], data["total"]["edits"]) == (4, 10)
    assert data["kinds"]["lines"]["pages"] == 2
    assert data["missing"] == [{"file": "gone.pdf", "page": 7}]
    assert data["unscored"] == [{"file": "extra.png", "page": 2}]
