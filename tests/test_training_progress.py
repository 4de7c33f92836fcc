import sys

from scanproc.network.progress import LINES, Steps


def test_lines_with_the_time_left(capsys):
    tell = Steps(4).next("a teacher learns", 60)
    for done in range(1, 61):
        tell(done, 0.25, 0.9)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == LINES
    assert lines[0].startswith("step 1 of 4, a teacher learns: 10%, loss 0.2500, 90.00% of the")
    assert lines[-1].endswith("0 min 0 s left")


def test_one_line_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    tell = Steps(4).next("drawing digits", 3)
    for done in (1, 2, 3):
        tell(done)
    told = capsys.readouterr().err
    assert told.count("\r") == 3 and told.count("\n") == 1 and told.endswith("\n")


def test_the_time_left_does_not_count_what_was_kept_from_before(capsys, monkeypatch):
    clock = iter([100.0, 110.0])
    tell = Steps(1).next("network learns", 100)
    with monkeypatch.context() as patched:
        patched.setattr("scanproc.network.progress.time.monotonic", lambda: next(clock))
        tell(80)
        tell(90)
    assert capsys.readouterr().err.splitlines()[-1].endswith("0 min 10 s left")
