"""The dense network in Keras: its layers, how it is fitted, and how it becomes plain matrices."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from scanproc.network import augment
from scanproc.network.data import Digits
from scanproc.page.classify import Network

FOLD_BATCHES = 40
Job = tuple[np.ndarray, tuple[int, int, int]]   # which digits, and the seed to distort them with


@dataclass(frozen=True)
class Recipe:
    """Every choice that shapes the network; it stands in the card."""

    epochs: int
    seed: int
    layers: tuple[int, ...] = (512, 256)
    batch_size: int = 500
    learning_rate: float = 0.002
    warm_up_steps: int = 300
    weight_decay: float = 0.02
    weight_average: float = 0.999
    label_smoothing: float = 0.02
    distortion: augment.Distortion = field(default_factory=augment.Distortion)


def fit(train: Digits, recipe: Recipe, report: Callable[[int, float, float], None]) -> Network:
    """The network that the recipe makes of the digits, its temperature still 1.

    report: called after every epoch with its number from 1, the mean loss, and the share of
    distorted training digits read right. The same recipe and digits give the same network on the
    same machine.
    """
    keras.utils.set_random_seed(recipe.seed)
    tf.config.experimental.enable_op_determinism()
    source = augment.sources(train.images)
    labels = np.eye(10, dtype=np.float32)[train.labels]
    steps = max(1, len(train) // recipe.batch_size)
    model = _compiled(recipe, steps * recipe.epochs)
    for epoch in range(1, recipe.epochs + 1):
        jobs = _jobs(len(train), steps, recipe, epoch)
        told = [model.train_on_batch(images, labels[picks])
                for picks, images in _drawn_ahead(source, jobs, recipe)]
        report(epoch, *np.mean(told, axis=0).tolist())
    model.optimizer.finalize_variable_values(model.trainable_variables)
    jobs = _jobs(len(train), min(steps, FOLD_BATCHES), recipe, recipe.epochs + 1)
    seen = [images for _, images in _drawn_ahead(source, jobs, recipe)]
    return _folded(model, np.concatenate(seen))


def _jobs(count: int, steps: int, recipe: Recipe, epoch: int) -> Iterator[Job]:
    """Every digit once, in an order of the epoch's own; each batch with its own seed."""
    order = np.random.default_rng((recipe.seed, epoch)).permutation(count)
    for step in range(steps):
        picks = order[step * recipe.batch_size:(step + 1) * recipe.batch_size]
        yield picks, (recipe.seed, epoch, step)


def _drawn_ahead(source: augment.Sources, jobs: Iterable[Job], recipe: Recipe
                 ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches, flattened to (n, 784); the next is distorted while one is learned from."""
    def draw(job: Job) -> tuple[np.ndarray, np.ndarray]:
        picks, seed = job
        rng = np.random.default_rng(seed)
        images = augment.batch(source, picks, recipe.distortion, rng)
        return picks, images.reshape(len(picks), 784)

    with ThreadPoolExecutor(1) as other:
        waiting = deque[Future[tuple[np.ndarray, np.ndarray]]]()
        for job in jobs:
            waiting.append(other.submit(draw, job))
            if len(waiting) > 2:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _compiled(recipe: Recipe, steps: int) -> keras.Model:
    layers: list[keras.layers.Layer] = [keras.Input((784,))]
    for units in recipe.layers:
        layers += [keras.layers.Dense(units, use_bias=False, kernel_initializer="he_normal"),
                   keras.layers.BatchNormalization(), keras.layers.ReLU()]
    model = keras.Sequential([*layers, keras.layers.Dense(10)])
    warm_up = min(recipe.warm_up_steps, steps // 4)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm_up), warmup_target=recipe.learning_rate, warmup_steps=warm_up)
    # A short training must not average with the weights it began with.
    average = min(recipe.weight_average, 1 - 10 / max(steps, 11))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, use_ema=True,
                                       ema_momentum=average)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    smoothed = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, smoothed, metrics=["accuracy"])
    return model


def _folded(model: keras.Model, seen: np.ndarray) -> Network:
    """Batch normalization worked into the matrices before it.

    Its mean and variance are measured anew on `seen` (n, 784): those that Keras kept belong to
    the last weights, not to their averages (Izmailov et al. 2018, Averaging weights).
    """
    weights, biases = [], []
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer, norm in zip(dense, norms, strict=False):
        weight = np.asarray(layer.kernel)
        seen = seen @ weight
        scale = np.asarray(norm.gamma) / np.sqrt(seen.var(axis=0) + norm.epsilon)
        weights.append(weight * scale)
        biases.append(np.asarray(norm.beta) - seen.mean(axis=0) * scale)
        seen = np.maximum(seen * scale + biases[-1], 0)
    weights.append(np.asarray(dense[-1].kernel))
    biases.append(np.asarray(dense[-1].bias))
    return Network(tuple(weights), tuple(biases), 1.0, {})
