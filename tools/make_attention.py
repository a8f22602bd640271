"""Layers of attention and what goes with them: attention.json."""

import numpy as np

from golden import generator, normal, write
from layer_cases import layer_case

random = generator('inputs of attention')
query = normal(random, 2, 5, 6)
value = normal(random, 2, 4, 6)
key = normal(random, 2, 4, 6)
wide = normal(random, 2, 4, 3)
image = normal(random, 2, 3, 4, 5)
query_mask = np.array([[1, 1, 1, 0, 1], [0, 1, 1, 1, 0]], dtype=bool)
value_mask = np.array([[1, 1, 0, 1], [0, 1, 1, 1]], dtype=bool)
own_mask = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 1]], dtype=bool)
pairs = random.random((2, 5, 4)) < 0.6
pairs[:, :, 0] = True
all_pairs = random.random((2, 5, 5)) < 0.6
scores = {'returnAttentionScores': True}
causal = {'useCausalMask': True}

# Queries that may attend to no key attend to all alike. What gradient flows back through that is a matter of how a backend of Keras
# masks (README.md), so none is asked for.
attends = own_mask & (all_pairs & own_mask[:, None] & query_mask[:, None] & np.tri(5, dtype=bool)).any(-1)

cases = [
    layer_case('einsumDense', 'einsumDense', {'equation': 'abc,cd->abd', 'outputShape': [None, 4], 'biasAxes': 'd'}, inputs=query),
    layer_case('einsumDense into two axes', 'einsumDense',
               {'equation': 'abc,cde->abde', 'outputShape': [None, 3, 2], 'biasAxes': 'de', 'activation': 'tanh'}, inputs=query),
    layer_case('einsumDense from two axes', 'einsumDense',
               {'equation': 'abcd,cde->abe', 'outputShape': [None, 3], 'biasAxes': 'e'}, inputs=image),
    layer_case('einsumDense with dots', 'einsumDense', {'equation': '...c,cd->...d', 'outputShape': 4, 'biasAxes': 'd'}, inputs=image),
    layer_case('einsumDense with dots at the end', 'einsumDense',
               {'equation': 'ab...,bc->ac...', 'outputShape': 4, 'biasAxes': 'c'}, inputs=image),
    layer_case('einsumDense over time', 'einsumDense', {'equation': 'abc,bd->adc', 'outputShape': [3, None]}, inputs=query),
    layer_case('einsumDense with a bias on an axis before the last', 'einsumDense',
               {'equation': 'abc,cd->abd', 'outputShape': [5, 4], 'biasAxes': 'b'}, inputs=query),

    layer_case('rmsNormalization', 'rmsNormalization', inputs=query),
    layer_case('rmsNormalization over two axes', 'rmsNormalization', {'axis': [1, 2], 'epsilon': 0.1}, inputs=query),
    layer_case('groupNormalization', 'groupNormalization', {'groups': 2}, inputs=query),
    layer_case('groupNormalization of an image', 'groupNormalization', {'groups': 5, 'epsilon': 0.1}, inputs=image),
    layer_case('groupNormalization on axis 1', 'groupNormalization', {'groups': -1, 'axis': 1}, inputs=image),
    layer_case('groupNormalization plain', 'groupNormalization', {'groups': 3, 'center': False, 'scale': False}, inputs=query),

    layer_case('reversibleEmbedding', 'reversibleEmbedding', {'inputDim': 7, 'outputDim': 6},
               inputs=random.integers(0, 7, (2, 5)).astype('int32')),
    layer_case('reversibleEmbedding in reverse', 'reversibleEmbedding', {'inputDim': 7, 'outputDim': 6}, inputs=query,
               call={'reverse': True}),
    layer_case('reversibleEmbedding with weights that are not tied', 'reversibleEmbedding',
               {'inputDim': 7, 'outputDim': 6, 'tieWeights': False, 'logitSoftCap': 2.0}, inputs=query, call={'reverse': True}),

    layer_case('attention', 'attention', inputs=[query, value]),
    layer_case('attention with a key', 'attention', {'useScale': True}, inputs=[query, wide, key]),
    layer_case('attention of sums', 'attention', {'useScale': True, 'scoreMode': 'concat'}, inputs=[query, value]),
    layer_case('attention with scores', 'attention', inputs=[query, value, key], call=scores),
    layer_case('attention, causal', 'attention', inputs=[query, value], call=causal),
    layer_case('attention, causal, with scores', 'attention', inputs=[query, value], call={**causal, **scores}),
    layer_case('attention, masked', 'attention', inputs=[query, value], masks=[query_mask, value_mask]),
    layer_case('attention, masked and causal, with scores', 'attention', {'useScale': True}, inputs=[query, value],
               masks=[query_mask, value_mask], call={**causal, **scores}),
    layer_case('attention, masked and causal', 'attention', inputs=[query, value], masks=[query_mask, value_mask], call=causal),
    layer_case('additiveAttention', 'additiveAttention', inputs=[query, value]),
    layer_case('additiveAttention without scale, with a key', 'additiveAttention', {'useScale': False}, inputs=[query, wide, key]),
    layer_case('additiveAttention, masked, with scores', 'additiveAttention', inputs=[query, value], masks=[query_mask, value_mask],
               call={**causal, **scores}),
]

heads = {'numHeads': 2, 'keyDim': 3}
groups = {'headDim': 3, 'numQueryHeads': 4, 'numKeyValueHeads': 2}
for name, config in (('multiHeadAttention', heads), ('groupQueryAttention', groups)):
    cases += [
        layer_case(name, name, config, inputs=[query, value]),
        layer_case(f'{name} with a key', name, config, inputs=[query, value, key]),
        layer_case(f'{name} with scores', name, config, inputs=[query, value], call=scores),
        layer_case(f'{name}, causal', name, config, inputs=[query, query], call=causal),
        layer_case(f'{name}, causal, with scores', name, config, inputs=[query, query], call={**causal, **scores}),
        layer_case(f'{name} with a mask of pairs', name, config, inputs=[query, value], call={'attentionMask': pairs}),
        layer_case(f'{name} with a mask of pairs, with scores', name, config, inputs=[query, value],
                   call={'attentionMask': pairs, **scores}),
        layer_case(f'{name}, masked', name, config, inputs=[query, value], masks=[query_mask, value_mask], counts=query_mask),
        layer_case(f'{name}, masked, with scores', name, config, inputs=[query, value], masks=[query_mask, value_mask], call=scores),
        layer_case(f'{name}, masked, causal and with a mask of pairs', name, config, inputs=[query, query, query + 1],
                   masks=[own_mask, own_mask, query_mask], call={'attentionMask': all_pairs, **causal}, counts=attends),
        layer_case(f'{name}, masked, causal and with a mask of pairs, with scores', name, config, inputs=[query, query, query + 1],
                   masks=[own_mask, own_mask, query_mask], call={'attentionMask': all_pairs, **causal, **scores}),
        layer_case(f'{name} with a window', name, {**config, 'slidingWindow': 2}, inputs=[query, query], call=causal),
        layer_case(f'{name} with a window, with scores', name, {**config, 'slidingWindow': 2}, inputs=[query, query], call=scores),
        layer_case(f'{name} with a gate, without bias', name, {**config, 'useGate': True, 'useBias': False}, inputs=[query, value]),
    ]
cases += [
    layer_case('multiHeadAttention of another width', 'multiHeadAttention', {**heads, 'valueDim': 4, 'outputShape': [3, 2]},
               inputs=[query, wide, key]),
    layer_case('multiHeadAttention over an image', 'multiHeadAttention', heads, inputs=[image, image]),
    layer_case('multiHeadAttention over columns', 'multiHeadAttention', {**heads, 'attentionAxes': 2}, inputs=[image, image], call=scores),
    layer_case('multiHeadAttention over rows', 'multiHeadAttention', {**heads, 'attentionAxes': [1]},
               inputs=[image, normal(random, 2, 6, 4, 5)]),
    layer_case('multiHeadAttention over rows and columns, with scores', 'multiHeadAttention', {**heads, 'attentionAxes': [1, 2]},
               inputs=[image, image], call=scores),
    layer_case('multiHeadAttention with a mask for each head', 'multiHeadAttention', heads, inputs=[query, value],
               call={'attentionMask': np.stack([pairs, np.ones_like(pairs)], 1)}),
]

# KerasHub's ---------------------------------------------------------------------------------------------------------------

tokens = np.array([[1, 2, 3, 0, 0], [4, 6, 0, 1, 5]], dtype='int32')
hidden = normal(random, 2, 5, 6)
memory = normal(random, 2, 4, 6)
block = {'intermediateDim': 7, 'numHeads': 2}
first = {**block, 'normalizeFirst': True, 'activation': 'gelu', 'layerNormEpsilon': 0.01}
cases += [
    layer_case('positionEmbedding', 'positionEmbedding', {'sequenceLength': 8}, inputs=hidden),
    layer_case('positionEmbedding from a place on', 'positionEmbedding', {'sequenceLength': 8}, inputs=hidden, call={'startIndex': 2}),
    layer_case('positionEmbedding of places', 'positionEmbedding', {'sequenceLength': 8}, inputs=hidden,
               call={'positions': np.array([[0, 1, 2, 0, 1], [7, 6, 5, 4, 3]], 'int32')}),
    layer_case('sinePositionEncoding', 'sinePositionEncoding', inputs=hidden),
    layer_case('sinePositionEncoding from a place on', 'sinePositionEncoding', {'maxWavelength': 100}, inputs=hidden,
               call={'startIndex': 3}),
    layer_case('rotaryEmbedding', 'rotaryEmbedding', inputs=hidden),
    layer_case('rotaryEmbedding of heads', 'rotaryEmbedding', {'maxWavelength': 100, 'scalingFactor': 2.0}, inputs=image[..., :4],
               call={'startIndex': 3}),
    layer_case('rotaryEmbedding, dynamic', 'rotaryEmbedding', {'ropeType': 'dynamic', 'scalingFactor': 4.0, 'denominatorDim': 8}, inputs=hidden),
    layer_case('rotaryEmbedding, yarn', 'rotaryEmbedding',
               {'ropeType': 'yarn', 'scalingFactor': 4.0, 'originalMaxPositionEmbeddings': 64, 'betaFast': 8.0}, inputs=normal(random, 2, 5, 16)),
    layer_case('rotaryEmbedding along other axes', 'rotaryEmbedding', {'sequenceAxis': 2, 'featureAxis': 1}, inputs=image[:, :2]),
    layer_case('tokenAndPositionEmbedding', 'tokenAndPositionEmbedding',
               {'vocabularySize': 7, 'sequenceLength': 8, 'embeddingDim': 6}, inputs=tokens),
    layer_case('transformerEncoder', 'transformerEncoder', block, inputs=hidden),
    layer_case('transformerEncoder, normalised first', 'transformerEncoder', first, inputs=hidden),
    layer_case('transformerEncoder with masks, with scores', 'transformerEncoder', block, inputs=hidden,
               call={'paddingMask': own_mask, 'attentionMask': all_pairs | np.eye(5, dtype=bool), **scores}),
    layer_case('transformerDecoder', 'transformerDecoder', block, inputs=hidden),
    layer_case('transformerDecoder, normalised first', 'transformerDecoder', first, inputs=hidden),
    layer_case('transformerDecoder with masks', 'transformerDecoder', block, inputs=hidden,
               call={'decoderAttentionMask': all_pairs | np.eye(5, dtype=bool)}),
    layer_case('transformerDecoder that looks ahead', 'transformerDecoder', block, inputs=hidden, call={'useCausalMask': False}),
    layer_case('transformerDecoder with an encoder', 'transformerDecoder', block, inputs=[hidden, memory]),
    layer_case('transformerDecoder with an encoder and masks', 'transformerDecoder', first, inputs=[hidden, memory],
               call={'encoderPaddingMask': value_mask, 'encoderAttentionMask': pairs}),
]
write('attention', cases=cases)
