"""Every knob from every source; errors that name the knob and where it was set."""

import os
from dataclasses import replace

import pytest

from scanproc.errors import ModelError, UsageError
from scanproc.settings import KNOBS, Settings, fingerprint, load, passwords


def test_each_source_overrides_the_one_before(tmp_path):
    file = tmp_path / "scanproc.toml"
    file.write_text("pdf_dpi = 200\nreview_below = 0.8\njobs = 3\n")
    environ = {"SCANPROC_REVIEW_BELOW": "0.7", "SCANPROC_JOBS": "4", "HOME": "/nowhere"}
    chosen, sources = load(file, environ, {"jobs": 5, "max_pages": None})
    assert (chosen.pdf_dpi, chosen.review_below, chosen.jobs) == (200, 0.7, 5)
    assert (sources["pdf_dpi"], sources["review_below"], sources["jobs"], sources["max_pages"]) \
        == (str(file), "environment", "flag", "default")


def test_an_unknown_key_names_the_nearest_known_one(tmp_path):
    file = tmp_path / "scanproc.toml"
    file.write_text("review_bellow = 0.9\n")
    with pytest.raises(UsageError, match=r"'review_bellow'.*did you mean 'review_below'"):
        load(file, {}, {})
    with pytest.raises(UsageError, match="did you mean 'jobs'"):
        load(None, {"SCANPROC_JOB": "1"}, {})


@pytest.mark.parametrize("text", ["pdf_dpi = 'x'", "pdf_dpi = 3.5", "pdf_dpi = true", "model = 3",
                                  "pdf_dpi = 7", "review_below = 1.5", "duplicates = 'maybe'",
                                  "review_below = nan", "pdf_dpi = ", "pdf_dpi = [300]"])
def test_a_wrong_value_is_an_error(tmp_path, text):
    file = tmp_path / "scanproc.toml"
    file.write_text(text)
    with pytest.raises(UsageError):
        load(file, {}, {})


def test_an_error_and_a_threshold_of_one_source_exclude_one_another(tmp_path):
    file = tmp_path / "scanproc.toml"
    file.write_text("review_below = 0.8\nmax_error = 0.001\n")
    with pytest.raises(UsageError, match=r"'max_error' and 'review_below' \(.*scanproc.toml\)"):
        load(file, {}, {})
    with pytest.raises(UsageError, match=r"'max_error' and 'review_below' \(flag\)"):
        load(None, {}, {"review_below": 0.8, "max_error": 0.001})
    assert load(file, {}, {"max_error": 0.0})[0].review_below == 0.8  # 0 is not used


@pytest.mark.parametrize("lower", ["review_below", "max_error"])
def test_of_an_error_and_a_threshold_the_higher_source_wins(tmp_path, lower):
    values = {"review_below": 0.8, "max_error": 0.001}
    (higher,) = values.keys() - {lower}
    file = tmp_path / "scanproc.toml"
    file.write_text(f"{lower} = {values[lower]}\n")
    environ = {f"SCANPROC_{higher.upper()}": str(values[higher])}
    for chosen, sources in (load(file, environ, {}), load(file, {}, {higher: values[higher]})):
        assert getattr(chosen, higher) == values[higher] and sources[higher] != "default"
        assert getattr(chosen, lower) == getattr(Settings(), lower) and sources[lower] == "default"


def test_a_settings_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="nothing.toml"):
        load(tmp_path / "nothing.toml", {}, {})


def test_a_fingerprint_changes_with_its_own_kind_alone():
    plain = Settings()
    for name, knob in KNOBS.items():
        if isinstance(knob.default, str):
            continue
        other = knob.metadata["low"] if knob.metadata["high"] is None else knob.metadata["high"]
        changed = replace(plain, **{name: type(knob.default)(other)})
        for kind in ("reading", "limit", "deciding"):
            same = fingerprint(changed, kind) == fingerprint(plain, kind)
            assert same == (knob.metadata["kind"] != kind), name


def test_a_file_counts_by_its_content(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("secret\n")
    two.write_text("secret\n")
    first = fingerprint(Settings(pdf_passwords=str(one)), "limit")
    assert first == fingerprint(Settings(pdf_passwords=str(two)), "limit")
    two.write_text("other\n")
    assert first != fingerprint(Settings(pdf_passwords=str(two)), "limit")
    for missing in (str(tmp_path / "none"), "nu\0l"):
        with pytest.raises(UsageError, match="pdf_passwords.*cannot be read"):
            fingerprint(Settings(pdf_passwords=missing), "limit")


def test_a_file_that_is_far_too_large_is_not_read_whole(tmp_path):
    huge = tmp_path / "huge"
    huge.touch()
    os.truncate(huge, 10 ** 12)
    for name, kind, error in (("model", "reading", ModelError),
                              ("pdf_passwords", "limit", UsageError)):
        with pytest.raises(error, match=f"{name}.*larger than 64 MB"):
            fingerprint(Settings(**{name: str(huge)}), kind)


def test_a_model_that_is_not_there_ends_with_the_code_for_models(tmp_path):
    with pytest.raises(ModelError, match="none.npz.*cannot be read"):
        fingerprint(Settings(model=str(tmp_path / "none.npz")), "reading")


def test_a_file_that_the_settings_file_names_lies_beside_it(tmp_path):
    file = tmp_path / "scanproc.toml"
    file.write_text("pdf_passwords = 'secret.txt'\nmodel = '/elsewhere/own.npz'\n")
    chosen, _ = load(file, {}, {})
    assert chosen.pdf_passwords == str(tmp_path / "secret.txt")
    assert chosen.model == "/elsewhere/own.npz"
    assert load(file, {}, {"pdf_passwords": "secret.txt"})[0].pdf_passwords == "secret.txt"


def test_passwords_are_the_lines_of_the_file(tmp_path):
    file = tmp_path / "passwords"
    file.write_text("open sesame\n\nzwölf\n", encoding="utf-8")
    assert passwords(Settings(pdf_passwords=str(file))) == ("open sesame", "zwölf")
    assert passwords(Settings()) == ()
