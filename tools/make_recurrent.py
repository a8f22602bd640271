"""Keras' recurrent layers: recurrent.json (one call with gradients) and stateful.json (several calls that carry their state)."""

import numpy as np

from golden import encode, flat, generator, keras_layer, normal, numpy_of, torch, write
from layer_cases import layer_case, random_weight

BATCH, TIME, FEATURES, UNITS = 3, 6, 7, 5

random = generator('inputs of the recurrent layers')
sequence = normal(random, BATCH, TIME, FEATURES)
five = normal(random, 5, TIME, FEATURES)
# Rows: nothing masked; masked at the end; at the start; with holes; everything masked.
mask = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1], [0, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]], dtype=bool)
states_of = {'lstm': 2, 'gru': 1, 'simpleRNN': 1}


def states(count: int, batch: int = BATCH, units: int = UNITS) -> list:
    return [normal(random, batch, units, scale=0.7) for _ in range(count)]


cases = []


def add(name: str, layer: str, inputs=sequence, initial_state=None, mask=None, /, **config) -> None:
    cases.append(layer_case(name, layer, config, inputs=inputs, initial_state=initial_state, mask=mask))


for kind, count in states_of.items():
    def of_kind(name, inputs=sequence, initial_state=None, mask=None, /, **config):
        add(f'{kind} {name}', kind, inputs, initial_state, mask, units=UNITS, **config)

    of_kind('last output')
    of_kind('sequences', returnSequences=True)
    of_kind('without bias', returnSequences=True, useBias=False)
    of_kind('states out', returnState=True)
    of_kind('sequences and states out', returnSequences=True, returnState=True)
    of_kind('states in and out', sequence, states(count), returnSequences=True, returnState=True)
    of_kind('backwards', goBackwards=True)
    of_kind('backwards sequences and states', sequence, states(count), goBackwards=True, returnSequences=True, returnState=True)
    of_kind('one step', normal(random, BATCH, 1, FEATURES), returnSequences=True, returnState=True)
    of_kind('one feature', normal(random, BATCH, TIME, 1), returnSequences=True)
    of_kind('one sample', normal(random, 1, TIME, FEATURES), returnSequences=True)
    of_kind('relu', activation='relu', returnSequences=True)
    of_kind('softsign', activation='softsign', returnSequences=True)
    of_kind('linear', activation='linear', returnSequences=True)
    of_kind('masked last output', five, None, mask)
    of_kind('masked sequences and states', five, None, mask, returnSequences=True, returnState=True)
    of_kind('masked with states in', five, states(count, 5), mask, returnSequences=True, returnState=True)
    of_kind('masked backwards', five, None, mask, goBackwards=True, returnState=True)
    of_kind('masked backwards sequences', five, states(count, 5), mask, goBackwards=True, returnSequences=True, returnState=True)
    of_kind('masked, zero output', five, None, mask, zeroOutputForMask=True, returnSequences=True, returnState=True)
    of_kind('masked, zero last output', five, None, mask, zeroOutputForMask=True)
    add(f'{kind} wide', kind, normal(random, 6, 13, 11), units=18, returnSequences=True, returnState=True)
    if kind != 'simpleRNN':
        of_kind('hard sigmoid gates', recurrentActivation='hardSigmoid', returnSequences=True)
        of_kind('relu with hard sigmoid gates, masked', five, None, mask, activation='relu', recurrentActivation='hardSigmoid', returnSequences=True)
        of_kind('linear gates', activation='sigmoid', recurrentActivation='linear', returnSequences=True)

for name, inputs, initial_state, covered, config in [
    ('last output', sequence, None, None, {}),
    ('sequences and states', sequence, states(1), None, {'returnSequences': True, 'returnState': True}),
    ('without bias', sequence, None, None, {'returnSequences': True, 'useBias': False}),
    ('backwards', sequence, None, None, {'goBackwards': True, 'returnSequences': True}),
    ('masked', five, states(1, 5), mask, {'returnSequences': True, 'returnState': True}),
    ('relu with hard sigmoid gates', sequence, None, None, {'activation': 'relu', 'recurrentActivation': 'hardSigmoid', 'returnSequences': True}),
]:
    add(f'gru reset before, {name}', 'gru', inputs, initial_state, covered, units=UNITS, resetAfter=False, **config)
add('gru reset before, wide', 'gru', normal(random, 6, 13, 11), units=18, resetAfter=False, returnSequences=True)


# Cells and stacks of cells ---------------------------------------------------------------------------------------------


def cell(kind: str, units: int = UNITS, **config) -> dict:
    return {'layer': f'{kind}Cell', 'config': {'units': units, **config}}


def stack(*cells: dict) -> dict:
    return {'layer': 'stackedRNNCells', 'config': {'cells': list(cells)}}


for kind, count in states_of.items():
    add(f'rnn of a {kind} cell', 'rnn', cell=cell(kind), returnSequences=True, returnState=True)
    add(f'rnn of a {kind} cell, masked', 'rnn', five, states(count, 5), mask, cell=cell(kind), returnSequences=True, returnState=True)
add('rnn of a gru cell, reset before', 'rnn', cell=cell('gru', resetAfter=False), returnSequences=True)
add('rnn of two lstm cells', 'rnn', cell=stack(cell('lstm'), cell('lstm', 4)))
add('rnn of two lstm cells, sequences and states', 'rnn', cell=stack(cell('lstm'), cell('lstm', 4)), returnSequences=True, returnState=True)
add('rnn of two lstm cells, states in', 'rnn', sequence, states(2) + states(2, units=4), cell=stack(cell('lstm'), cell('lstm', 4)),
    returnSequences=True, returnState=True)
add('rnn of mixed cells', 'rnn', cell=stack(cell('gru'), cell('simpleRNN', 4), cell('lstm', 3)), returnSequences=True, returnState=True)
add('rnn of two gru cells, masked', 'rnn', five, None, mask, cell=stack(cell('gru'), cell('gru', 4)), returnSequences=True, returnState=True)
add('rnn of two lstm cells, backwards', 'rnn', cell=stack(cell('lstm'), cell('lstm', 4)), goBackwards=True, returnSequences=True)


# Bidirectional ---------------------------------------------------------------------------------------------------------


def inner(kind: str, **config) -> dict:
    return {'layer': kind, 'config': {'units': UNITS, **config}}


for mode in ('concat', 'sum', 'mul', 'ave', None):
    for sequences in (True, False):
        what = 'sequences' if sequences else 'last outputs'
        add(f'bidirectional lstm, {mode}, {what}', 'bidirectional', layer=inner('lstm', returnSequences=sequences), mergeMode=mode)
    add(f'bidirectional gru, {mode}, masked sequences', 'bidirectional', five, None, mask, layer=inner('gru', returnSequences=True), mergeMode=mode)
for kind, count in states_of.items():
    add(f'bidirectional {kind}', 'bidirectional', layer=inner(kind, returnSequences=True))
    add(f'bidirectional {kind}, states in and out', 'bidirectional', sequence, states(2 * count),
        layer=inner(kind, returnSequences=True, returnState=True))
    add(f'bidirectional {kind}, masked', 'bidirectional', five, None, mask, layer=inner(kind))
    add(f'bidirectional {kind}, masked, states in and out', 'bidirectional', five, states(2 * count, 5), mask,
        layer=inner(kind, returnSequences=True, returnState=True))
add('bidirectional without merging, states out', 'bidirectional', layer=inner('lstm', returnSequences=True, returnState=True), mergeMode=None)
add('bidirectional with a backward layer of its own', 'bidirectional', layer=inner('lstm', returnSequences=True),
    backwardLayer=inner('lstm', returnSequences=True, goBackwards=True, activation='relu'))
add('bidirectional with a backward layer of another kind', 'bidirectional', five, None, mask, layer=inner('lstm', returnSequences=True),
    backwardLayer={'layer': 'gru', 'config': {'units': 4, 'returnSequences': True, 'goBackwards': True}})
add('bidirectional around a layer that runs backwards', 'bidirectional', layer=inner('gru', returnSequences=True, goBackwards=True),
    backwardLayer=inner('gru', returnSequences=True))
add('timeDistributed lstm, masked outside', 'timeDistributed', normal(random, 3, 4, 5, 2),
    layer={'layer': 'lstm', 'config': {'units': 4, 'returnSequences': True}})
write('recurrent', cases=cases)


# Stateful: the state after one batch is the state before the next --------------------------------------------------------


def stateful_case(name: str, kind: str, /, *, mask=None, reset_after=None, batch: int = BATCH, **config) -> dict:
    """`reset_after` is the number of calls after which the states are cleared."""
    random = generator(name)
    config = config if kind == 'bidirectional' else {'stateful': True, **config}
    made = keras_layer({'layer': kind, 'config': config})
    made.build((batch, TIME, FEATURES))
    made.set_weights([random_weight(random, weight.path, weight.shape) if 'rnn_state' not in weight.path else numpy_of(weight)
                      for weight in made.weights])
    record = {'name': name, 'layer': kind, 'config': config,
              'weights': [{'name': weight.path.split('/')[-1], 'value': encode(weight)} for weight in made.weights
                          if 'rnn_state' not in weight.path],
              'calls': []}
    for call in range(3):
        inputs = normal(random, batch, TIME, FEATURES)
        options = {} if mask is None else {'mask': torch.from_numpy(mask)}
        outputs = flat(made(torch.from_numpy(inputs), **options))
        record['calls'].append({'input': encode(inputs), 'mask': encode(mask), 'outputs': [encode(output) for output in outputs],
                                'resetAfterwards': reset_after == call + 1})
        if reset_after == call + 1:
            made.reset_states() if hasattr(made, 'reset_states') else made.reset_state()
    return record


stateful = [stateful_case(f'stateful {kind}', kind, units=UNITS, returnSequences=True, returnState=True) for kind in states_of]
stateful += [
    stateful_case('stateful lstm, reset in between', 'lstm', reset_after=2, units=UNITS, returnState=True),
    stateful_case('stateful gru, masked', 'gru', mask=mask, batch=5, units=UNITS, returnSequences=True, returnState=True),
    stateful_case('stateful lstm, backwards', 'lstm', units=UNITS, goBackwards=True, returnSequences=True),
    stateful_case('stateful rnn of two cells', 'rnn', cell=stack(cell('lstm'), cell('gru', 4)), returnSequences=True),
    stateful_case('stateful bidirectional gru', 'bidirectional', layer=inner('gru', stateful=True, returnSequences=True)),
]
write('stateful', cases=stateful)

# Recurrent over images ------------------------------------------------------------------------------------------------

film = normal(random, 2, 3, 4, 5, 2)
series = normal(random, 2, 4, 5, 2)
seen = np.array([[1, 1, 0], [0, 1, 1]], dtype=bool)


def over(name, layer, inputs, initial_state=None, mask=None, /, **config):
    config = {'filters': 2, 'kernelSize': 3, **config}
    return layer_case(name, layer, config, inputs=inputs, initial_state=initial_state, mask=mask)


films = [
    over('convLSTM1d', 'convLSTM1d', series),
    over('convLSTM1d same, sequences and states', 'convLSTM1d', series, None, None, padding='same', returnSequences=True, returnState=True),
    over('convLSTM1d strides, backwards', 'convLSTM1d', series, None, None, strides=2, goBackwards=True, kernelSize=2),
    over('convLSTM2d', 'convLSTM2d', film),
    over('convLSTM2d same, sequences', 'convLSTM2d', film, None, None, padding='same', returnSequences=True, useBias=False),
    over('convLSTM2d dilated, states', 'convLSTM2d', film, None, None, dilationRate=[1, 2], kernelSize=[3, 2], returnState=True, recurrentActivation='hardSigmoid'),
    over('convLSTM2d states in', 'convLSTM2d', film, [normal(random, 2, 4, 5, 2) for _ in range(2)], None, padding='same', returnState=True),
    over('convLSTM2d masked', 'convLSTM2d', film, None, seen, padding='same', returnSequences=True, returnState=True),
    over('convLSTM3d', 'convLSTM3d', normal(random, 1, 2, 3, 3, 3, 1), None, None, kernelSize=2),
    layer_case('bidirectional convLSTM2d', 'bidirectional', {'layer': {'layer': 'convLSTM2d', 'config': {'filters': 1, 'kernelSize': 2, 'padding': 'same', 'returnSequences': True}}}, inputs=film),
]
write('films', cases=films)
