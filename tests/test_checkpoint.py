import numpy as np
import pytest

from scanproc.network.checkpoint import Checkpoint


@pytest.fixture
def kept(tmp_path):
    return Checkpoint(tmp_path / "models", "abc")


def test_what_was_saved_last_is_found_again(kept, tmp_path):
    kept.save("teacher", [np.array(1), np.ones((2, 3), np.float32)])
    kept.save("teacher", [np.array(2), np.zeros(4, np.uint8)])
    number, array = Checkpoint(tmp_path / "models", "abc").load("teacher")
    assert number == 2 and array.dtype == np.uint8 and array.tolist() == [0, 0, 0, 0]


def test_another_training_does_not_see_it(kept, tmp_path):
    kept.save("teacher", [np.array(1)])
    assert kept.load("stage0") == []
    assert Checkpoint(tmp_path / "models", "other").load("teacher") == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\x80\x04K\x01."])
def test_a_damaged_file_counts_as_none(kept, content):
    (kept.folder / "teacher.npz").write_bytes(content)
    assert kept.load("teacher") == []


def test_it_leaves_nothing_when_done(kept, tmp_path):
    kept.save("teacher", [np.array(1)])
    kept.remove()
    assert list((tmp_path / "models").iterdir()) == []
