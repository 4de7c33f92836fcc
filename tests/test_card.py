import hashlib
import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from scanproc.errors import ModelError, UsageError
from scanproc.labelled.digits import Digits
from scanproc.network import card, data
from scanproc.network.recipe import Recipe
from scanproc.page import classify


def written(folder, name, **parts):
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"sha256": "any", **parts}))
    return file


def test_cards_stand_side_by_side_where_they_differ(tmp_path):
    one = written(tmp_path, "one", recipe={"seed": 1, "epochs": 90, "stages": [[64]]},
                  figures={"test": {"accuracy": 0.99, "lost": {"count": 3}}}, reject_curve={"n": 1})
    two = written(tmp_path, "two", recipe={"seed": 2, "epochs": 90, "stages": [[64], [32]]},
                  figures={"test": {"accuracy": 0.99, "lost": {"count": 3}}})
    lines = [line.split() for line in card.compare([one, two]).splitlines()]
    assert lines == [[str(one), str(two)], ["recipe.seed", "1", "2"],
                     ["recipe.stages", "[[64]]", "[[64],", "[32]]"],
                     ["figures.test.accuracy", "0.99", "0.99"],
                     ["figures.test.lost.count", "3", "3"]]


def test_a_network_may_be_named_in_place_of_its_card(tmp_path):
    written(tmp_path, "one", figures={"n": 1})
    assert "figures.n" in card.compare([tmp_path / "one.npz"])


@pytest.mark.parametrize("content, words", [
    (None, "there is no"), (b"{", "not valid JSON"), (b"[1]", "no sha256"),
    (b"\xff", "not valid JSON"), (b"[" * 100_000, "not valid JSON"),
    (b" " * (classify.MAX_BYTES + 1), "larger than 64 MB")])
def test_what_is_no_card_is_named(tmp_path, content, words):
    if content is not None:
        (tmp_path / "one.json").write_bytes(content)
    with pytest.raises(ModelError, match=words):
        card.compare([tmp_path / "one.json"])


def test_a_name_that_no_card_can_have_is_wrong_usage():
    with pytest.raises(UsageError, match="no card"):
        card.compare([Path()])


def test_a_hostile_card_is_shown_and_does_no_harm(tmp_path):
    deep = 1
    for _ in range(600):
        deep = {"d": deep}
    one = written(tmp_path, "one", figures={
        "deep": deep, "half": "\ud800", "clears": "\x1b[2J", "\x1b]0;": 1, "long": "x" * 10_000,
        "rows": {"k" * 10_000: {str(at): 1 for at in range(3)}}})
    text = card.compare([one])
    text.encode("utf-8")
    assert "\x1b" not in text and "\\x1b[2J" in text and "\\ud800" in text
    assert max(map(len, text.splitlines())) < 500


@pytest.fixture
def made():
    """A function: what is trained with -> its card."""
    network = classify.Network((classify.Stage(
        (np.zeros((784, 11), np.float32),), (np.zeros(11, np.float32),), 1.0, 0.0),), 1.0, {})
    return lambda recipe, added=(): card.card(
        network, data.DataSet(labelled(9), labelled(3), {}), added, recipe, 1)


def labelled(count):
    return Digits(np.zeros((count, 28, 28), np.uint8), np.ones(count, np.uint8))


def test_the_method_tells_of_the_teacher_as_the_recipe_has_it(made):
    assert "gives 0.3 of each answer" in made(Recipe(teacher_share=0.3))["method"]
    assert "teacher" not in made(Recipe(teacher=()))["method"]


def test_digits_added_are_told_one_by_one_also_of_the_same_name(made):
    one, two = labelled(2), labelled(5)
    found = made(Recipe(), [("my own.npz", one), ("my own.npz", two)])
    assert found["command"].count("--add 'my own.npz' ") == 2
    assert [(part["name"], part["n"]) for part in found["data"]["added"]] == [
        ("my own.npz", 2), ("my own.npz", 5)]
    assert found["data"]["added"][1]["sha256"] == hashlib.sha256(
        bytes(5 * 784) + b"\1" * 5).hexdigest()


def test_a_package_of_another_name_does_not_end_a_training(made, monkeypatch):
    version = metadata.version

    def as_with_tensorflow_cpu(name):
        if name == "tensorflow":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", as_with_tensorflow_cpu)
    versions = made(Recipe())["versions"]
    assert versions["tensorflow"] == "" and versions["numpy"] == np.__version__
