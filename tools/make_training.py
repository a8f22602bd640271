"""Whole training runs from given weights and data, epoch by epoch: training.json.

Each model is written once here in Keras and once in the test in hornbeam; `torch lstm regressor` is the first of them in pure PyTorch.
Batches are not shuffled, the last one is smaller, and there is validation data.
"""

import numpy as np

from golden import encode, generator, keras, normal, numpy_of, plain, torch, uniform, write
from layer_cases import random_weight

EPOCHS, BATCH, SAMPLES, VALIDATION = 5, 8, 22, 9
layers, Input = keras.layers, keras.Input


def weights_of(model) -> dict:
    return {layer.name: [encode(weight) for weight in layer.weights] for layer in model.layers if layer.weights}


def randomize(model, random) -> None:
    for layer in model.layers:
        layer.set_weights([random_weight(random, weight.path, weight.shape) for weight in layer.weights])


def encode_all(value):
    if isinstance(value, dict):
        return {key: encode(array) for key, array in value.items()}
    return [encode(array) for array in value] if isinstance(value, list) else encode(value)


def split(value):
    """The samples to train with and those to validate with."""
    if isinstance(value, list):
        return [array[:SAMPLES] for array in value], [array[SAMPLES:] for array in value]
    if isinstance(value, dict):
        parts = {key: split(array) for key, array in value.items()}
        return {key: part[0] for key, part in parts.items()}, {key: part[1] for key, part in parts.items()}
    return value[:SAMPLES], value[SAMPLES:]


def plain_result(value):
    """A number, or a list of them where a metric has several."""
    array = numpy_of(value)
    return [plain(each) for each in array] if array.ndim else plain(array)


def run(name: str, model, x, y, /, *, class_weight=None, sample_weight=None) -> dict:
    """Trains the compiled model; `x` and `y` hold the samples for training first, then those for validation."""
    random = generator('weights of ' + name)
    randomize(model, random)
    (x_train, x_held), (y_train, y_held) = split(x), split(y)
    before = weights_of(model)
    untrained = model.evaluate(x_held, y_held, batch_size=BATCH, verbose=0, return_dict=True)
    history = model.fit(x_train, y_train, epochs=EPOCHS, batch_size=BATCH, shuffle=False, validation_data=(x_held, y_held), verbose=0,
                        class_weight=class_weight, sample_weight=sample_weight).history
    predicted = model.predict(x_held, batch_size=BATCH, verbose=0)
    return {'name': name, 'epochs': EPOCHS, 'batchSize': BATCH, 'x': encode_all(x_train), 'y': encode_all(y_train),
            'xValidation': encode_all(x_held), 'yValidation': encode_all(y_held),
            **({'classWeight': class_weight} if class_weight else {}),
            **({'sampleWeight': encode_all(sample_weight)} if sample_weight is not None else {}),
            'weights': before, 'evaluationBefore': {key: plain_result(value) for key, value in untrained.items()},
            'history': {key: [plain_result(value) for value in values] for key, values in history.items()},
            'finalWeights': weights_of(model), 'prediction': encode_all(predicted)}


random = generator('data of the training runs')
ALL = SAMPLES + VALIDATION

# 1. An LSTM regressor: the mean of the first feature plus the last value of the second.
series = normal(random, ALL, 7, 3)
level = (series[:, :, :1].mean(axis=1) + series[:, -1:, 1]).astype('float32')


def lstm_regressor():
    model = keras.Sequential([Input((7, 3)), layers.LSTM(6, name='lstm'), layers.Dense(1, name='dense')])
    model.compile(optimizer=keras.optimizers.Adam(0.02, global_clipnorm=0.5), loss='mse', metrics=['mae'])
    return run('lstm regressor', model, series, level)


def torch_lstm_regressor(like: dict):
    """The same in PyTorch: nn.LSTM, clip_grad_norm_ and Adam with Keras' epsilon."""
    random = generator('weights of lstm regressor')
    kernel, recurrent, bias, out, out_bias = (normal(random, *shape, scale=0.4) for shape in ((3, 24), (6, 24), (24,), (6, 1), (1,)))
    assert encode(kernel) == like['weights']['lstm'][0] and encode(out_bias) == like['weights']['dense'][1]
    lstm, dense = torch.nn.LSTM(3, 6, batch_first=True), torch.nn.Linear(6, 1)
    with torch.no_grad():
        for parameter, value in [(lstm.weight_ih_l0, kernel.T), (lstm.weight_hh_l0, recurrent.T), (lstm.bias_ih_l0, bias),
                                 (dense.weight, out.T), (dense.bias, out_bias)]:
            parameter.copy_(torch.from_numpy(value))
        lstm.bias_hh_l0.zero_()
    # Keras has one bias where PyTorch adds two; the second stays zero.
    lstm.bias_hh_l0.requires_grad_(False)
    parameters = [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, dense.weight, dense.bias]
    optimizer = torch.optim.Adam(parameters, lr=0.02, eps=1e-7)
    x, y = torch.from_numpy(series), torch.from_numpy(level)
    history = {key: [] for key in ('loss', 'mae', 'val_loss', 'val_mae')}

    def forward(rows):
        return dense(lstm(x[rows])[0][:, -1])

    for _ in range(EPOCHS):
        squares = absolutes = 0.0
        for start in range(0, SAMPLES, BATCH):
            rows = slice(start, min(start + BATCH, SAMPLES))
            optimizer.zero_grad()
            errors = forward(rows) - y[rows]
            (errors ** 2).mean().backward()
            torch.nn.utils.clip_grad_norm_(parameters, 0.5)
            optimizer.step()
            squares += float((errors ** 2).sum().detach())
            absolutes += float(errors.abs().sum().detach())
        with torch.no_grad():
            held = forward(slice(SAMPLES, ALL)) - y[SAMPLES:]
        for key, value in zip(history, (squares / SAMPLES, absolutes / SAMPLES, (held ** 2).mean(), held.abs().mean())):
            history[key].append(plain(value))
    final = {'lstm': [lstm.weight_ih_l0.T, lstm.weight_hh_l0.T, lstm.bias_ih_l0], 'dense': [dense.weight.T, dense.bias]}
    with torch.no_grad():
        predicted = forward(slice(SAMPLES, ALL))
    return {**{key: value for key, value in like.items() if key != 'evaluationBefore'}, 'name': 'torch lstm regressor', 'history': history,
            'finalWeights': {key: [encode(value) for value in values] for key, values in final.items()}, 'prediction': encode(predicted)}


# 2. A GRU classifier of words, padded on either side with the 0 that is masked.
words = random.integers(1, 13, (ALL, 8)).astype('int32')
for row, length in enumerate(random.integers(2, 9, ALL)):
    words[row, slice(length, None) if row % 2 else slice(0, 8 - length)] = 0
topics = (words.max(axis=1) % 3).astype('int32')


def gru_classifier():
    model = keras.Sequential([Input((8,), dtype='int32'), layers.Embedding(13, 5, mask_zero=True, name='embedding'),
                              layers.GRU(6, name='gru'), layers.Dense(3, activation='softmax', name='dense')])
    model.compile(optimizer=keras.optimizers.RMSprop(0.02), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
    return run('gru classifier', model, words, topics, class_weight={0: 1.0, 1: 2.0, 2: 0.5})


# 3. A functional model of an image and a vector: convolution, batch normalization, a regularizer, a constraint, momentum.
pictures, facts = normal(random, ALL, 6, 5, 2), normal(random, ALL, 4)
answers = np.float32(pictures.mean(axis=(1, 2, 3)) + 0.3 * facts[:, 0] > 0)[:, None]


def two_inputs():
    picture, fact = Input((6, 5, 2), name='picture'), Input((4,), name='fact')
    seen = layers.Conv2D(4, 3, padding='same', use_bias=False, kernel_regularizer=keras.regularizers.L2(0.01), name='conv')(picture)
    seen = layers.Activation('relu')(layers.BatchNormalization(momentum=0.8, name='norm')(seen))
    seen = layers.Flatten()(layers.MaxPooling2D(2)(seen))
    known = layers.Dense(5, activation='tanh', kernel_constraint=keras.constraints.MaxNorm(0.8), name='known')(fact)
    out = layers.Dense(1, activation='sigmoid', name='out')(layers.Concatenate()([seen, known]))
    model = keras.Model([picture, fact], out)
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipnorm=1.0), loss='binary_crossentropy',
                  metrics=['accuracy', keras.metrics.AUC(name='auc')])
    return run('two inputs', model, {'picture': pictures, 'fact': facts}, answers)


# 4. A tagger: masked steps count neither in the states nor in the loss; a schedule and decoupled weight decay.
masked_series = series.copy()
for row, length in enumerate(random.integers(2, 8, ALL)):
    masked_series[row, length:] = 0
tags = np.cumsum(masked_series[:, :, :1], axis=1).astype('float32')


def masked_tagger():
    model = keras.Sequential([
        Input((7, 3)), layers.Masking(name='masking'), layers.Bidirectional(layers.LSTM(4, return_sequences=True), name='both'),
        layers.TimeDistributed(layers.Dense(1), name='tags')])
    rate = keras.optimizers.schedules.CosineDecay(0.03, 12, alpha=0.1)
    model.compile(optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01), loss='huber', metrics=['mse'])
    return run('masked tagger', model, masked_series, tags, sample_weight=uniform(random, SAMPLES, 7, low=0.2, high=1.5))


# 5. Two outputs from one shared layer, each with its own loss, weight and metric.
kinds = np.eye(3, dtype='float32')[random.integers(0, 3, ALL)]


def two_outputs():
    first, second = Input((4,), name='first'), Input((4,), name='second')
    shared = layers.Dense(5, activation='elu', name='shared')
    both = layers.Concatenate()([shared(first), shared(second)])
    price = layers.Dense(1, name='price')(both)
    kind = layers.Dense(3, name='kind')(both)
    model = keras.Model([first, second], [price, kind])
    model.compile(optimizer=keras.optimizers.Nadam(0.02), loss_weights=[0.7, 1.3],
                  loss=[keras.losses.LogCosh(), keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)],
                  metrics=[['mae'], ['accuracy']])
    return run('two outputs', model, {'first': facts, 'second': facts[:, ::-1].copy()}, [level, kinds])


# 6. Weighted metrics beside plain ones. (No masked steps: on torch Keras scales the weights in place that its metrics see after the loss.)
def weighted_tagger():
    model = keras.Sequential([Input((7, 3)), layers.GRU(4, return_sequences=True, name='gru'), layers.Dense(1, name='tags')])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss='mse', metrics=['mae'], weighted_metrics=['mae', 'mse'])
    own = generator('sample weights of weighted tagger')
    return run('weighted tagger', model, masked_series, tags, sample_weight=uniform(own, SAMPLES, 7, low=0.2, high=1.5))


# 7. A loss for one of two outputs; metrics with a result for each threshold; two metrics of one name.
def left_out():
    x = Input((4,), name='x')
    hidden = layers.Dense(5, activation='tanh', name='hidden')(x)
    chance, level = layers.Dense(1, activation='sigmoid', name='chance')(hidden), layers.Dense(1, name='level')(hidden)
    model = keras.Model(x, [chance, level])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=['binary_crossentropy', None],
                  metrics=[[keras.metrics.Precision(thresholds=[0.2, 0.5, 0.8], name='precision'), 'accuracy', 'accuracy'], ['mae']],
                  weighted_metrics=[[keras.metrics.Recall(thresholds=[0.3, 0.6], name='recall'), 'accuracy'], []])
    own = generator('sample weights of left out')
    return run('left out', model, facts, [answers, facts[:, :1].copy()], sample_weight=[uniform(own, SAMPLES, low=0.2, high=1.5)] * 2)


# 8. Weighted metrics of masked steps, whose weights differ. On torch Keras scales the weights in place that its metrics see after the loss, so
# the loss is given a copy, as it makes one on TensorFlow and JAX.
def masked_weights():
    in_place = keras.src.losses.loss.apply_mask

    def of_copy(sample_weight, mask, dtype, reduction):
        return in_place(None if sample_weight is None else torch.clone(torch.as_tensor(sample_weight)), mask, dtype, reduction)

    model = keras.Sequential([Input((7, 3)), layers.Masking(name='masking'), layers.GRU(4, return_sequences=True, name='gru'),
                              layers.Dense(2, name='tags')])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss='mse', metrics=['mae'],
                  weighted_metrics=['mae', 'mse', keras.metrics.CosineSimilarity(name='cosine')])
    own = generator('sample weights of masked weights')
    keras.src.losses.loss.apply_mask = of_copy
    try:
        both = np.concatenate([tags, tags[:, ::-1]], axis=2)
        return run('masked weights', model, masked_series, both, sample_weight=uniform(own, SAMPLES, 7, low=0.2, high=1.5))
    finally:
        keras.src.losses.loss.apply_mask = in_place


lstm = lstm_regressor()
write('training', cases=[lstm, torch_lstm_regressor(lstm), gru_classifier(), two_inputs(), masked_tagger(), two_outputs(), weighted_tagger(), left_out(),
                          masked_weights()])
