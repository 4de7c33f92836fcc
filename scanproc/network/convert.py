"""The network for other programs: a cascade as one graph, in a file that ONNX or Keras reads.

The graph answers every image by every stage, and takes of each row the answer that the cascade
would take; a stage that nobody needed costs time, not truth.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from scanproc.errors import OutputError, UsageError
from scanproc.page import classify
from scanproc.page.classify import Network, Stage

if TYPE_CHECKING:
    import keras
    import onnx

OPSET, IR = 13, 7   # of 2020: the oldest that have these operators, so that old runtimes read them
FLOAT = "float32"   # also where Keras is set to another one, as it is while the network is trained
NEVER = -1e30       # a logit whose probability is 0
PARTS = "parts"     # how many classes are digits, and how many are not
# What it does, what it takes, what it gives, its attributes.
Operator = tuple[str, list[str], list[str], dict[str, object]]
MEANING = ("Handwritten digits. images: (N, 28, 28), laid out as in MNIST, ink 1.0 on 0.0. "
           "probabilities: (N, 11), columns 0-9 the digits, column 10 not a digit.")


def export(network: Network, target: Path) -> None:
    """Write the network to `target`, by its suffix .onnx or .keras; whole, or not at all.

    The graph takes `images` (N, 28, 28) float32 in [0, 1], ink = 1.0, and gives `probabilities`
    (N, 11) float32 as `classify.classify` does, but for rounding. The ONNX file holds the card;
    the Keras model is called by the card's sha256. Raises UsageError for another suffix or where
    the package that writes it is not installed, OutputError where `target` cannot be written.
    """
    if target.suffix not in FORMATS:
        raise UsageError(f"{target}: a model is exported as {' or '.join(FORMATS)}; name a file "
                         "that ends so")
    package, write = FORMATS[target.suffix]
    try:
        with TemporaryDirectory(prefix=".exporting-", dir=target.parent) as staging:
            file = Path(staging) / target.name
            write(network, file)
            with file.open("rb+") as stream:
                os.fsync(stream.fileno())
            file.replace(target)
    except ImportError as error:
        raise UsageError(f"exporting {target.suffix} needs {package}, which is not installed; "
                         f"run: {sys.executable} -m pip install {package}") from error
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}; see to that, or "
                          "name another file. A file that was there is unchanged") from error


def _write_onnx(network: Network, file: Path) -> None:
    import onnx

    model = _onnx_model(network)
    onnx.checker.check_model(model, full_check=True)
    file.write_bytes(model.SerializeToString(deterministic=True))


def _onnx_model(network: Network) -> onnx.ModelProto:
    from onnx import TensorProto, helper, numpy_helper

    whole = _of_eleven(network)
    nodes = [helper.make_node(operator, taken, given, name=given[0], **attributes)
             for operator, taken, given, attributes in _operators(whole)]
    wanted = {name for node in nodes for name in node.input}
    constants = [numpy_helper.from_array(array, name)
                 for name, array in classify.arrays(whole).items() if name in wanted]
    constants.append(numpy_helper.from_array(
        np.array([classify.NOT_A_DIGIT, 1], np.int64), PARTS))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
            for name, shape in (("images", (28, 28)), ("probabilities", (classify.CLASSES,)))]
    graph = helper.make_graph(nodes, "scanproc", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, producer_name="scanproc", doc_string=MEANING, ir_version=IR,
                              opset_imports=[helper.make_opsetid("", OPSET)])
    helper.set_model_props(model, {"classes": "0-9 the digits, 10 not a digit",
                                   "sha256": network.card["sha256"],
                                   "card": json.dumps(network.card)})
    return model


def _operators(network: Network) -> Iterator[Operator]:
    """Operator, what it takes, what it gives, its attributes; constants as `arrays` names them."""
    yield "Flatten", ["images"], ["values"], {}
    found = ""
    for at, stage in enumerate(network.stages):
        name, values = f"stage{at}", "values"
        for layer in range(len(stage.weights)):
            if layer:
                yield "Relu", [values], [f"{name}_relu{layer}"], {}
                values = f"{name}_relu{layer}"
            wanted = [values, f"{name}_weight{layer}", f"{name}_bias{layer}"]
            values = f"{name}_gemm{layer}"
            yield "Gemm", wanted, [values], {}
        yield "Div", [values, f"{name}_temperature"], [f"{name}_scores"], {}
        yield from _lenient(name)
        yield "Softmax", [f"{name}_logits"], [f"{name}_answer"], {"axis": 1}
        if at:
            yield "ReduceMax", [found], [f"{name}_surest"], {"axes": [1]}
            yield "Less", [f"{name}_surest", "sure"], [f"{name}_doubted"], {}
            yield "Where", [f"{name}_doubted", f"{name}_answer", found], [f"{name}_found"], {}
        found = f"{name}_found" if at else f"{name}_answer"
    yield "Identity", [found], ["probabilities"], {}


def _lenient(name: str) -> Iterator[Operator]:
    """The scores with that of `NOT_A_DIGIT` made even with the best digit's until it counts."""
    digits, none, best = f"{name}_digits", f"{name}_none", f"{name}_best"
    yield "Split", [f"{name}_scores", PARTS], [digits, none], {"axis": 1}
    yield "ReduceMax", [digits], [best], {"axes": [1]}
    yield "Sub", [none, best], [f"{name}_ahead"], {}
    yield "Less", [f"{name}_ahead", f"{name}_lenient"], [f"{name}_held"], {}
    yield "Min", [none, best], [f"{name}_even"], {}
    yield "Where", [f"{name}_held", f"{name}_even", none], [f"{name}_kept"], {}
    yield "Concat", [digits, f"{name}_kept"], [f"{name}_logits"], {"axis": 1}


def _write_keras(network: Network, file: Path) -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    images = keras.Input((28, 28), name="images", dtype=FLOAT)
    values = keras.ops.reshape(images, (-1, 784))
    answers = [_keras_answer(stage, at, values)
               for at, stage in enumerate(_of_eleven(network).stages)]
    found = answers[0]
    for answer in answers[1:]:
        surest = keras.ops.max(found, axis=1, keepdims=True)
        found = keras.ops.where(keras.ops.less(surest, network.sure), answer, found)
    found = keras.layers.Identity(name="probabilities", dtype=FLOAT)(found)
    keras.Model(images, found, name=f"scanproc_{network.card['sha256']}").save(file)


def _keras_answer(stage: Stage, at: int, values: keras.KerasTensor) -> keras.KerasTensor:
    import keras

    for number, (weight, bias) in enumerate(zip(stage.weights, stage.biases, strict=True)):
        if number:
            values = keras.ops.relu(values)
        layer = keras.layers.Dense(bias.size, name=f"stage{at}_layer{number}", dtype=FLOAT)
        values = layer(values)
        layer.set_weights([weight, bias])
    scores = keras.ops.divide(values, stage.temperature)
    digits, none = keras.ops.split(scores, [classify.NOT_A_DIGIT], axis=1)
    best = keras.ops.max(digits, axis=1, keepdims=True)
    held = keras.ops.less(keras.ops.subtract(none, best), stage.lenient)
    none = keras.ops.where(held, keras.ops.minimum(none, best), none)
    return keras.ops.softmax(keras.ops.concatenate([digits, none], axis=1))


def _of_eleven(network: Network) -> Network:
    """Every stage with 11 outputs: one that takes all for digits never says `NOT_A_DIGIT`."""
    return replace(network, stages=tuple(map(_padded, network.stages)))


def _padded(stage: Stage) -> Stage:
    missing = classify.CLASSES - stage.biases[-1].size
    weight = np.pad(stage.weights[-1], ((0, 0), (0, missing)))
    bias = np.pad(stage.biases[-1], (0, missing), constant_values=np.float32(NEVER))
    return replace(stage, weights=(*stage.weights[:-1], weight),
                   biases=(*stage.biases[:-1], bias))


FORMATS = {".onnx": ("onnx", _write_onnx), ".keras": ("tensorflow", _write_keras)}
