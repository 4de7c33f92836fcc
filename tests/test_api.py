"""What a notebook uses."""

import numpy as np
import pytest

import scanproc
from scanproc.errors import UsageError
from scanproc.tables import COLUMNS


def test_a_sample_page_is_read(samples):
    page = scanproc.read(samples / "lines.png")
    assert page.status == "read" and len(page.numbers) == 25
    second = scanproc.read(samples / "fax.tif", page=2)
    assert second.page == 2 and len(second.numbers) == 31


def test_a_page_is_a_table(samples):
    page = scanproc.read(samples / "column.png")
    for table in COLUMNS:
        frame = scanproc.to_pandas(page, table)
        assert list(frame) == [name for name in COLUMNS[table] if name not in ("file", "sha256")]
    assert list(scanproc.to_pandas(page)["text"]) == [number.text for number in page.numbers]


def test_there_are_three_tables(samples):
    with pytest.raises(UsageError, match="digits, numbers, pages"):
        scanproc.to_pandas(scanproc.read(samples / "blank.png"), "rows")


def test_a_damaged_page_is_a_result_and_a_missing_one_an_error(samples, tmp_path):
    assert scanproc.read(samples / "damaged.png").status == "refused"
    with pytest.raises(UsageError, match="no page 4"):
        scanproc.read(samples / "fax.tif", page=4)
    with pytest.raises(UsageError, match="nothing"):
        scanproc.read(tmp_path / "nothing.png")


def test_classify_takes_mnist_as_it_is(mnist):
    images, labels = mnist("t10k")
    whole = scanproc.classify(images[:500])
    assert whole.shape == (500, 11) and np.allclose(whole.sum(axis=1), 1, atol=1e-5)
    assert (whole.argmax(axis=1) == labels[:500]).mean() > 0.98
    assert np.allclose(whole, scanproc.classify(images[:500] / 255), atol=1e-6)


@pytest.mark.parametrize("wrong", [
    np.full((1, 28, 28), 255), np.full((1, 28, 28), 255.0), np.full((1, 28, 28), -0.1),
    np.full((1, 28, 28), np.nan)])
def test_classify_refuses_what_is_neither_fractions_nor_bytes(wrong):
    with pytest.raises(ValueError, match="from 0 to 1.*uint8"):
        scanproc.classify(wrong)
    assert scanproc.classify(np.ones((1, 28, 28), np.int64)).shape == (1, 11)


def test_there_is_no_other_public_name():
    with pytest.raises(AttributeError, match="nothing"):
        scanproc.nothing  # noqa: B018
