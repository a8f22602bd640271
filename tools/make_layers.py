"""Layers that are not recurrent: layers.json, activations.json and convolution.json."""

import numpy as np

from golden import generator, normal, uniform, write
from layer_cases import layer_case

random = generator('inputs of the layers')
vector = normal(random, 3, 7)
sequence = normal(random, 3, 5, 7)
image = normal(random, 2, 7, 6, 3)
rows = np.array([[1, 1, 1, 1, 1], [0, 1, 0, 1, 1], [1, 0, 0, 0, 0]], dtype=bool)

# Dense, shapes, embedding, masking, merging, normalization ------------------------------------------------------------

layers = [
    layer_case('dense', 'dense', {'units': 5}, inputs=vector),
    layer_case('dense with tanh', 'dense', {'units': 5, 'activation': 'tanh'}, inputs=vector),
    layer_case('dense with relu', 'dense', {'units': 5, 'activation': 'relu'}, inputs=vector),
    layer_case('dense with softmax', 'dense', {'units': 5, 'activation': 'softmax'}, inputs=vector),
    layer_case('dense without bias', 'dense', {'units': 5, 'useBias': False}, inputs=vector),
    layer_case('dense on a sequence', 'dense', {'units': 5}, inputs=sequence),
    layer_case('dense on an image', 'dense', {'units': 4, 'activation': 'sigmoid'}, inputs=image),
    layer_case('dense wide', 'dense', {'units': 37, 'activation': 'gelu'}, inputs=normal(random, 19, 23)),

    layer_case('flatten a sequence', 'flatten', inputs=sequence),
    layer_case('flatten an image', 'flatten', inputs=image),
    layer_case('reshape', 'reshape', {'targetShape': [7, 5]}, inputs=sequence),
    layer_case('reshape with an open dimension', 'reshape', {'targetShape': [-1, 3, 2]}, inputs=image),
    layer_case('permute', 'permute', {'dims': [2, 1]}, inputs=sequence),
    layer_case('permute an image', 'permute', {'dims': [3, 1, 2]}, inputs=image),
    layer_case('repeatVector', 'repeatVector', {'n': 4}, inputs=vector),

    layer_case('embedding', 'embedding', {'inputDim': 11, 'outputDim': 4},
               inputs=random.integers(0, 11, (3, 5)).astype('int32')),
    layer_case('embedding that masks zero', 'embedding', {'inputDim': 11, 'outputDim': 4, 'maskZero': True},
               inputs=np.array([[0, 3, 3, 0, 1], [10, 0, 0, 0, 0], [2, 4, 6, 8, 3]], dtype='int32')),

    layer_case('masking', 'masking', inputs=sequence * rows[..., None]),
    layer_case('masking by another value', 'masking', {'maskValue': -2.5},
               inputs=np.where(rows[..., None], sequence, np.float32(-2.5))),
]

left, middle, right = (normal(random, 3, 5, 7) for _ in range(3))
for merge in ('add', 'multiply', 'average', 'maximum', 'minimum'):
    layers.append(layer_case(f'{merge} of three', merge, inputs=[left, middle, right]))
    layers.append(layer_case(f'{merge} broadcasts', merge, inputs=[left, normal(random, 3, 1, 7)]))
layers += [
    layer_case('subtract', 'subtract', inputs=[left, right]),
    layer_case('concatenate', 'concatenate', inputs=[left, middle, right]),
    layer_case('concatenate of different widths', 'concatenate', inputs=[left, normal(random, 3, 5, 2)]),
    layer_case('concatenate along time', 'concatenate', {'axis': 1}, inputs=[left, normal(random, 3, 2, 7)]),
    layer_case('dot of vectors', 'dot', {'axes': 1}, inputs=[vector, normal(random, 3, 7)]),
    layer_case('dot of vectors normalized', 'dot', {'axes': 1, 'normalize': True}, inputs=[vector, normal(random, 3, 7)]),
    layer_case('dot of sequences', 'dot', {'axes': [2, 2]}, inputs=[left, normal(random, 3, 4, 7)]),
    layer_case('dot over time', 'dot', {'axes': 1}, inputs=[left, normal(random, 3, 5, 2)]),
    layer_case('dot of a sequence and a vector', 'dot', {'axes': [2, 1]}, inputs=[left, vector]),
    layer_case('dot of sequences normalized', 'dot', {'axes': [1, 1], 'normalize': True}, inputs=[left, right]),

    layer_case('layerNormalization', 'layerNormalization', inputs=sequence),
    layer_case('layerNormalization of vectors', 'layerNormalization', inputs=vector),
    layer_case('layerNormalization over two axes', 'layerNormalization', {'axis': [1, 2]}, inputs=sequence),
    layer_case('layerNormalization without center', 'layerNormalization', {'center': False}, inputs=sequence),
    layer_case('layerNormalization without scale', 'layerNormalization', {'scale': False}, inputs=sequence),
    layer_case('layerNormalization with epsilon', 'layerNormalization', {'epsilon': 0.2}, inputs=sequence),
]
for training in (True, False):
    mode = 'training' if training else 'inference'
    layers += [
        layer_case(f'batchNormalization in {mode}', 'batchNormalization', inputs=vector, training=training),
        layer_case(f'batchNormalization of a sequence in {mode}', 'batchNormalization', inputs=sequence, training=training),
        layer_case(f'batchNormalization of an image in {mode}', 'batchNormalization', {'momentum': 0.8, 'epsilon': 0.05},
                   inputs=image, training=training),
        layer_case(f'batchNormalization on axis 1 in {mode}', 'batchNormalization', {'axis': 1}, inputs=sequence, training=training),
        layer_case(f'batchNormalization plain in {mode}', 'batchNormalization', {'center': False, 'scale': False},
                   inputs=sequence, training=training),
        layer_case(f'batchNormalization masked in {mode}', 'batchNormalization', inputs=sequence, mask=rows, training=training),
    ]
layers.append(layer_case('batchNormalization frozen in training', 'batchNormalization', {'trainable': False},
                         inputs=sequence, training=True))

layers += [
    layer_case('timeDistributed dense', 'timeDistributed', {'layer': {'layer': 'dense', 'config': {'units': 4, 'activation': 'tanh'}}},
               inputs=sequence),
    layer_case('timeDistributed conv1d', 'timeDistributed', {'layer': {'layer': 'conv1d', 'config': {'filters': 2, 'kernelSize': 3}}},
               inputs=image),
    layer_case('timeDistributed flatten', 'timeDistributed', {'layer': {'layer': 'flatten', 'config': {}}}, inputs=image),
    layer_case('timeDistributed lstm', 'timeDistributed', {'layer': {'layer': 'lstm', 'config': {'units': 4}}}, inputs=image),
]

layers += [
    layer_case('reLU', 'reLU', inputs=sequence),
    layer_case('reLU, all options', 'reLU', {'maxValue': 1.3, 'negativeSlope': 0.2, 'threshold': 0.4}, inputs=sequence),
    layer_case('leakyReLU', 'leakyReLU', {'negativeSlope': 0.15}, inputs=sequence),
    layer_case('elu', 'elu', {'alpha': 0.7}, inputs=sequence),
    layer_case('prelu', 'prelu', inputs=sequence),
    layer_case('prelu with a slope shared over time', 'prelu', {'sharedAxes': [1]}, inputs=sequence),
    layer_case('softmax', 'softmax', inputs=sequence),
    layer_case('softmax over time', 'softmax', {'axis': 1}, inputs=sequence),
    layer_case('unitNormalization', 'unitNormalization', inputs=sequence),
    layer_case('unitNormalization over time', 'unitNormalization', {'axis': 1}, inputs=sequence),
    layer_case('rescaling', 'rescaling', {'scale': 0.5, 'offset': -1.5}, inputs=sequence),
]
write('layers', cases=layers)

# Every activation -----------------------------------------------------------------------------------------------------

# No number lies on a kink of any of them (such as 0, 0.5, 1, 3 or 6), where a derivative is a matter of taste.
points = (np.linspace(-9.03, 9.07, 64, dtype='float32').reshape(4, 16) + normal(random, 4, 16, scale=0.01)).astype('float32')
activations = [
    layer_case(name, 'activation', {'activation': name}, inputs=points)
    for name in ('celu', 'elu', 'exponential', 'gelu', 'glu', 'hardShrink', 'hardSigmoid', 'hardSilu', 'hardSwish', 'hardTanh',
                 'leakyRelu', 'linear', 'logSigmoid', 'logSoftmax', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'silu',
                 'softShrink', 'softmax', 'softplus', 'softsign', 'sparsePlus', 'sparseSigmoid', 'squareplus',
                 'swish', 'tanh', 'tanhShrink')
]
# Keras' threshold is wrong where more than one score survives, so these scores are far apart.
activations.append(layer_case('sparsemax', 'activation', {'activation': 'sparsemax'}, inputs=4 * points))
write('activations', cases=activations)

# Convolution, pooling, padding, up-sampling ------------------------------------------------------------------------------

signal = normal(random, 3, 11, 4)
picture = normal(random, 2, 9, 8, 3)


def conv(name, layer, inputs, **config):
    return layer_case(name, layer, {'filters': 4, 'kernelSize': 3, **config}, inputs=inputs)


convolution = [
    conv('conv1d', 'conv1d', signal),
    conv('conv1d same', 'conv1d', signal, padding='same'),
    conv('conv1d same, even kernel', 'conv1d', signal, padding='same', kernelSize=4),
    conv('conv1d same, strides', 'conv1d', signal, padding='same', strides=2),
    conv('conv1d valid, strides', 'conv1d', signal, strides=3, kernelSize=2),
    conv('conv1d causal', 'conv1d', signal, padding='causal'),
    conv('conv1d causal, dilated', 'conv1d', signal, padding='causal', dilationRate=2),
    conv('conv1d causal, strides', 'conv1d', signal, padding='causal', strides=2),
    conv('conv1d dilated', 'conv1d', signal, dilationRate=3),
    conv('conv1d same, dilated', 'conv1d', signal, padding='same', dilationRate=2),
    conv('conv1d groups', 'conv1d', signal, groups=2, filters=6),
    conv('conv1d a group a channel', 'conv1d', signal, groups=4, filters=8, padding='same'),
    conv('conv1d relu', 'conv1d', signal, activation='relu'),
    conv('conv1d without bias', 'conv1d', signal, useBias=False, activation='tanh'),
    conv('conv1d kernel of one', 'conv1d', signal, kernelSize=1, filters=3),
    conv('conv2d', 'conv2d', picture),
    conv('conv2d oblong kernel', 'conv2d', picture, kernelSize=[2, 4]),
    conv('conv2d same', 'conv2d', picture, padding='same'),
    conv('conv2d same, even kernel', 'conv2d', picture, padding='same', kernelSize=[2, 4]),
    conv('conv2d same, strides', 'conv2d', picture, padding='same', strides=2),
    conv('conv2d same, uneven strides', 'conv2d', picture, padding='same', strides=[3, 2]),
    conv('conv2d valid, strides', 'conv2d', picture, strides=[2, 3]),
    conv('conv2d dilated', 'conv2d', picture, dilationRate=2),
    conv('conv2d same, dilated', 'conv2d', picture, padding='same', dilationRate=[1, 2]),
    conv('conv2d groups', 'conv2d', picture, groups=3, filters=6),
    conv('conv2d elu', 'conv2d', picture, activation='elu'),
    conv('conv2d without bias', 'conv2d', picture, useBias=False),
]
# Average pooling is kept to the paddings in which Keras' backends agree: where 'same' needs an odd number of zeros, its torch
# backend repeats the edge instead of leaving the padding out of the average, which differs once a window holds more than two.
for kind in ('max', 'average'):
    convolution += [
        layer_case(f'{kind}Pooling1d', f'{kind}Pooling1d', {'poolSize': 2}, inputs=signal),
        layer_case(f'{kind}Pooling1d overlapping', f'{kind}Pooling1d', {'poolSize': 3, 'strides': 1}, inputs=signal),
        layer_case(f'{kind}Pooling1d same', f'{kind}Pooling1d', {'poolSize': 2, 'padding': 'same'}, inputs=signal),
        layer_case(f'{kind}Pooling1d same, strides', f'{kind}Pooling1d', {'poolSize': 4, 'strides': 3, 'padding': 'same'}, inputs=signal),
        layer_case(f'{kind}Pooling2d', f'{kind}Pooling2d', {'poolSize': 2}, inputs=picture),
        layer_case(f'{kind}Pooling2d oblong', f'{kind}Pooling2d', {'poolSize': [3, 2], 'strides': [2, 1]}, inputs=picture),
        layer_case(f'{kind}Pooling2d same', f'{kind}Pooling2d', {'poolSize': 2, 'padding': 'same'}, inputs=picture),
        layer_case(f'{kind}Pooling2d same, strides', f'{kind}Pooling2d', {'poolSize': [3, 2], 'strides': [2, 3], 'padding': 'same'}, inputs=picture),
    ]
    name = f'global{kind.capitalize()}Pooling'
    convolution += [
        layer_case(f'{name}1d', f'{name}1d', inputs=signal),
        layer_case(f'{name}1d keeping the axis', f'{name}1d', {'keepdims': True}, inputs=signal),
        layer_case(f'{name}2d', f'{name}2d', inputs=picture),
        layer_case(f'{name}2d keeping the axes', f'{name}2d', {'keepdims': True}, inputs=picture),
    ]
convolution += [
    layer_case('globalAveragePooling1d masked', 'globalAveragePooling1d', inputs=sequence, mask=rows),
    layer_case('zeroPadding1d', 'zeroPadding1d', {'padding': 2}, inputs=signal),
    layer_case('zeroPadding1d one side', 'zeroPadding1d', {'padding': [0, 3]}, inputs=signal),
    layer_case('zeroPadding2d', 'zeroPadding2d', {'padding': 1}, inputs=picture),
    layer_case('zeroPadding2d by axis', 'zeroPadding2d', {'padding': [1, 2]}, inputs=picture),
    layer_case('cropping1d', 'cropping1d', {'cropping': 2}, inputs=signal),
    layer_case('cropping1d one side', 'cropping1d', {'cropping': [0, 3]}, inputs=signal),
    layer_case('cropping2d', 'cropping2d', {'cropping': [1, 2]}, inputs=picture),
    layer_case('upSampling1d', 'upSampling1d', {'size': 3}, inputs=signal),
    layer_case('upSampling2d', 'upSampling2d', {'size': [2, 3]}, inputs=picture),
    layer_case('upSampling2d bilinear', 'upSampling2d', {'size': [2, 3], 'interpolation': 'bilinear'}, inputs=picture),
    layer_case('upSampling2d bilinear, square', 'upSampling2d', {'size': 2, 'interpolation': 'bilinear'}, inputs=picture),
]
write('convolution', cases=convolution)

# Transposed, depthwise, separable convolution, volumes, adaptive pooling -------------------------------------------------

signal = normal(random, 2, 8, 4)
small = normal(random, 2, 3, 4, 3)
volume = normal(random, 1, 4, 4, 5, 2)
picture = normal(random, 2, 6, 5, 3)


def apart(name, layer, inputs, **config):
    return layer_case(name, layer, {'kernelSize': 3, **config}, inputs=inputs)


space = [
    conv('conv1dTranspose', 'conv1dTranspose', signal),
    conv('conv1dTranspose strides', 'conv1dTranspose', signal, strides=2),
    conv('conv1dTranspose strides beyond the kernel', 'conv1dTranspose', signal, strides=4, kernelSize=2),
    conv('conv1dTranspose same', 'conv1dTranspose', signal, padding='same'),
    conv('conv1dTranspose same, strides', 'conv1dTranspose', signal, padding='same', strides=2),
    conv('conv1dTranspose same, strides, even kernel', 'conv1dTranspose', signal, padding='same', strides=3, kernelSize=4),
    conv('conv1dTranspose output padding', 'conv1dTranspose', signal, strides=3, outputPadding=2),
    conv('conv1dTranspose same, output padding', 'conv1dTranspose', signal, padding='same', strides=3, outputPadding=1),
    conv('conv1dTranspose same, no output padding', 'conv1dTranspose', signal, padding='same', strides=2, outputPadding=0),
    conv('conv1dTranspose dilated', 'conv1dTranspose', signal, dilationRate=2, activation='tanh', useBias=False),
    conv('conv2dTranspose', 'conv2dTranspose', small),
    conv('conv2dTranspose same, strides', 'conv2dTranspose', small, padding='same', strides=2),
    conv('conv2dTranspose same, oblong', 'conv2dTranspose', small, padding='same', strides=[2, 3], kernelSize=[4, 2]),
    conv('conv2dTranspose strides, output padding', 'conv2dTranspose', small, strides=[2, 3], outputPadding=[1, 0], activation='relu'),
    conv('conv3dTranspose', 'conv3dTranspose', volume, strides=[1, 2, 1], filters=3, kernelSize=2),
    conv('conv3dTranspose same', 'conv3dTranspose', volume, padding='same', strides=2, filters=2),
    conv('conv3d', 'conv3d', volume, kernelSize=[2, 3, 2]),
    conv('conv3d same, strides', 'conv3d', volume, padding='same', strides=[2, 1, 3], filters=3),
    conv('conv3d dilated', 'conv3d', volume, dilationRate=[1, 1, 2], kernelSize=2, useBias=False),
    conv('conv3d groups', 'conv3d', volume, groups=2, kernelSize=2),
    apart('depthwiseConv1d', 'depthwiseConv1d', signal),
    apart('depthwiseConv1d several', 'depthwiseConv1d', signal, depthMultiplier=3, padding='same', strides=2),
    apart('depthwiseConv1d same, dilated', 'depthwiseConv1d', signal, padding='same', dilationRate=2),
    apart('depthwiseConv2d', 'depthwiseConv2d', picture, activation='relu'),
    apart('depthwiseConv2d same', 'depthwiseConv2d', picture, padding='same', depthMultiplier=2),
    apart('depthwiseConv2d same, strides', 'depthwiseConv2d', picture, padding='same', strides=2, useBias=False),
    apart('depthwiseConv2d dilated', 'depthwiseConv2d', picture, kernelSize=[2, 3], dilationRate=2),
    conv('separableConv1d', 'separableConv1d', signal),
    conv('separableConv1d same, several', 'separableConv1d', signal, padding='same', depthMultiplier=2, strides=2),
    conv('separableConv2d', 'separableConv2d', picture, activation='tanh'),
    conv('separableConv2d same, several', 'separableConv2d', picture, padding='same', depthMultiplier=2, useBias=False),
    layer_case('globalMaxPooling3d', 'globalMaxPooling3d', inputs=volume),
    layer_case('globalAveragePooling3d keeping the axes', 'globalAveragePooling3d', {'keepdims': True}, inputs=volume),
    layer_case('maxPooling3d', 'maxPooling3d', {'poolSize': 2}, inputs=volume),
    layer_case('maxPooling3d same, strides', 'maxPooling3d', {'poolSize': [3, 2, 2], 'strides': [2, 1, 3], 'padding': 'same'}, inputs=volume),
    layer_case('averagePooling3d', 'averagePooling3d', {'poolSize': [2, 1, 3], 'strides': 1}, inputs=volume),
    layer_case('upSampling3d', 'upSampling3d', {'size': [2, 1, 3]}, inputs=volume),
    layer_case('zeroPadding3d', 'zeroPadding3d', {'padding': [1, 0, 2]}, inputs=volume),
    layer_case('cropping3d', 'cropping3d', {'cropping': [1, 1, 2]}, inputs=volume),
    layer_case('identity', 'identity', inputs=signal),
    layer_case('activityRegularization', 'activityRegularization', {'l1': 0.1, 'l2': 0.2}, inputs=signal),
    layer_case('spectralNormalization in inference', 'spectralNormalization', {'layer': {'layer': 'dense', 'config': {'units': 4}}}, inputs=vector, training=False),
    layer_case('spectralNormalization of a convolution in training', 'spectralNormalization',
               {'layer': {'layer': 'conv1d', 'config': {'filters': 3, 'kernelSize': 2}}, 'powerIterations': 3}, inputs=signal, training=True),
]
for size in ('Average', 'Max'):
    space += [
        layer_case(f'adaptive{size}Pooling1d', f'adaptive{size}Pooling1d', {'outputSize': 4}, inputs=signal),
        layer_case(f'adaptive{size}Pooling2d', f'adaptive{size}Pooling2d', {'outputSize': [4, 3]}, inputs=picture),
        layer_case(f'adaptive{size}Pooling3d', f'adaptive{size}Pooling3d', {'outputSize': [2, 3, 4]}, inputs=volume),
    ]
write('space', cases=space)

# Preparing data ---------------------------------------------------------------------------------------------------------

photo = uniform(random, 2, 5, 6, 2, high=255)
categories = random.integers(0, 5, (3, 4)).astype('int32')
prepared = [
    layer_case('categoryEncoding', 'categoryEncoding', {'numTokens': 5}, inputs=categories),
    layer_case('categoryEncoding one by one', 'categoryEncoding', {'numTokens': 5, 'outputMode': 'oneHot'}, inputs=categories),
    layer_case('categoryEncoding of a column', 'categoryEncoding', {'numTokens': 5, 'outputMode': 'oneHot'}, inputs=categories[:, :1]),
    layer_case('categoryEncoding counts', 'categoryEncoding', {'numTokens': 6, 'outputMode': 'count'}, inputs=categories),
    layer_case('discretization', 'discretization', {'binBoundaries': [-1.0, 0.0, 0.5]}, inputs=sequence),
    layer_case('discretization counts', 'discretization', {'binBoundaries': [-1.0, 0.0, 0.5], 'outputMode': 'count'}, inputs=vector),
    layer_case('resizing', 'resizing', {'height': 3, 'width': 8}, inputs=photo),
    layer_case('resizing, nearest', 'resizing', {'height': 7, 'width': 4, 'interpolation': 'nearest'}, inputs=photo),
    layer_case('resizing, keeping shapes', 'resizing', {'height': 4, 'width': 2, 'cropToAspectRatio': True}, inputs=photo),
    layer_case('centerCrop', 'centerCrop', {'height': 2, 'width': 3}, inputs=photo),
    layer_case('centerCrop of small images', 'centerCrop', {'height': 8, 'width': 4}, inputs=photo),
    layer_case('randomContrast in inference', 'randomContrast', {'factor': 0.3}, inputs=photo, training=False),
    layer_case('randomFlip in inference', 'randomFlip', {'mode': 'horizontal'}, inputs=photo, training=False),
]
for fill in ('reflect', 'wrap', 'constant', 'nearest'):
    for turn in (0.07, -0.31):
        prepared.append(layer_case(f'randomRotation by {turn}, {fill}', 'randomRotation', {'factor': [turn, turn], 'fillMode': fill, 'fillValue': 7.0},
                                   inputs=photo, training=True))
    prepared += [
        layer_case(f'randomTranslation, {fill}', 'randomTranslation', {'heightFactor': [0.27, 0.27], 'widthFactor': [-0.4, -0.4], 'fillMode': fill},
                   inputs=photo, training=True),
        layer_case(f'randomZoom, {fill}', 'randomZoom', {'heightFactor': [0.3, 0.3], 'widthFactor': [-0.2, -0.2], 'fillMode': fill},
                   inputs=photo, training=True),
    ]
prepared.append(layer_case('randomRotation, nearest pixels', 'randomRotation', {'factor': [0.1, 0.1], 'interpolation': 'nearest'}, inputs=photo, training=True))
sound = normal(random, 2, 40)
for mode in ('log', 'magnitude', 'psd', 'real', 'angle', 'stft'):
    prepared.append(layer_case(f'stftSpectrogram, {mode}', 'stftSpectrogram', {'mode': mode, 'frameLength': 8}, inputs=signal[:, :, :2].repeat(3, axis=1)))
prepared += [
    layer_case('stftSpectrogram, channels apart', 'stftSpectrogram', {'mode': 'magnitude', 'frameLength': 6, 'frameStep': 2, 'fftLength': 8, 'expandDims': True,
               'padding': 'same', 'window': 'hamming', 'scaling': 'spectrum', 'periodic': True}, inputs=signal[:, :, :2].repeat(2, axis=1)),
    layer_case('melSpectrogram', 'melSpectrogram', {'fftLength': 16, 'sequenceStride': 6, 'numMelBins': 4}, inputs=sound),
    layer_case('melSpectrogram of short frames', 'melSpectrogram', {'fftLength': 16, 'sequenceLength': 10, 'sequenceStride': 4, 'numMelBins': 3, 'powerToDb': False,
               'magExp': 1.0, 'minFreq': 300.0, 'maxFreq': 6000.0}, inputs=sound),
]
write('preprocessing', cases=prepared)
