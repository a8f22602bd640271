"""Metrics, streamed over three batches of unequal size: metrics.json."""

import numpy as np

from golden import encode, generator, keras, keras_object, normal, numpy_of, torch, uniform, write
from keras.src.trainers.compile_utils import get_metric

SIZES = (5, 1, 4)
CLASSES = 4


def batches(name: str, make) -> list:
    random = generator(name)
    return [make(random, size) for size in SIZES]


def metric_case(name: str, metric: str, make, /, *, weights=None, by_shape: bool = False, then=None, **config) -> dict:
    """Results after each batch. `make(random, size)` gives a batch's targets and predictions.

    `weights` gives a batch's sample weights; `by_shape` takes the metric that Keras chooses for 'accuracy' by the batch's shapes;
    `then` is done to the result, for metrics that Keras has not.
    """
    pairs = batches(name, make)
    made = get_metric('accuracy', *map(torch.from_numpy, pairs[0])) if by_shape else keras_object(
        keras.metrics, {'name': {'perplexity': 'sparseCategoricalCrossentropy', 'logCosh': 'logCoshError'}.get(metric, metric), 'config': config})
    random = generator('weights of ' + name)
    recorded = []
    for pair in pairs:
        weight = None if weights is None else weights(random, *pair)
        # A mean or a sum is of the predictions alone.
        values = pair[1:] if metric in ('mean', 'sum') else pair
        made.update_state(*map(torch.from_numpy, values), **({} if weight is None else {'sample_weight': torch.from_numpy(weight)}))
        result = numpy_of(made.result())
        result = then(result) if then else result
        recorded.append({**dict(zip(('yTrue', 'yPred'), map(encode, pair))), **({} if weight is None else {'sampleWeight': encode(weight)}),
                         'result': encode(np.asarray(result, dtype='float32'))})
    return {'name': name, 'metric': metric, **({'chosenByShape': True} if by_shape else {}), 'config': config, 'batches': recorded}


# Targets and predictions of each kind ------------------------------------------------------------------------------------


def reals(random, size, width=3):
    return normal(random, size, width), normal(random, size, width)


def positives(random, size):
    return uniform(random, size, 3, low=0.2, high=3), uniform(random, size, 3, low=0.2, high=3)


def softmax(array):
    exponents = np.exp(array)
    return (exponents / exponents.sum(axis=-1, keepdims=True)).astype('float32')


def chances(random, size, width=1):
    targets = np.float32(random.integers(0, 2, (size, width)))
    return targets, np.float32(np.clip(0.25 * targets + uniform(random, size, width, high=0.75), 0.01, 0.99))


def flat_chances(random, size):
    targets, predictions = chances(random, size)
    return targets[:, 0], predictions[:, 0]


def half_flat_chances(random, size):
    targets, predictions = chances(random, size)
    return targets[:, 0], predictions


def many_chances(random, size):
    return chances(random, size, 3)


def signs(random, size):
    return np.where(normal(random, size, 3) > 0, np.float32(1), np.float32(-1)), normal(random, size, 3)


def sparse(random, size):
    ids = random.integers(0, CLASSES, size).astype('int32')
    return ids, softmax(normal(random, size, CLASSES) + 1.5 * np.eye(CLASSES, dtype='float32')[ids])


def sparse_column(random, size):
    ids, predictions = sparse(random, size)
    return ids[:, None], predictions


def sparse_sequence(random, size):
    return random.integers(0, CLASSES, (size, 3)).astype('int32'), softmax(normal(random, size, 3, CLASSES))


def sparse_logits(random, size):
    return random.integers(0, CLASSES, size).astype('int32'), normal(random, size, CLASSES, scale=2)


def categorical(random, size):
    ids, predictions = sparse(random, size)
    return np.eye(CLASSES, dtype='float32')[ids], predictions


def distributions(random, size):
    return softmax(normal(random, size, CLASSES)), softmax(normal(random, size, CLASSES))


def a_row(random, y_true, _):
    return uniform(random, len(y_true))


def a_step(random, y_true, _):
    return uniform(random, *y_true.shape[:2])


cases = []


def add(name, metric, make, weights=a_row, **options):
    """The case as it is, and once more with sample weights."""
    cases.append(metric_case(name, metric, make, **options))
    if weights is not None:
        cases.append(metric_case(f'{name}, sample weights', metric, make, weights=weights, **options))


for metric in ('meanSquaredError', 'meanAbsoluteError', 'rootMeanSquaredError', 'cosineSimilarity', 'logCosh'):
    add(metric, metric, reals)
for metric in ('meanAbsolutePercentageError', 'meanSquaredLogarithmicError', 'poisson'):
    add(metric, metric, positives)
for metric in ('hinge', 'squaredHinge'):
    add(metric, metric, signs)
add('categoricalHinge', 'categoricalHinge', categorical)
add('klDivergence', 'klDivergence', distributions)
add('binaryCrossentropy', 'binaryCrossentropy', many_chances)
add('binaryCrossentropy, label smoothing', 'binaryCrossentropy', many_chances, None, labelSmoothing=0.1)
add('categoricalCrossentropy', 'categoricalCrossentropy', categorical)
add('sparseCategoricalCrossentropy', 'sparseCategoricalCrossentropy', sparse)
add('sparseCategoricalCrossentropy from logits', 'sparseCategoricalCrossentropy', sparse_logits, None, fromLogits=True)
add('perplexity', 'perplexity', sparse, then=np.exp)
add('perplexity of sequences from logits', 'perplexity', sparse_sequence, a_step, fromLogits=True, then=np.exp)

add('binaryAccuracy', 'binaryAccuracy', many_chances)
add('binaryAccuracy, threshold', 'binaryAccuracy', many_chances, None, threshold=0.3)
add('categoricalAccuracy', 'categoricalAccuracy', categorical)
add('sparseCategoricalAccuracy', 'sparseCategoricalAccuracy', sparse)
add('sparseCategoricalAccuracy of sequences', 'sparseCategoricalAccuracy', sparse_sequence, a_step)
add('topKCategoricalAccuracy', 'topKCategoricalAccuracy', categorical, k=2)
add('sparseTopKCategoricalAccuracy', 'sparseTopKCategoricalAccuracy', sparse, k=2)
for kind, make in [('one probability', chances), ('one probability, flat targets', half_flat_chances),
                   ('class ids', sparse), ('class ids in a column', sparse_column), ('class ids of sequences', sparse_sequence),
                   ('one-hot classes', categorical)]:
    add(f'accuracy chosen for {kind}', 'accuracy', make, a_step if 'sequences' in kind else a_row, by_shape=True)

for metric in ('precision', 'recall'):
    add(metric, metric, flat_chances)
    add(f'{metric} of several labels', metric, many_chances, None)
    add(f'{metric} at a threshold', metric, flat_chances, thresholds=0.7)
    add(f'{metric} at thresholds', metric, flat_chances, None, thresholds=[0.2, 0.5, 0.8])
    add(f'{metric} of the top two', metric, categorical, None, topK=2)
    add(f'{metric} of one class', metric, categorical, None, classId=1)
for average in (None, 'micro', 'macro', 'weighted'):
    add(f'f1Score, {average or "by class"}', 'f1Score', categorical, average=average)
add('f1Score at a threshold', 'f1Score', many_chances, threshold=0.5, average='macro')

add('auc', 'auc', flat_chances)
add('auc of several labels', 'auc', many_chances)
add('auc, precision and recall', 'auc', flat_chances, curve='PR')
add('auc, few thresholds', 'auc', flat_chances, None, numThresholds=7)
add('auc by minoring', 'auc', flat_chances, None, summationMethod='minoring')
add('auc by majoring', 'auc', flat_chances, None, summationMethod='majoring')
add('auc by label', 'auc', many_chances, None, multiLabel=True)
add('auc by weighted label', 'auc', many_chances, None, multiLabel=True, numLabels=3, labelWeights=[0.5, 2.0, 1.0])
add('auc of weighted labels', 'auc', many_chances, None, labelWeights=[0.5, 2.0, 1.0])
add('auc from logits', 'auc', lambda random, size: (chances(random, size)[0][:, 0], normal(random, size, scale=2)), None, fromLogits=True)

add('r2Score', 'r2Score', reals)
for aggregation in ('uniformAverage', 'varianceWeightedAverage'):
    add(f'r2Score, {aggregation}', 'r2Score', reals, None, classAggregation=aggregation)
add('fBetaScore', 'fBetaScore', categorical, beta=2.0, average='macro')
add('fBetaScore at a threshold', 'fBetaScore', many_chances, None, beta=0.5, threshold=0.4, average='weighted')
add('mean', 'mean', reals)
add('sum', 'sum', reals)
add('fBetaScore by class', 'fBetaScore', categorical, None, beta=2.0, average=None)
add('r2Score by output', 'r2Score', reals, None, classAggregation=None)
add('auc, thresholds of its own', 'auc', flat_chances, None, thresholds=[0.8, 0.3, 0.5])


def class_ids(random, size):
    return random.integers(0, CLASSES, (size, 3)).astype('int32'), random.integers(0, CLASSES, (size, 3)).astype('int32')


def whole(random, y_true, _):
    return random.integers(0, 4, y_true.shape[:2]).astype('float32')


for metric in ('truePositives', 'trueNegatives', 'falsePositives', 'falseNegatives'):
    add(metric, metric, flat_chances)
    add(f'{metric} at thresholds', metric, many_chances, None, thresholds=[0.2, 0.5, 0.8])
for metric, config in [('precisionAtRecall', {'recall': 0.6}), ('recallAtPrecision', {'precision': 0.6}),
                       ('sensitivityAtSpecificity', {'specificity': 0.4}), ('specificityAtSensitivity', {'sensitivity': 0.4})]:
    add(metric, metric, flat_chances, **config)
    add(f'{metric}, few thresholds, one class', metric, many_chances, None, numThresholds=9, classId=1, **config)
add('iou', 'iou', class_ids, whole, numClasses=CLASSES, targetClassIds=[0, 2])
add('iou, ignored class', 'iou', class_ids, None, numClasses=CLASSES, targetClassIds=[0, 1, 3], ignoreClass=2)
add('meanIoU', 'meanIoU', class_ids, whole, numClasses=CLASSES)
add('meanIoU of probabilities', 'meanIoU', sparse_sequence, None, numClasses=CLASSES, sparseYPred=False)
add('oneHotIoU', 'oneHotIoU', categorical, None, numClasses=CLASSES, targetClassIds=[1, 3])
add('oneHotMeanIoU', 'oneHotMeanIoU', categorical, None, numClasses=CLASSES)
add('binaryIoU', 'binaryIoU', many_chances, None)
add('binaryIoU of one class', 'binaryIoU', many_chances, whole, targetClassIds=[1], threshold=0.3)
add('pearsonCorrelation', 'pearsonCorrelation', lambda random, size: reals(random, size, 5))
add('concordanceCorrelation', 'concordanceCorrelation', lambda random, size: reals(random, size, 5))
write('metrics', cases=cases)
