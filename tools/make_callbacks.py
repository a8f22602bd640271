"""Fixtures of callbacks: what Keras' EarlyStopping and ReduceLROnPlateau do for random runs of a validation loss.

    python tools/make_callbacks.py
"""

from golden import generator, keras, np, plain, snake, write


class Optimizer:
    learning_rate = 1.0


class Model:
    """The little of a model that these callbacks use; its weight is the number of epochs it was trained for."""

    def __init__(self):
        self.stop_training = False
        self.optimizer = Optimizer()
        self.weight = 0

    def get_weights(self):
        return self.weight

    def set_weights(self, weight):
        self.weight = weight


def run(callback, values, key):
    model = Model()
    rates = []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weight = epoch + 1
        callback.on_epoch_end(epoch, {key: value})
        rates.append(plain(model.optimizer.learning_rate))
        if model.stop_training:
            break
    callback.on_train_end()
    return {'epochs': len(rates), 'weight': model.weight, 'rates': rates}


def values_of(random, count):
    """A noisy curve that falls, flattens and now and then repeats a value exactly."""
    curve = 2 * np.exp(-np.arange(count) / random.uniform(1, 8)) + random.normal(0, 0.2, count)
    return [plain(np.round(value, 1)) for value in curve]


def case(kind, make, options_of, index):
    random = generator(f'{kind} {index}')
    mode = str(random.choice(['min', 'max']))
    options = {'monitor': 'val_loss', 'mode': mode, **options_of(random)}
    values = [value if mode == 'min' else plain(-value) for value in values_of(random, 25)]
    callback = make(**{{'minLR': 'min_lr'}.get(key, snake(key)): value for key, value in options.items()})
    return {'name': f'{kind} {index}', 'kind': kind, 'options': options, 'values': values, **run(callback, values, 'val_loss')}


def early_stopping_options(random):
    options = {'patience': int(random.integers(0, 6)), 'minDelta': plain(random.choice([0, 0.1, 0.3])),
               'restoreBestWeights': bool(random.integers(0, 2)), 'startFromEpoch': int(random.choice([0, 0, 4]))}
    if random.uniform() < 0.4:
        options['baseline'] = plain(np.round(random.uniform(-0.5, 1.5), 1))
    return options


def plateau_options(random):
    return {'factor': plain(random.choice([0.5, 0.1])), 'patience': int(random.integers(1, 5)),
            'minDelta': plain(random.choice([0.0001, 0.15])), 'cooldown': int(random.integers(0, 4)),
            'minLR': plain(random.choice([0, 0.02, 0.3]))}


cases = [case('earlyStopping', keras.callbacks.EarlyStopping, early_stopping_options, i) for i in range(40)]
cases += [case('reduceLROnPlateau', keras.callbacks.ReduceLROnPlateau, plateau_options, i) for i in range(30)]
write('callbacks', cases=cases)
