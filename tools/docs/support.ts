// The support tables of docs/support.md, made from the registries and the backends' tables, so that they cannot promise more than is there.
import * as hornbeam from '../../src'
import type { Backend } from '../../src/backends/backend'
import { cpuBackend } from '../../src/backends/cpu'
import { lowering as gpuLowering } from '../../src/backends/gpu/lowering'
import { lowering as wasmLowering } from '../../src/backends/wasm/lowering'
import { allPrimitives } from '../../src/graph'
import names from '../fixtures/keras-names.json'
import { keysOf, table } from './tables'

/** Base classes and what is no part of a model. */
const notCounted: Readonly<Record<string, readonly string[]>> = {
  layers: ['InputSpec', 'Layer', 'Wrapper', 'FlaxLayer', 'JaxLayer', 'TFSMLayer', 'TorchModuleWrapper', 'InputLayer'],
  losses: ['Loss'],
  metrics: ['Metric', 'MeanMetricWrapper'],
  optimizers: ['Optimizer', 'OptimizerMap', 'LossScaleOptimizer'],
  schedules: ['LearningRateSchedule'],
  initializers: ['Initializer'],
  regularizers: ['Regularizer'],
  constraints: ['Constraint'],
  callbacks: ['Callback', 'CallbackList', 'History'],
}

/** Names that are not Keras' own in camelCase. */
const otherNames: Readonly<Record<string, string>> = {
  Convolution1D: 'conv1d',
  Convolution2D: 'conv2d',
  Convolution3D: 'conv3d',
  Convolution1DTranspose: 'conv1dTranspose',
  Convolution2DTranspose: 'conv2dTranspose',
  Convolution3DTranspose: 'conv3dTranspose',
  SeparableConvolution1D: 'separableConv1d',
  SeparableConvolution2D: 'separableConv2d',
  IdentityInitializer: 'identity',
  OrthogonalInitializer: 'orthogonal',
  LogCoshError: 'logCosh',
  ProgbarLogger: 'progress',
  swish: 'silu',
  var: 'variance',
}

const spaces: Readonly<Record<string, object>> = {
  layers: hornbeam,
  losses: hornbeam.losses,
  metrics: hornbeam.metrics,
  optimizers: hornbeam,
  schedules: hornbeam.schedules,
  initializers: hornbeam.initializers,
  regularizers: hornbeam.regularizers,
  constraints: hornbeam.constraints,
  callbacks: hornbeam,
  activations: hornbeam.activations,
  ops: hornbeam.ops,
}

/** The name under which something of Keras is found here. */
function nameHere(space: object, name: string): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '')
  const wanted = plain(otherNames[name] ?? name)
  return keysOf(space).find((key) => plain(key) === wanted)
}

/** What of Keras is there, kind by kind, with what is missing. */
export function againstKeras(): string {
  const rows = keysOf(spaces).map((kind) => {
    const { share, missing } = compared(kind)
    return [kind, share, missing.map((name) => `\`${name}\``).join(' ')]
  })
  return table([`of Keras ${names.keras}`, 'here', 'not here'], rows)
}

/** The same as one row of figures. */
export function againstKerasInShort(): string {
  const kinds = keysOf(spaces)
  return table([`of Keras ${names.keras}`, ...kinds], [['here', ...kinds.map((kind) => compared(kind).share)]])
}

function compared(kind: string): { share: string; missing: readonly string[] } {
  const all = listOf(kind)
  const missing = all.filter((name) => nameHere(spaces[kind], name) === undefined)
  const here = all.length - missing.length
  return { share: `${here} of ${all.length} (${Math.round((100 * here) / all.length)} %)`, missing }
}

function listOf(kind: string): readonly string[] {
  const all: Readonly<Record<string, unknown>> = names
  const listed = all[kind]
  return Array.isArray(listed) ? listed.filter((name) => !notCounted[kind]?.includes(name)) : []
}

/** What Keras' layers take before their options, here. */
const leading: Readonly<Record<string, readonly unknown[]>> = {
  activation: ['tanh'],
  alphaDropout: [0.1],
  bidirectional: [hornbeam.lstm(1)],
  conv1d: [1, 1],
  conv2d: [1, 1],
  conv3d: [1, 1],
  categoryEncoding: [2],
  resizing: [1, 1],
  centerCrop: [1, 1],
  randomBrightness: [0.1],
  randomContrast: [0.1],
  randomCrop: [1, 1],
  randomFlip: ['horizontal'],
  randomRotation: [0.1],
  randomTranslation: [0.1, 0.1],
  randomZoom: [0.1],
  convLSTM1d: [1, 1],
  convLSTM2d: [1, 1],
  convLSTM3d: [1, 1],
  conv1dTranspose: [1, 1],
  conv2dTranspose: [1, 1],
  conv3dTranspose: [1, 1],
  depthwiseConv1d: [1],
  depthwiseConv2d: [1],
  separableConv1d: [1, 1],
  separableConv2d: [1, 1],
  spectralNormalization: [hornbeam.dense(1)],
  adaptiveAveragePooling1d: [1],
  adaptiveAveragePooling2d: [1],
  adaptiveAveragePooling3d: [1],
  adaptiveMaxPooling1d: [1],
  adaptiveMaxPooling2d: [1],
  adaptiveMaxPooling3d: [1],
  spatialDropout3d: [0.1],
  dense: [1],
  dropout: [0.1],
  einsumDense: ['ab,bc->ac', 1],
  embedding: [1, 1],
  gaussianDropout: [0.1],
  gaussianNoise: [0.1],
  groupQueryAttention: [1, 1, 1],
  hashedCrossing: [2],
  hashing: [2],
  gru: [1],
  gruCell: [1],
  lambda: [(x: hornbeam.Value) => x],
  lstm: [1],
  lstmCell: [1],
  multiHeadAttention: [1, 1],
  permute: [[1]],
  repeatVector: [1],
  reshape: [[1]],
  reversibleEmbedding: [1, 1],
  rnn: [hornbeam.lstmCell(1)],
  simpleRNN: [1],
  minGRU: [1],
  minLSTM: [1],
  lru: [1],
  rgLRU: [1],
  mamba: [1],
  indRNN: [1],
  sLSTM: [1],
  mLSTM: [1],
  simpleRNNCell: [1],
  spatialDropout1d: [0.1],
  spatialDropout2d: [0.1],
  stackedRNNCells: [[hornbeam.lstmCell(1)]],
  timeDistributed: [hornbeam.dense(1)],
}

/** Parameters of Keras that come before the options here. */
const positional = new Set([
  ...[
    'units',
    'rate',
    'stddev',
    'filters',
    'kernel_size',
    'input_dim',
    'output_dim',
    'equation',
    'output_shape',
    'num_heads',
    'key_dim',
    'head_dim',
    'num_query_heads',
    'num_key_value_heads',
    'layer',
    'cell',
    'cells',
    'activation',
  ],
  ...[
    'dims',
    'n',
    'target_shape',
    'function',
    'scale',
    'offset',
    'padding',
    'size',
    'cropping',
    'pool_size',
    'axes',
    'output_size',
    ...['height', 'width', 'factor', 'height_factor', 'mode', 'num_tokens', 'bin_boundaries', 'num_bins'],
  ],
])

/** Each layer's options against those of Keras. */
export function layerOptions(): string {
  const parameters: Readonly<Record<string, readonly string[]>> = names.parameters
  const rows = listOf('layers').flatMap((keras) => {
    const name = nameHere(hornbeam, keras)
    if (name === undefined) return []
    const wanted = parameters[keras] ?? []
    const missing = wanted.filter((parameter) => !takes(name, parameter))
    const note =
      missing.length === 0 ? 'all' : `all but ${missing.map((option) => `\`${camelCase(option)}\``).join(' ')}`
    return [[`\`${name}\``, note]]
  })
  rows.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return table(['layer', "options of Keras' layer"], rows)
}

/** Whether a layer takes a parameter of Keras: among its options, or before them. */
function takes(name: string, parameter: string): boolean {
  return accepts(name, camelCase(parameter)) || positional.has(parameter)
}

/** Whether a layer's factory knows an option; one it does not know it refuses by name. */
function accepts(name: string, option: string): boolean {
  const factory: unknown = Reflect.get(hornbeam, name)
  if (typeof factory !== 'function') return false
  try {
    factory(...(leading[name] ?? []), { [option]: undefined })
  } catch (error) {
    if (!(error instanceof hornbeam.OptionError)) throw error
    return !error.message.includes(`unknown option '${option}'`)
  }
  return true
}

function camelCase(parameter: string): string {
  return parameter.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

const recurrentOptions = [
  ...['activation', 'recurrentActivation', 'useBias', 'kernelInitializer', 'recurrentInitializer', 'biasInitializer'],
  ...[
    'unitForgetBias',
    'chrono',
    'resetAfter',
    'kernelRegularizer',
    'recurrentRegularizer',
    'biasRegularizer',
    'activityRegularizer',
  ],
  ...['kernelConstraint', 'recurrentConstraint', 'biasConstraint', 'dropout', 'recurrentDropout', 'seed'],
  ...[
    'returnSequences',
    'returnState',
    'goBackwards',
    'stateful',
    'zeroOutputForMask',
    'numLayers',
    'mergeMode',
    'backwardLayer',
  ],
]

/** Those that only the layers have which Keras lacks. */
const furtherOptions = [
  ...['logSpace', 'power', 'stateUnits', 'minRadius', 'maxRadius', 'maxPhase', 'kernelSize', 'expand', 'deltaRank'],
  ...['numHeads', 'forgetGate'],
]

/** The options of the recurrent layers, layer by layer. */
export function recurrentLayers(): string {
  return optionTable(['simpleRNN', 'gru', 'lstm', 'rnn', 'bidirectional'], recurrentOptions)
}

/** Those of the recurrent layers that Keras lacks. */
export function beyondKeras(): string {
  const layers = ['minGRU', 'minLSTM', 'lru', 'rgLRU', 'mamba', 'indRNN', 'sLSTM', 'mLSTM']
  return optionTable(layers, [...furtherOptions, ...recurrentOptions])
}

/** A row for each option that one of the layers takes. */
function optionTable(layers: readonly string[], options: readonly string[]): string {
  const rows = options
    .map((option) => [`\`${option}\``, ...layers.map((layer) => (accepts(layer, option) ? 'yes' : ''))])
    .filter((row) => row.includes('yes'))
  return table(['option', ...layers.map((layer) => `\`${layer}\``)], rows)
}

/** How each backend computes each primitive: what it says to lowering itself. */
export function operations(): string {
  const rows = allPrimitives()
    .filter(({ definition }) => definition.source !== true)
    .map(({ name, definition }) => {
      const how = ({ supports }: Backend['lowering']): string => {
        if (definition.view) return 'a view'
        if (supports?.(name)) return definition.scalar === undefined ? 'kernel' : 'in chains'
        return definition.decompose === undefined ? '' : 'composed'
      }
      const gradient = definition.gradient !== undefined || definition.decompose !== undefined
      const backends = [cpuBackend.lowering, wasmLowering, gpuLowering]
      return [`\`${name}\``, gradient ? 'yes' : '', ...backends.map(how)]
    })
  return table(['primitive', 'gradient', 'cpu', 'wasm', 'gpu'], rows)
}
