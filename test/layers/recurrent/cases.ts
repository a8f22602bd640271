// One way to call each kind of recurrent layer, and more where options change the mathematics.
import {
  bidirectional,
  conv1d,
  convLSTM1d,
  convLSTM2d,
  convLSTM3d,
  dense,
  gru,
  gruCell,
  indRNN,
  lru,
  lstm,
  lstmCell,
  mamba,
  minGRU,
  minLSTM,
  mLSTM,
  rgLRU,
  rnn,
  simpleRNN,
  simpleRNNCell,
  sLSTM,
  stackedRNNCells,
  timeDistributed,
} from '../../../src/layers'
import { floats } from '../../support'
import type { LayerCase } from '../cases'

const series = floats([2, 4, 3], { from: -1, to: 1 })
const masks = [
  [
    [true, true, false, true],
    [false, true, true, false],
  ],
]
const films = [
  [
    [true, false, true],
    [false, true, true],
  ],
]
const everything = { returnSequences: true, returnState: true } as const
const inputs = [series]

/** The cases of all layers that are recurrent or go around such a one. */
export const recurrentCases: readonly LayerCase[] = [
  { says: 'lstm', make: () => lstm(3), inputs },
  { says: 'lstm with all it can give', make: () => lstm(3, everything), inputs, masks },
  { says: 'lstm backwards', make: () => lstm(3, { goBackwards: true, returnSequences: true }), inputs, masks },
  {
    says: 'lstm with zeros at masked steps',
    make: () => lstm(2, { ...everything, zeroOutputForMask: true }),
    inputs,
    masks,
  },
  {
    says: 'lstm with other activations',
    make: () => lstm(3, { ...everything, activation: 'softsign', recurrentActivation: 'tanh' }),
    inputs,
    masks,
  },
  { says: 'lstm that drops inputs', make: () => lstm(3, { dropout: 0.4 }), inputs, training: true },
  {
    says: 'lstm that drops inputs and states',
    make: () => lstm(3, { dropout: 0.3, recurrentDropout: 0.3, returnSequences: true, seed: 3 }),
    inputs,
    masks,
    training: true,
  },
  { says: 'lstm of three layers', make: () => lstm(2, { numLayers: 3, returnSequences: true }), inputs, masks },
  {
    says: 'lstm of two layers with dropout between them',
    make: () => lstm(2, { numLayers: 2, dropout: 0.5 }),
    inputs,
    training: true,
  },
  { says: 'gru', make: () => gru(3), inputs },
  { says: 'gru with all it can give', make: () => gru(3, everything), inputs, masks },
  { says: 'gru that resets before', make: () => gru(3, { resetAfter: false, ...everything }), inputs, masks },
  { says: 'gru without bias', make: () => gru(3, { useBias: false, recurrentActivation: 'tanh' }), inputs },
  {
    says: 'gru that drops',
    make: () => gru(3, { dropout: 0.3, recurrentDropout: 0.3, returnSequences: true }),
    inputs,
    training: true,
  },
  {
    says: 'gru that drops and resets before',
    make: () => gru(3, { recurrentDropout: 0.3, resetAfter: false }),
    inputs,
    training: true,
  },
  { says: 'simpleRNN', make: () => simpleRNN(3, everything), inputs, masks },
  { says: 'simpleRNN that drops', make: () => simpleRNN(3, { recurrentDropout: 0.3 }), inputs, training: true },
  { says: 'simpleRNN with another activation', make: () => simpleRNN(3, { activation: 'softplus' }), inputs },
  { says: 'rnn of a cell', make: () => rnn(gruCell(3), everything), inputs, masks },
  {
    says: 'rnn of several cells',
    make: () => rnn([lstmCell(2), gruCell(3, { activation: 'softsign' }), simpleRNNCell(2)], everything),
    inputs,
    masks,
  },
  { says: 'lstmCell', make: () => lstmCell(3), inputs: [floats([2, 4]), floats([2, 3]), floats([2, 3], { seed: 2 })] },
  { says: 'gruCell', make: () => gruCell(3), inputs: [floats([2, 4]), floats([2, 3])] },
  { says: 'simpleRNNCell', make: () => simpleRNNCell(3), inputs: [floats([2, 4]), floats([2, 3])] },
  {
    says: 'stackedRNNCells',
    make: () => stackedRNNCells([gruCell(2), simpleRNNCell(3)]),
    inputs: [floats([2, 4]), floats([2, 2]), floats([2, 3])],
  },
  { says: 'bidirectional', make: () => bidirectional(lstm(2, everything)), inputs, masks },
  { says: 'bidirectional, multiplied', make: () => bidirectional(gru(2), { mergeMode: 'mul' }), inputs, masks },
  {
    says: 'bidirectional with a layer of its own backwards',
    make: () =>
      bidirectional(simpleRNN(2, everything), {
        mergeMode: null,
        backwardLayer: gru(3, { ...everything, goBackwards: true }),
      }),
    inputs,
    masks,
  },
  { says: 'timeDistributed dense', make: () => timeDistributed(dense(2, { activation: 'tanh' })), inputs, masks },
  { says: 'timeDistributed convolution', make: () => timeDistributed(conv1d(2, 2)), inputs: [floats([2, 3, 4, 2])] },
  { says: 'timeDistributed lstm', make: () => timeDistributed(lstm(2)), inputs: [floats([2, 2, 3, 2])] },
  { says: 'minGRU', make: () => minGRU(3), inputs },
  { says: 'minGRU with all it can give', make: () => minGRU(3, { ...everything, activation: 'tanh' }), inputs, masks },
  { says: 'minGRU of two layers', make: () => minGRU(2, { numLayers: 2, logSpace: true }), inputs, masks },
  { says: 'minGRU that drops', make: () => minGRU(3, { dropout: 0.4, returnSequences: true }), inputs, training: true },
  { says: 'minLSTM', make: () => minLSTM(3, { logSpace: true }), inputs },
  {
    says: 'minLSTM with all it can give, backwards',
    make: () => minLSTM(3, { ...everything, goBackwards: true, useBias: false }),
    inputs,
    masks,
  },
  { says: 'indRNN', make: () => indRNN(3, { ...everything, activation: 'tanh' }), inputs, masks },
  {
    says: 'indRNN that drops',
    make: () => indRNN(3, { activation: 'softplus', dropout: 0.3, recurrentDropout: 0.3 }),
    inputs,
    training: true,
  },
  { says: 'lru', make: () => lru(3, { stateUnits: 4 }), inputs },
  {
    says: 'lru with all it can give',
    make: () => lru(2, { ...everything, minRadius: 0.5, maxRadius: 0.9, maxPhase: 1 }),
    inputs,
    masks,
  },
  { says: 'rgLRU', make: () => rgLRU(3, everything), inputs, masks },
  {
    says: 'rgLRU of another width',
    make: () => rgLRU(2, { power: 4, useBias: false, kernelRegularizer: 'l2' }),
    inputs,
  },
  { says: 'mamba', make: () => mamba(2, { stateUnits: 3, kernelSize: 2 }), inputs },
  {
    says: 'mamba with all it can give',
    make: () => mamba(2, { ...everything, stateUnits: 2, kernelSize: 3, expand: 1, deltaRank: 2 }),
    inputs,
    masks,
  },
  { says: 'sLSTM', make: () => sLSTM(3, everything), inputs, masks },
  {
    says: 'sLSTM in heads, that drops',
    make: () => sLSTM(4, { numHeads: 2, forgetGate: 'exponential', dropout: 0.2, recurrentDropout: 0.3 }),
    inputs,
    training: true,
  },
  { says: 'sLSTM of two layers', make: () => sLSTM(2, { numLayers: 2, unitForgetBias: false }), inputs },
  { says: 'mLSTM', make: () => mLSTM(2, { forgetGate: 'exponential', useBias: false }), inputs },
  { says: 'mLSTM in heads, with all it can give', make: () => mLSTM(4, { numHeads: 2, ...everything }), inputs, masks },
  {
    says: 'bidirectional minGRU',
    make: () => bidirectional(minGRU(2, { returnSequences: true })),
    inputs,
    masks,
  },
  {
    says: 'convLSTM1d',
    make: () => convLSTM1d(2, 3, { padding: 'same' }),
    inputs: [floats([2, 3, 4, 2])],
    masks: films,
  },
  {
    says: 'convLSTM1d that drops',
    make: () => convLSTM1d(2, 2, { dropout: 0.3, recurrentDropout: 0.3, seed: 1 }),
    inputs: [floats([2, 3, 4, 2])],
    training: true,
  },
  {
    says: 'convLSTM2d with all it can give',
    make: () => convLSTM2d(2, [2, 3], { ...everything, strides: [1, 2], unitForgetBias: false }),
    inputs: [floats([2, 3, 3, 5, 1])],
    masks: films,
  },
  { says: 'convLSTM3d', make: () => convLSTM3d(1, 2, { useBias: false }), inputs: [floats([1, 2, 2, 3, 3, 1])] },
  {
    says: 'bidirectional over a film',
    make: () => bidirectional(convLSTM2d(1, 2, { padding: 'same', returnSequences: true })),
    inputs: [floats([2, 3, 2, 3, 1])],
  },
]
