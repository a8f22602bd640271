"""Runs one Keras layer and records everything a test needs: inputs, weights, outputs, gradients."""

import inspect

import numpy as np

import golden
from golden import encode, flat, generator, gradient_of, keras, keras_layer, leaf, normal, numpy_of, torch, uniform


def random_weight(random, path: str, shape):
    if path.endswith('moving_variance'):
        return uniform(random, *shape, low=0.5, high=1.5)
    if path.endswith('gamma'):
        return uniform(random, *shape, low=0.5, high=1.5)
    return normal(random, *shape, scale=0.4)


def layer_case(name, layer, config=None, *, inputs, mask=None, masks=None, call=None, initial_state=None, training=None, says=None,
               counts=None):
    """One call of a layer.

    `inputs` is an array or a list of them (a merging layer's); `initial_state` a flat list; `masks` one for each of several inputs,
    or none; `call` what else the call is given, by hornbeam's names: tensors and settings. Recorded gradients are those of
    sum(output * upstream), over all outputs; upstream is 0 at the steps of the first that `counts` has false.
    """
    random = generator(name)
    made = keras_layer({'layer': layer, 'config': config or {}})
    many = isinstance(inputs, list)
    tensors = [leaf(array) for array in (inputs if many else [inputs])]
    shapes = [tuple(tensor.shape) for tensor in tensors]
    apart = many and not {'value_shape', 'encoder_sequence_shape'}.isdisjoint(inspect.signature(made.build).parameters)
    if apart:
        made.build(*shapes)
    else:
        made.build(shapes if many else shapes[0])
    made.set_weights([random_weight(random, weight.path, weight.shape) for weight in made.weights])
    weights_before = [(weight.path.split('/')[-1], numpy_of(weight).copy()) for weight in made.weights]

    options = {}
    states = [leaf(array) for array in initial_state or []]
    if states:
        pattern = made.get_initial_state(shapes[0][0]) if hasattr(made, 'get_initial_state') else states
        options['initial_state'] = keras.tree.pack_sequence_as(pattern, states)
    if mask is not None:
        options['mask'] = torch.from_numpy(mask)
    if training is not None:
        options['training'] = training

    given = call or {}
    further = {key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for key, value in given.items()}
    for key, value in further.items():
        options[golden.snake(key)] = value
    if masks is not None:
        flowing = [None if array is None else torch.from_numpy(array) for array in masks]
        # Masks flow beside the tensors; layers that take their inputs in a list are handed them in one.
        if not apart:
            options['mask'] = flowing
        else:
            for tensor, flows in zip(tensors, flowing):
                keras.src.backend.set_keras_mask(tensor, flows)
    result = made(*tensors, **options) if apart else made(tensors if many else tensors[0], **options)
    outputs = flat(result)
    upstream = [normal(random, *output.shape) for output in outputs]
    if counts is not None:
        upstream[0] *= counts[..., None]
    golden.backward(outputs, upstream)

    case = {'name': name, 'layer': layer, 'config': config or {}}
    if says:
        case['says'] = says
    if training is not None:
        case['training'] = training
    case['inputs'] = [encode(tensor) for tensor in tensors]
    if mask is not None:
        case['mask'] = encode(mask)
    if masks is not None:
        case['masks'] = [encode(array) for array in masks]
    if call:
        case['call'] = {key: encode(value) if isinstance(value, np.ndarray) else value for key, value in call.items()}
    if states:
        case['initialState'] = [encode(state) for state in states]
    case['weights'] = [{'name': path, 'value': encode(value)} for path, value in weights_before]
    case['outputs'] = [encode(output) for output in outputs]
    case['upstream'] = [encode(array) for array in upstream]
    case['inputGradients'] = [encode(gradient_of(tensor)) for tensor in tensors]
    if states:
        case['stateGradients'] = [encode(gradient_of(state)) for state in states]
    case['weightGradients'] = [encode(gradient_of(weight.value)) if weight.trainable else None for weight in made.weights]
    if made.non_trainable_variables and training:
        case['weightsAfter'] = [encode(weight) for weight in made.weights]
    if isinstance(made, (keras.layers.Embedding, keras.layers.Masking)):
        computed = made.compute_mask(tensors[0])
        case['outputMask'] = None if computed is None else encode(computed)
    return case
