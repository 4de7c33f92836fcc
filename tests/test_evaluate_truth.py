import pytest

from scanproc.errors import UsageError
from scanproc.evaluate import truth
from scanproc.evaluate.truth import TruthPage


def load(tmp_path, content):
    file = tmp_path / "truth.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return truth.load(file)


def test_lines_and_spaces_split_numbers_and_pages_come_sorted(tmp_path):
    pages = load(tmp_path, "file,page,text\nb.pdf,10,1\nb.pdf,2,12 3|4?5\na.png,1,\n")
    assert pages == [TruthPage("a.png", 1, ()), TruthPage("b.pdf", 2, ("12", "3", "4?5")),
                     TruthPage("b.pdf", 10, ("1",))]


def test_score_and_kind_are_read_and_other_columns_ignored(tmp_path):
    pages = load(tmp_path, "kind,text,notes,page,file,score\n"
                           "grid,12|3,\"tilted, faint\",1,a.png,digits\nloose,0,,1,b.png,\n")
    assert [(page.kind, page.score) for page in pages] == [("grid", "digits"),
                                                           ("loose", "numbers")]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_byte_order_mark_and_windows_line_ends(tmp_path, ending):
    content = ending.join(["file,page,text", "ä.png,1,007", ""])
    assert load(tmp_path, b"\xef\xbb\xbf" + content.encode()) == [TruthPage("ä.png", 1, ("007",))]


@pytest.mark.parametrize(("content", "words"), [
    ("file,text\na.png,1\n", "no column page"),
    ("file;page;text\na.png;1;1\n", "no column file, page, text"),
    ("", "no column file, page, text"),
    ("file,page,text\n", "names no page"),
    ("file,page,text\na.png,1,1\na.png,0,1\n", "line 3: page must be"),
    ("file,page,text\na.png,one,1\n", "line 2: page must be"),
    ("file,page,text\na.png,1,12a\n", "line 2: text may hold"),
    ("file,page,text\na.png,1,1\u0663\n", "line 2: text may hold"),
    ("file,page,text\n,1,12\n", "line 2: the file is not named"),
    ("file,page,text\na.png,1\n", "line 2: there are not as many cells"),
    ("file,page,text\na.png,1,12,5\n", "line 2: there are not as many cells"),
    ("file,page,text,score\na.png,1,1,bags\n", "line 2: score must be one of"),
    ("file,page,text\na.png,1,1\nb.png,1,1\na.png,1,2\n", "line 4: page 1 of a.png has a row"),
    ("file,page,text\n\"a.png,1,1\n", "not valid CSV"),
    (b"file,page,text\n\xe4.png,1,1\n", "not UTF-8"),
])
def test_what_cannot_be_scored_is_named_with_its_line(tmp_path, content, words):
    with pytest.raises(UsageError) as error:
        load(tmp_path, content)
    assert words in str(error.value)
    assert "truth.csv" in str(error.value)


def test_a_truth_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        truth.load(tmp_path / "none.csv")
