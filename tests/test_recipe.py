import dataclasses
import hashlib
import json
from itertools import pairwise

import numpy as np
import pytest

from scanproc.errors import UsageError
from scanproc.network import recipe
from scanproc.page import classify


def written(folder, text):
    file = folder / "recipe.toml"
    file.write_text(text)
    return file


def test_without_a_file_it_is_the_recipe_of_the_shipped_network():
    assert recipe.load(None, {"seed": None, "epochs": None}) == recipe.Recipe()


def test_a_table_changes_it_and_flags_win(tmp_path):
    file = written(tmp_path, "seed = 4\nepochs = 90\nstages = [[64], [512, 256]]\n"
                             "learning_rate = 1\n[distortion]\nturn = 0.1\nbox_px = [19, 21]\n")
    made = recipe.load(file, {"seed": 7, "epochs": None})
    assert (made.seed, made.epochs, made.learning_rate) == (7, 90, 1.0)
    assert made.stages == ((64,), (512, 256))
    assert made.distortion == dataclasses.replace(
        recipe.Recipe().distortion, turn=0.1, box_px=(19.0, 21.0))


def test_a_short_training_draws_no_more_than_it_shows():
    made = recipe.load(None, {"epochs": 5})
    assert (made.copies, made.teacher_epochs) == (5, 5)


@pytest.mark.parametrize("text, words", [
    ("epoch = 3", "unknown setting 'epoch'; did you mean 'epochs'"),
    ("[distortion]\nturns = 3", "did you mean 'turn'"),
    ("epochs = 'many'", "'epochs' cannot be 'many'"),
    ("epochs = 0", "'epochs' is out of range: 0"),
    ("epochs = true", "'epochs' cannot be True"),
    ("seed = -1", "'seed' is out of range: -1"),
    ("seed = 4294967296", "'seed' is out of range"),
    ("stages = [[0]]", "out of range"),
    ("stages = []", "'stages' is out of range"),
    ("stages = [512, 256]", "'layers' cannot be 512"),
    ("stages = [[512, 2.5]]", "cannot be"),
    ("teacher = [32]", "'teacher' is out of range"),
    ("negatives = 0.91", "'negatives' is out of range"),
    ("negatives = nan", "'negatives' is out of range"),
    ("learning_rate = nan", "'learning_rate' is out of range"),
    ("weight_decay = 1" + "0" * 400, "'weight_decay' cannot be"),
    ("copies = 1001", "'copies' is out of range"),
    ("warm_up_steps = -1", "'warm_up_steps' is out of range"),
    ("stages = [[8192, 8192]]", "'stages' is out of range"),
    ("stages = [[4000, 3000], [1500, 1000]]", "'stages' is out of range"),
    (f"stages = [{'[8],' * 11}]", "'stages' is out of range"),
    ("[distortion]\nbox_px = [20]", "'box_px' is out of range: (20.0,)"),
    ("[distortion]\nbox_px = [21, 20]", "'box_px' is out of range: (21.0, 20.0)"),
    ("[distortion]\nbox_px = [0, 20]", "'box_px' is out of range"),
    ("[distortion]\npen_radius = [0, 6]", "'pen_radius' is out of range"),
    ("[distortion]\ngray_zoom = [0, 1]", "'gray_zoom' is out of range"),
    ("[distortion]\nscan_zoom = [-1, 1]", "'scan_zoom' is out of range"),
    ("[distortion]\ngray_gain = [nan, 1]", "'gray_gain' is out of range"),
    ("[distortion]\ngray_cut = [0, inf]", "'gray_cut' is out of range"),
    ("[distortion]\ngray_blur_px = 0", "'gray_blur_px' is out of range"),
    ("[distortion]\nturn = nan", "'turn' is out of range: nan"),
    ("[distortion]\nelastic = -0.1", "'elastic' is out of range"),
    ("[distortion]\npen_share = 1.5", "'pen_share' is out of range"),
    ("seed = 1" + "0" * 5000, "is not valid TOML"),
    ("bfloat16 = 1", "'bfloat16' cannot be 1"),
    ("distortion = 3", "write [distortion]"),
    ("seed = ", "is not valid TOML"),
])
def test_what_cannot_be_meant_is_named(tmp_path, text, words):
    with pytest.raises(UsageError) as told:
        recipe.load(written(tmp_path, text), {})
    assert words in str(told.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match="none.toml cannot be read"):
        recipe.load(tmp_path / "none.toml", {})


def test_the_largest_networks_that_may_be_asked_for_can_be_loaded(tmp_path):
    """`stages` just within the limit, written as a training writes them."""
    for stages in (((3800, 3500),), ((8,),) * 10):
        recipe.Recipe(stages=stages)
        layers = [[784, *units, classify.CLASSES] for units in stages]
        network = classify.Network(tuple(classify.Stage(
            tuple(np.zeros(shape, np.float32) for shape in pairwise(sizes)),
            tuple(np.zeros(size, np.float32) for size in sizes[1:]), 1.0, 0.0)
            for sizes in layers), 1.0, {})
        np.savez(tmp_path / "own.npz", **classify.arrays(network))
        sha256 = hashlib.sha256((tmp_path / "own.npz").read_bytes()).hexdigest()
        (tmp_path / "own.json").write_text(json.dumps({"sha256": sha256}))
        assert len(classify.load(str(tmp_path / "own.npz")).stages) == len(stages)
