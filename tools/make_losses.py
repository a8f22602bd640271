"""Losses, regularizers and constraints: losses.json, regularizers.json, constraints.json."""

import numpy as np

from golden import encode, generator, gradient_of, keras, keras_object, leaf, normal, plain, torch, uniform, write

random = generator('targets and predictions')


def loss_case(name: str, loss: str, y_true, y_pred, /, *, weight=None, **config) -> dict:
    made = keras_object(keras.losses, {'name': loss, 'config': config})
    predicted = leaf(y_pred)
    value = made(torch.from_numpy(y_true), predicted, sample_weight=None if weight is None else torch.from_numpy(weight))
    upstream = normal(generator(name), *value.shape) if value.ndim else np.float32(1)
    (value * torch.from_numpy(np.asarray(upstream))).sum().backward()
    return {'name': name, 'loss': loss, 'config': config, 'yTrue': encode(y_true), 'yPred': encode(y_pred),
            **({} if weight is None else {'sampleWeight': encode(weight)}),
            'value': encode(value), 'upstream': encode(upstream), 'gradient': encode(gradient_of(predicted))}


def probabilities(*shape: int) -> np.ndarray:
    exponents = np.exp(normal(random, *shape))
    return (exponents / exponents.sum(axis=-1, keepdims=True)).astype('float32')


def one_hot(*shape: int) -> np.ndarray:
    return np.eye(shape[-1], dtype='float32')[random.integers(0, shape[-1], shape[:-1])]


ROWS, CLASSES, TIME = 5, 4, 3
row_weight = uniform(random, ROWS)
row_weight[1] = 0
step_weight = uniform(random, ROWS, TIME)

real_true, real_pred = normal(random, ROWS, CLASSES), normal(random, ROWS, CLASSES)
long_true, long_pred = normal(random, ROWS, TIME, 2), normal(random, ROWS, TIME, 2)
positive_true, positive_pred = uniform(random, ROWS, CLASSES, low=0.2, high=3), uniform(random, ROWS, CLASSES, low=0.2, high=3)
signs = np.where(normal(random, ROWS, CLASSES) > 0, np.float32(1), np.float32(-1))
bits = (signs + 1) / 2
chances = uniform(random, ROWS, CLASSES, low=0.03, high=0.97)
logits = normal(random, ROWS, CLASSES, scale=2)
classes_true, classes_pred = one_hot(ROWS, CLASSES), probabilities(ROWS, CLASSES)
ids = classes_true.argmax(axis=-1).astype('int32')
long_classes, long_probabilities = one_hot(ROWS, TIME, CLASSES), probabilities(ROWS, TIME, CLASSES)
long_ids = long_classes.argmax(axis=-1).astype('int32')
ignored_ids = long_ids.copy()
ignored_ids[0, 1] = ignored_ids[3, :] = -1
zero_ignored = np.where(ignored_ids < 0, 2, ignored_ids).astype('int32')

# What each loss is for, in its plainest form.
plain_pairs = {
    'meanSquaredError': (real_true, real_pred), 'meanAbsoluteError': (real_true, real_pred),
    'meanAbsolutePercentageError': (positive_true, positive_pred), 'meanSquaredLogarithmicError': (positive_true, positive_pred),
    'cosineSimilarity': (real_true, real_pred), 'huber': (2 * real_true, real_pred), 'logCosh': (real_true, real_pred),
    'hinge': (signs, real_pred), 'squaredHinge': (signs, real_pred), 'categoricalHinge': (classes_true, real_pred),
    'klDivergence': (probabilities(ROWS, CLASSES), classes_pred), 'poisson': (positive_true, positive_pred),
    'binaryCrossentropy': (bits, chances), 'binaryFocalCrossentropy': (bits, chances),
    'categoricalCrossentropy': (classes_true, classes_pred), 'categoricalFocalCrossentropy': (classes_true, classes_pred),
    'sparseCategoricalCrossentropy': (ids, classes_pred),
}
cases = []
for loss, (y_true, y_pred) in plain_pairs.items():
    cases.append(loss_case(loss, loss, y_true, y_pred))
    cases.append(loss_case(f'{loss}, sample weights', loss, y_true, y_pred, weight=row_weight))
    for reduction in ('sum', 'none', 'meanWithSampleWeight'):
        cases.append(loss_case(f'{loss}, {reduction}', loss, y_true, y_pred, weight=row_weight, reduction=reduction))

long_pairs = {'meanSquaredError': (long_true, long_pred), 'cosineSimilarity': (long_true, long_pred), 'huber': (long_true, long_pred),
              'categoricalCrossentropy': (long_classes, long_probabilities), 'sparseCategoricalCrossentropy': (long_ids, long_probabilities)}
for loss, (y_true, y_pred) in long_pairs.items():
    cases.append(loss_case(f'{loss} of sequences', loss, y_true, y_pred))
    cases.append(loss_case(f'{loss} of sequences, a weight a step', loss, y_true, y_pred, weight=step_weight))

wide_logits, wide_bits = normal(random, 3, 5, scale=30), np.float32(normal(random, 3, 5) > 0)
# Certain predictions, right and wrong: what the clipping by 1e-7 makes of them.
certain = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0.25, 0.75, 0], [0.5, 0, 0, 0.5], [0, 0, 0, 1]], dtype='float32')
cases += [
    loss_case('meanSquaredError, targets without their last axis', 'meanSquaredError', real_true[:, 0], real_pred[:, :1]),
    loss_case('binaryCrossentropy, targets without their last axis', 'binaryCrossentropy', bits[:, 0], chances[:, :1]),
    loss_case('sparseCategoricalCrossentropy, targets with a last axis', 'sparseCategoricalCrossentropy', ids[:, None], classes_pred),
    loss_case('meanSquaredError, weights with a last axis', 'meanSquaredError', real_true, real_pred, weight=row_weight[:, None]),
    loss_case('huber, delta', 'huber', real_true, real_pred, delta=0.4),
    loss_case('cosineSimilarity along another axis', 'cosineSimilarity', long_true, long_pred, axis=1),
    loss_case('logCosh of large errors', 'logCosh', 40 * real_true, 30 * real_pred),
    loss_case('meanAbsolutePercentageError near zero', 'meanAbsolutePercentageError', real_true * np.float32(0.01), real_pred),
    loss_case('hinge of zeros and ones', 'hinge', bits, real_pred),
    loss_case('squaredHinge of zeros and ones', 'squaredHinge', bits, real_pred),
    loss_case('binaryCrossentropy from logits', 'binaryCrossentropy', bits, logits, fromLogits=True),
    loss_case('binaryCrossentropy from large logits', 'binaryCrossentropy', wide_bits, wide_logits, fromLogits=True),
    loss_case('binaryCrossentropy, label smoothing', 'binaryCrossentropy', bits, chances, labelSmoothing=0.1),
    loss_case('binaryCrossentropy from logits, label smoothing', 'binaryCrossentropy', bits, logits, fromLogits=True, labelSmoothing=0.2),
    loss_case('binaryFocalCrossentropy, gamma', 'binaryFocalCrossentropy', bits, chances, gamma=3.5),
    loss_case('binaryFocalCrossentropy, balanced classes', 'binaryFocalCrossentropy', bits, chances, applyClassBalancing=True, alpha=0.4),
    loss_case('binaryFocalCrossentropy from logits', 'binaryFocalCrossentropy', bits, logits, fromLogits=True),
    loss_case('binaryFocalCrossentropy, label smoothing', 'binaryFocalCrossentropy', bits, chances, labelSmoothing=0.1),
    loss_case('categoricalCrossentropy from logits', 'categoricalCrossentropy', classes_true, logits, fromLogits=True),
    loss_case('categoricalCrossentropy from large logits', 'categoricalCrossentropy', classes_true, 20 * logits, fromLogits=True),
    loss_case('categoricalCrossentropy, label smoothing', 'categoricalCrossentropy', classes_true, classes_pred, labelSmoothing=0.1),
    loss_case('categoricalCrossentropy from logits, label smoothing', 'categoricalCrossentropy', classes_true, logits, fromLogits=True, labelSmoothing=0.1),
    loss_case('categoricalCrossentropy of soft targets', 'categoricalCrossentropy', probabilities(ROWS, CLASSES), classes_pred),
    loss_case('categoricalCrossentropy, predictions that do not sum to one', 'categoricalCrossentropy', classes_true, positive_pred),
    loss_case('categoricalCrossentropy of certain predictions', 'categoricalCrossentropy', classes_true, certain),
    loss_case('categoricalFocalCrossentropy, alpha and gamma', 'categoricalFocalCrossentropy', classes_true, classes_pred, alpha=0.6, gamma=1.5),
    loss_case('categoricalFocalCrossentropy from logits', 'categoricalFocalCrossentropy', classes_true, logits, fromLogits=True),
    loss_case('categoricalFocalCrossentropy, label smoothing', 'categoricalFocalCrossentropy', classes_true, classes_pred, labelSmoothing=0.1),
    loss_case('sparseCategoricalCrossentropy from logits', 'sparseCategoricalCrossentropy', ids, logits, fromLogits=True),
    loss_case('sparseCategoricalCrossentropy from large logits', 'sparseCategoricalCrossentropy', ids, 20 * logits, fromLogits=True),
    loss_case('sparseCategoricalCrossentropy, ignored class -1', 'sparseCategoricalCrossentropy', ignored_ids, long_probabilities, ignoreClass=-1),
    loss_case('sparseCategoricalCrossentropy, an ignored class of the real ones', 'sparseCategoricalCrossentropy', zero_ignored, long_probabilities, ignoreClass=2),
    loss_case('sparseCategoricalCrossentropy from logits, ignored class', 'sparseCategoricalCrossentropy', ignored_ids,
              normal(random, ROWS, TIME, CLASSES), ignoreClass=-1, fromLogits=True),
    loss_case('sparseCategoricalCrossentropy of certain predictions', 'sparseCategoricalCrossentropy', ids, certain),
    loss_case('klDivergence of certain predictions', 'klDivergence', classes_true, certain),
]
for loss in ('dice', 'tversky'):
    cases.append(loss_case(loss, loss, bits, chances))
    cases.append(loss_case(f'{loss} by sample', loss, bits, chances, axis=[1], reduction='sum'))
cases.append(loss_case('tversky, alpha and beta', 'tversky', bits, chances, alpha=0.3, beta=0.8))
# These draw last, so that all before them stay as they are.
many_ids = random.integers(0, 3, 7).astype('int32')
embeddings = normal(random, 7, 4)
embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
labels = np.array([[1, 2, 0, 0], [2, 2, 1, 0], [3, 1, 3, 2], [1, 0, 0, 0]], dtype='int32')
scores = normal(random, 4, 9, 4, scale=1.5)
cases += [
    loss_case('categoricalGeneralizedCrossEntropy', 'categoricalGeneralizedCrossEntropy', ids, classes_pred, q=0.7),
    loss_case('categoricalGeneralizedCrossEntropy of sequences', 'categoricalGeneralizedCrossEntropy', long_ids, long_probabilities),
    loss_case('circle', 'circle', many_ids, embeddings),
    loss_case('circle, gentle, with itself', 'circle', many_ids, embeddings, gamma=2.0, margin=0.25, removeDiagonal=False),
    loss_case('ctc', 'ctc', labels, scores),
    loss_case('ctc, sample weights', 'ctc', labels, scores, weight=uniform(random, 4), reduction='sum'),
]
write('losses', cases=cases)


# Regularizers and constraints ------------------------------------------------------------------------------------------


def regularizer_case(name: str, regularizer: str, /, **config) -> dict:
    made = keras_object(keras.regularizers, {'name': regularizer, 'config': config})
    weight = leaf(normal(generator(name), 7, 5))
    value = made(weight)
    value.backward()
    return {'name': name, 'regularizer': regularizer, 'config': config, 'weight': encode(weight),
            'value': plain(value.detach()), 'gradient': encode(gradient_of(weight))}


write('regularizers', cases=[
    regularizer_case('l1', 'l1'), regularizer_case('l1 of 0.3', 'l1', l1=0.3),
    regularizer_case('l2', 'l2'), regularizer_case('l2 of 0.3', 'l2', l2=0.3),
    regularizer_case('l1l2', 'l1l2', l1=0.02, l2=0.05), regularizer_case('l1l2 of l2 alone', 'l1l2', l2=0.05),
    regularizer_case('orthogonalRegularizer of rows', 'orthogonalRegularizer', factor=0.1, mode='rows'),
    regularizer_case('orthogonalRegularizer of columns', 'orthogonalRegularizer', factor=0.1, mode='columns'),
])


def constraint_case(name: str, constraint: str, shape=(7, 5), /, **config) -> dict:
    made = keras_object(keras.constraints, {'name': constraint, 'config': config})
    weight = normal(generator(name), *shape)
    return {'name': name, 'constraint': constraint, 'config': config, 'weight': encode(weight),
            'result': encode(made(torch.from_numpy(weight)))}


write('constraints', cases=[
    constraint_case('maxNorm', 'maxNorm'), constraint_case('maxNorm of 1.5 by row', 'maxNorm', maxValue=1.5, axis=1),
    constraint_case('maxNorm of a convolution kernel', 'maxNorm', (3, 3, 2, 4), maxValue=1.2, axis=[0, 1, 2]),
    constraint_case('nonNeg', 'nonNeg'), constraint_case('unitNorm', 'unitNorm'), constraint_case('unitNorm by row', 'unitNorm', axis=1),
    constraint_case('minMaxNorm', 'minMaxNorm'),
    constraint_case('minMaxNorm, half way', 'minMaxNorm', minValue=0.5, maxValue=1.5, rate=0.5, axis=1),
])
