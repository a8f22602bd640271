"""Up-sampling with kernels that only Keras on TensorFlow has: resize.json."""

import os

os.environ['KERAS_BACKEND'] = 'tensorflow'

import tensorflow as tf  # noqa: E402

from golden import encode, generator, keras, normal, write  # noqa: E402


def case(interpolation: str, size, shape) -> dict:
    name = f'upSampling2d {interpolation}, {size} times'
    random = generator(name)
    x = tf.constant(normal(random, *shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = keras.layers.UpSampling2D(tuple(size), interpolation=interpolation)(x)
        upstream = normal(random, *y.shape)
        total = tf.reduce_sum(y * upstream)
    return {'name': name, 'layer': 'upSampling2d', 'config': {'size': size, 'interpolation': interpolation}, 'inputs': [encode(x.numpy())],
            'weights': [], 'outputs': [encode(y.numpy())], 'upstream': [encode(upstream)],
            'inputGradients': [encode(tape.gradient(total, x).numpy())], 'weightGradients': []}


write('resize', cases=[case(interpolation, size, shape) for interpolation in ('bicubic', 'lanczos3', 'lanczos5')
                       for size, shape in (([2, 3], (2, 4, 3, 2)), ([4, 2], (1, 1, 7, 1)))])
