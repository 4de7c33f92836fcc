"""Loads altered models and says what came of them and what Python did meanwhile, as JSON:
`altered_models.py COUNT FOLDER`. A process of its own, since nothing ends an audit hook.
"""

import hashlib
import io
import json
import os
import pickle
import struct
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from scanproc.errors import ModelError
from scanproc.page import classify
from scanproc.page.clean import turn

RNG = np.random.default_rng(1)
LITERAL = "<unknown>"  # what `ast.literal_eval` calls its text, which it parses and does not run


class RunsCode:
    """A pickle that makes a folder when it is read."""

    def __reduce__(self):
        return os.mkdir, ("code-was-run",)


def packed(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def archived(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_header(text):
    """A .npy file with this text where its type and shape should stand."""
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text


def some(arrays):
    return list(arrays)[RNG.integers(len(arrays))]


# Each is given the whole file and its arrays, and gives the altered file, and whether its card
# shall name the altered one, as if a stranger had made both.

def flipped(content, arrays):
    altered = bytearray(content)
    altered[RNG.integers(len(altered))] ^= 1 << RNG.integers(8)
    return bytes(altered), False


def cut_short(content, arrays):
    return content[:RNG.integers(len(content))], bool(RNG.integers(2))


def longer(content, arrays):
    return content + RNG.bytes(RNG.integers(1, 99)), False


def other_weights(content, arrays):
    return packed({name: array * np.float32(0.5) for name, array in arrays.items()}), False


def wrong_shape(content, arrays):
    name = some(arrays)
    wrong = np.append(arrays[name], arrays[name].dtype.type(0))
    return packed(arrays | {name: wrong if RNG.integers(2) else wrong[None]}), True


def no_numbers(content, arrays):
    name = some(arrays)
    wrong = np.array(arrays[name])
    wrong.flat[RNG.integers(wrong.size)] = RNG.choice([np.nan, np.inf, -np.inf])
    return packed(arrays | {name: wrong}), True


def left_out(content, arrays):
    name = some(arrays)
    return packed({other: array for other, array in arrays.items() if other != name}), True


def pickled_array(content, arrays):
    return packed(arrays | {some(arrays): np.array([RunsCode()], object)}), True


def pickled_member(content, arrays):
    return archived({some(arrays) + RNG.choice(["", ".npy"]): pickle.dumps(RunsCode())}), True


def pickled_file(content, arrays):
    return pickle.dumps(RunsCode()), True


def code_in_header(content, arrays):
    text = b"{'descr': __import__('os').mkdir('code-was-run'), 'shape': (), 'fortran_order': 0}\n"
    return archived({some(arrays) + ".npy": with_header(text)}), True


WAYS = (flipped, cut_short, longer, other_weights, wrong_shape, no_numbers, left_out,
        pickled_array, pickled_member, pickled_file, code_in_header)


def network():
    """A small one: the arrays of one stage of three layers."""
    sizes = (784, 6, 5, 11)
    layers = {}
    for at, (taken, given) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        layers |= {f"stage0_weight{at}": RNG.normal(0, 0.1, (taken, given)).astype("f4"),
                   f"stage0_bias{at}": RNG.normal(0, 0.1, given).astype("f4")}
    return layers | {"sure": np.float32(0.9), "stage0_temperature": np.float32(1),
                     "stage0_lenient": np.float32(0.5)}


def compass():
    """The arrays of a small network that says how a crop is turned."""
    return {"weight0": RNG.normal(0, 0.1, (784, 4)).astype("f2"), "bias0": np.zeros(4, "f2")}


def put(folder, content, named):
    """A model file, and a card that names the bytes `named`."""
    (folder / "own.npz").write_bytes(content)
    card = {"sha256": hashlib.sha256(named).hexdigest()}
    (folder / "own.json").write_text(json.dumps(card))


def attempts(count, folder):
    """Puts altered files one after the other; yields the way and what loads such a file."""
    models = [(classify.load, network()), (turn.load_compass, compass())]
    whole = [packed(arrays) for _, arrays in models]
    for at in range(count):
        way, which = WAYS[at % len(WAYS)], at // len(WAYS) % 2
        load, arrays = models[which]
        content, agrees = way(whole[which], arrays)
        put(folder, content, content if agrees else whole[which])
        yield way.__name__, load


def warm_up(folder):
    """What is imported at the first file is no matter: a good one and bad ones are tried."""
    for load, arrays in ((classify.load, network()), (turn.load_compass, compass())):
        put(folder, packed(arrays), packed(arrays))
        load(str(folder / "own.npz"))
    for _, load in attempts(4 * len(WAYS), folder):
        tried(load, folder)


def tried(load, folder):
    try:
        load(str(folder / "own.npz"))
    except ModelError as error:
        return error.exit_code
    except Exception as error:
        return type(error).__name__
    return "loaded"


def main():
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    events, outcomes, watching = Counter(), Counter(), False

    def hook(event, about):
        if watching:
            is_literal = event == "compile" and about[1] == LITERAL
            is_model = event == "open" and Path(os.fsdecode(about[0])).parent == folder
            events["" if is_literal or is_model else event] += 1

    warm_up(folder)
    sys.addaudithook(hook)
    for way, load in attempts(count, folder):
        watching = True
        outcome = tried(load, folder)
        watching = False
        outcomes[f"{way}: {outcome}"] += 1
    print(json.dumps({"outcomes": outcomes, "events": events}))


if __name__ == "__main__":
    main()
