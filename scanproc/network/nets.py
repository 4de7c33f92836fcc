"""The networks in Keras: dense students, a convolutional teacher, and how they are fitted."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from scanproc.network.checkpoint import Checkpoint
from scanproc.network.pool import Pool
from scanproc.network.recipe import Recipe
from scanproc.page.classify import CLASSES, Stage

FOLD_IMAGES = 20_000
SETTLE_STEPS = 60
ANSWER_BATCH = 1000
SAVE_EVERY = 10         # epochs
Report = Callable[[int, float, float], None]        # epoch, loss, share right
Targets = Callable[[np.ndarray], np.ndarray]        # picks (n,) -> (n, 11) float32


def prepare(recipe: Recipe) -> None:
    """To be called first: how TensorFlow is to calculate, the same way every time."""
    tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy("mixed_bfloat16" if recipe.bfloat16 else "float32")


def labels(pool: Pool, recipe: Recipe) -> Targets:
    """What is to be answered for each image of the pool, by its label alone, smoothed."""
    smooth = recipe.label_smoothing / CLASSES
    table = np.eye(CLASSES, dtype=np.float32) * (1 - recipe.label_smoothing) + np.float32(smooth)
    return lambda picks: table[pool.labels[picks]]


def taught(pool: Pool, recipe: Recipe, kept: Checkpoint, report: Report,
           answered: Callable[[int], None]) -> Targets:
    """What is to be answered, by the labels and by what a convolutional teacher says.

    Distillation: Hinton, Vinyals, Dean 2015. The teacher is trained first.
    """
    plain = labels(pool, recipe)
    if not recipe.teacher:
        return plain
    found = kept.load("answers")
    if not found:
        keras.utils.set_random_seed(recipe.seed)
        model = _teacher(recipe)
        _fit(model, pool, plain, recipe, recipe.teacher_epochs, "teacher", kept, report)
        _settle(model, pool, recipe)
        found = [_answers(model, pool.images, answered)]
        kept.save("answers", found)
    share = np.float32(recipe.teacher_share)
    return lambda picks: share * found[0][picks] + (1 - share) * plain(picks)


def student(at: int, pool: Pool, targets: Targets, recipe: Recipe, kept: Checkpoint,
            report: Report) -> Stage:
    """The dense network of stage `at`, not calibrated: its temperature 1, and not lenient."""
    keras.utils.set_random_seed(recipe.seed + 1 + at)
    model = _dense(recipe.stages[at])
    _fit(model, pool, targets, recipe, recipe.epochs, f"stage{at}", kept, report)
    return _folded(model, pool.images[:FOLD_IMAGES].astype(np.float32) / 255)


def _dense(layers: tuple[int, ...]) -> keras.Model:
    stack = [keras.Input((784,))]
    for units in layers:
        stack += [keras.layers.Dense(units, use_bias=False, kernel_initializer="he_normal"),
                  keras.layers.BatchNormalization(), keras.layers.ReLU()]
    return keras.Sequential([*stack, keras.layers.Dense(CLASSES, dtype="float32")])


def _teacher(recipe: Recipe) -> keras.Model:
    """Four convolutions, the first and the third at every second pixel, and two dense layers."""
    layers = keras.layers
    stack = [keras.Input((784,)), layers.Reshape((28, 28, 1))]
    for channels, size, stride in zip(recipe.teacher, (4, 3, 3, 3), (2, 1, 2, 1), strict=True):
        stack += [layers.Conv2D(channels, size, stride, padding="same", use_bias=False),
                  layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    stack += [layers.Flatten(), layers.Dense(128, use_bias=False),
              layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    return keras.Sequential([*stack, layers.Dense(CLASSES, dtype="float32")])


def _fit(model: keras.Model, pool: Pool, targets: Targets, recipe: Recipe, epochs: int, part: str,
         kept: Checkpoint, report: Report) -> None:
    """Every epoch shows as many images as one copy of the pool holds, drawn at random from all."""
    steps = max(1, pool.copy // recipe.batch_size)
    size = min(recipe.batch_size, pool.copy)
    _compile(model, recipe, steps * epochs)
    first = _resumed(model, kept.load(part))
    for epoch in range(first, epochs + 1):
        rng = np.random.default_rng((recipe.seed, epoch))
        told = []
        for _ in range(steps):
            picks = rng.integers(0, len(pool.labels), size)
            images = pool.images[picks].astype(np.float32) / 255
            told.append(model.train_on_batch(images, targets(picks)))
        report(epoch, *np.mean(told, axis=0).tolist())
        if epoch % SAVE_EVERY == 0 or epoch == epochs:
            state = [*model.variables, *model.optimizer.variables]
            kept.save(part, [np.array(epoch), *map(np.asarray, state)])
    model.optimizer.finalize_variable_values(model.trainable_variables)


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    warm_up = min(recipe.warm_up_steps, steps // 4)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm_up), warmup_target=recipe.learning_rate, warmup_steps=warm_up)
    # A short training must not average with the weights it began with.
    average = min(recipe.weight_average, 1 - 10 / max(steps, 11))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, use_ema=True,
                                       ema_momentum=average)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    optimizer.build(model.trainable_variables)


def _resumed(model: keras.Model, state: list[np.ndarray]) -> int:
    """The next epoch, the model as it was after the one before."""
    variables = [*model.variables, *model.optimizer.variables]
    if len(state) != len(variables) + 1:
        return 1
    for variable, value in zip(variables, state[1:], strict=True):
        variable.assign(value)
    return int(state[0]) + 1


def _settle(model: keras.Model, pool: Pool, recipe: Recipe) -> None:
    """Batch normalization measured anew: it belonged to the last weights, not to their average."""
    rng = np.random.default_rng(recipe.seed)
    for _ in range(SETTLE_STEPS):
        picks = rng.integers(0, len(pool.labels), min(ANSWER_BATCH, len(pool.labels)))
        model(pool.images[picks].astype(np.float32) / 255, training=True)


def _answers(model: keras.Model, images: np.ndarray, answered: Callable[[int], None]
             ) -> np.ndarray:
    """Probabilities (N, 11) float16 of (N, 784) uint8 images."""
    found = np.empty((len(images), CLASSES), np.float16)
    for at in range(0, len(images), ANSWER_BATCH):
        batch = images[at:at + ANSWER_BATCH].astype(np.float32) / 255
        found[at:at + ANSWER_BATCH] = keras.ops.softmax(model.predict_on_batch(batch))
        answered(at + len(batch))
    return found


def _folded(model: keras.Model, seen: np.ndarray) -> Stage:
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
    return Stage(tuple(weights), tuple(biases), temperature=1.0, lenient=0.0)
