"""Models that Keras has trained with several optimizers, and how they train on: test/formats/fixtures/optimizers/*.keras and *.npz."""

import numpy as np

from golden import FIXTURES, generator, keras, normal

folder = FIXTURES.parent.parent / 'formats' / 'fixtures' / 'optimizers'
folder.mkdir(parents=True, exist_ok=True)
layers, optimizers = keras.layers, keras.optimizers
random = generator('models with several optimizers')
x, y = normal(random, 8, 3), normal(random, 8, 1)


def save(name, model, optimizer):
    """The model after three steps, and its weights after three more."""
    model.compile(optimizer=optimizer, loss='mse')
    model.fit(x, y, batch_size=8, epochs=3, verbose=0)
    model.save(folder / f'{name}.keras')
    model.fit(x, y, batch_size=8, epochs=3, verbose=0)
    if name != 'scheduleFree':
        np.savez(folder / f'{name}.npz', x=x, y=y, **{f'weight{i}': weight for i, weight in enumerate(model.get_weights())})


def several(**patterns):
    return optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.RMSprop(0.01), patterns))


keras.utils.set_random_seed(1)
save('sequential', keras.Sequential([keras.Input((3,)), layers.Dense(4, 'tanh', name='first'), layers.Dense(1, name='last')], name='net'),
     several(**{'net/first/.*': optimizers.Adam(0.02, clipnorm=0.1), '.*/last/bias': optimizers.SGD(0.05, momentum=0.9)}))

inputs = keras.Input((3,), name='x')
hidden = layers.Dense(4, 'tanh', name='first')(inputs)
save('functional', keras.Model(inputs, layers.Dense(1, name='last')(hidden)),
     several(**{'first/kernel|last/.*': optimizers.AdamW(0.02), 'first/bias': optimizers.AdamW(0.3)}))
# On PyTorch it trains on otherwise than on the other backends: see README.md.
save('scheduleFree', keras.Sequential([keras.Input((3,)), layers.Dense(4, 'tanh'), layers.Dense(1)]), optimizers.ScheduleFreeAdamW(0.02))
