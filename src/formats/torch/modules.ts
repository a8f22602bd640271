// How the weights of layers correspond to the parameters of PyTorch's modules: one table, both ways. Shapes are in comments where they are
// not those of the layer.

import type { Layer, Weight } from '../../layers'
import { isFloat, type Tensor, zeros } from '../../tensor'
import { attentionModule } from './attention'
import { blocks, inverse, reshaped, stacked, sum, transposed, unstacked } from './layout'
import type { Parameter, TorchModule } from './parameter'

/** What a module has that no layer needs: the number of batches that batch normalisation saw. */
export const ignoredParameters: ReadonlySet<string> = new Set(['num_batches_tracked'])

/** Layers whose weights PyTorch has in no module of one name; they are loaded by name, or with `map` by their own. */
export const withoutModule: ReadonlySet<string> = new Set([
  'normalization',
  // Two modules, one for each channel and one for all.
  ...['separableConv1d', 'separableConv2d'],
  'stftSpectrogram',
  // A parametrization of another module, not one of its own.
  'spectralNormalization',
  'einsumDense',
  'attention',
  'additiveAttention',
])

type Rule = (layer: Layer) => readonly TorchModule[] | undefined

/** By the kind of layer: the modules that its weights may come from, the one it is written as first. */
const rules: Readonly<Record<string, Rule>> = {
  dense: one('nn.Linear', { kernel: moved('weight', [1, 0]), bias: same('bias') }),
  // A row for each place, as models of PyTorch embed them by their numbers.
  positionEmbedding: one('nn.Embedding', { embeddings: same('weight') }),
  embedding: one('nn.Embedding', { embeddings: same('weight') }),
  // Weights that are not tied are those of no one module.
  reversibleEmbedding: (layer) =>
    layer.weights.length === 1 ? one('nn.Embedding', { embeddings: same('weight') })(layer) : [],
  // [out, in, ...lengths], where layers have [...lengths, in, out].
  conv1d: one('nn.Conv1d', { kernel: moved('weight', [2, 1, 0]), bias: same('bias') }),
  conv2d: one('nn.Conv2d', { kernel: moved('weight', [3, 2, 0, 1]), bias: same('bias') }),
  conv3d: one('nn.Conv3d', { kernel: moved('weight', [4, 3, 0, 1, 2]), bias: same('bias') }),
  // [in, out, ...lengths], where layers have [...lengths, out, in].
  conv1dTranspose: one('nn.ConvTranspose1d', { kernel: moved('weight', [2, 1, 0]), bias: same('bias') }),
  conv2dTranspose: one('nn.ConvTranspose2d', { kernel: moved('weight', [3, 2, 0, 1]), bias: same('bias') }),
  conv3dTranspose: one('nn.ConvTranspose3d', { kernel: moved('weight', [4, 3, 0, 1, 2]), bias: same('bias') }),
  depthwiseConv1d: one('nn.Conv1d', { kernel: channelwise('weight'), bias: same('bias') }),
  depthwiseConv2d: one('nn.Conv2d', { kernel: channelwise('weight'), bias: same('bias') }),
  batchNormalization: (layer) => {
    const rank = layer.weights.length === 0 ? '' : '1d or nn.BatchNorm2d'
    return one(`nn.BatchNorm${rank}`, {
      gamma: same('weight'),
      beta: same('bias'),
      movingMean: same('running_mean'),
      movingVariance: same('running_var'),
    })(layer)
  },
  layerNormalization: one('nn.LayerNorm', { gamma: same('weight'), beta: same('bias') }),
  rmsNormalization: one('nn.RMSNorm', { scale: same('weight') }),
  groupNormalization: one('nn.GroupNorm', { gamma: same('weight'), beta: same('bias') }),
  // One slope for each channel, or a single one.
  prelu: one('nn.PReLU', { alpha: squeezed('weight') }),
  multiHeadAttention: attentionModule,
  lstm: recurrent,
  gru: recurrent,
  simpleRNN: recurrent,
  rnn: recurrent,
  lstmCell: oneStep,
  gruCell: oneStep,
  simpleRNNCell: oneStep,
  bidirectional: (layer) => {
    const [ahead, back] = layer.innerLayers.map(levelsOf)
    // PyTorch stacks what comes of both directions, hornbeam each direction by itself.
    if (ahead?.length !== 1 || back?.length !== 1) return []
    const [forward, backward] = [cellModule(ahead[0], '_l0'), cellModule(back[0], '_l0_reverse')]
    if (forward === undefined || backward?.name !== forward.name) return []
    return [{ name: forward.name, parameters: [...forward.parameters, ...backward.parameters] }]
  },
}

/**
 * The modules that are the same as a layer, the one it is written as first; none where PyTorch has no such module;
 * undefined where the layer is only a wrapper around others, or has no weights.
 */
export function torchModules(layer: Layer): readonly TorchModule[] | undefined {
  const rule = Object.hasOwn(rules, layer.kind) ? rules[layer.kind] : undefined
  if (layer.weights.length === 0) return undefined
  const modules = rule?.(layer)
  if (modules !== undefined) return modules
  const inner = new Set(layer.innerLayers.flatMap((item) => item.weights))
  return layer.weights.some((weight) => !inner.has(weight)) ? [] : undefined
}

// ---- single weights

type Make = (weight: Weight) => Parameter

/** The weights without the low-rank matrices beside them, which no module has. */
function ownWeights(layer: Layer): readonly Weight[] {
  return layer.weights.filter(({ lowRank }) => !lowRank)
}

function one(name: string, parameters: Readonly<Record<string, Make>>): Rule {
  return (layer) => [{ name, parameters: ownWeights(layer).map((weight) => parameters[weight.name](weight)) }]
}

/** The same numbers under another name. */
function same(name: string): Make {
  return (weight) => ({
    weight,
    names: [name],
    shape: weight.variable.shape,
    toWeight: ([tensor]) => tensor,
    fromWeight: (tensor) => [tensor],
  })
}

/** The module's axis i is the weight's axis `axes[i]`. */
function moved(name: string, axes: readonly number[]): Make {
  return (weight) => ({
    weight,
    names: [name],
    shape: axes.map((axis) => weight.variable.shape[axis]),
    toWeight: ([tensor]) => transposed(tensor, inverse(axes)),
    fromWeight: (tensor) => [transposed(tensor, axes)],
  })
}

/** [channels * filters, 1, ...lengths], as in a convolution of a group for each channel, where layers have [...lengths, channels, filters]. */
function channelwise(name: string): Make {
  return (weight) => {
    const { shape } = weight.variable
    const lengths = shape.length - 2
    const axes = [lengths, lengths + 1, ...Array.from({ length: lengths }, (_, i) => i)]
    const apart = axes.map((axis) => shape[axis])
    const joined = [apart[0] * apart[1], 1, ...apart.slice(2)]
    return {
      weight,
      names: [name],
      shape: joined,
      toWeight: ([tensor]) => transposed(tensor.reshape(apart), inverse(axes)),
      fromWeight: (tensor) => [transposed(tensor, axes).reshape(joined)],
    }
  }
}

/** The same numbers without axes of one place. */
function squeezed(name: string): Make {
  return (weight) => {
    const { shape } = weight.variable
    const long = shape.filter((length) => length !== 1)
    const short = long.length === 0 ? [1] : long
    return {
      weight,
      names: [name],
      shape: short,
      toWeight: ([tensor]) => reshaped(tensor, shape),
      fromWeight: (tensor) => [reshaped(tensor, short)],
    }
  }
}

// ---- recurrent layers

/** A stack of levels, or one, which may come from a module for a single step as well. */
function recurrent(layer: Layer): readonly TorchModule[] {
  const levels = levelsOf(layer)
  const modules = levels.map((cell, level) => cellModule(cell, `_l${level}`))
  const parameters: Parameter[] = []
  for (const module of modules) {
    if (module === undefined || module.name !== modules[0]?.name) return []
    parameters.push(...module.parameters)
  }
  const name = modules[0]?.name ?? ''
  return [{ name, parameters }, ...(levels.length === 1 ? oneStep(levels[0]) : [])]
}

function oneStep(cell: Layer): readonly TorchModule[] {
  const module = cellModule(cell, '')
  return module === undefined ? [] : [{ ...module, name: `${module.name}Cell` }]
}

/** The cells of a recurrent layer, from the first to the last. */
function levelsOf(layer: Layer): readonly Layer[] {
  return layer.innerLayers.length === 0 ? [layer] : layer.innerLayers.flatMap(levelsOf)
}

/** One level of nn.LSTM, nn.GRU or nn.RNN, whose parameters end in `suffix`; undefined for a cell that PyTorch does not have. */
function cellModule(cell: Layer, suffix: string): TorchModule | undefined {
  const named = (name: string): Weight | undefined => ownWeights(cell).find((weight) => weight.name === name)
  const [kernel, recurrentKernel, bias] = [named('kernel'), named('recurrentKernel'), named('bias')]
  if (kernel === undefined || recurrentKernel === undefined) return undefined
  switch (cell.kind) {
    case 'lstmCell':
      // Gates i, f, g, o are those of a layer: i, f, c, o.
      return cellOf('nn.LSTM', suffix, kernel, recurrentKernel, bias)
    case 'simpleRNNCell':
      return cellOf('nn.RNN', suffix, kernel, recurrentKernel, bias)
    case 'gruCell':
      // nn.GRU applies the reset gate after the product, as the default of a layer does.
      if (cell.config().resetAfter === false) return undefined
      return cellOf('nn.GRU', suffix, kernel, recurrentKernel, bias, [1, 0, 2])
    default:
      return undefined
  }
}

/**
 * Kernels `[gates * units, in]`, and two biases whose sum a layer has. `order` puts the gates of one into the order of the
 * other, both ways: GRU's r, z, n and z, r, h; its two biases stay two.
 */
function cellOf(
  name: string,
  suffix: string,
  kernel: Weight,
  recurrentKernel: Weight,
  bias: Weight | undefined,
  order?: readonly number[],
): TorchModule {
  const inOrder = (tensor: Tensor): Tensor => (order === undefined ? tensor : blocks(tensor, order))
  const matrix = (weight: Weight, parameter: string): Parameter => ({
    weight,
    names: [`${parameter}${suffix}`],
    shape: [...weight.variable.shape].reverse(),
    toWeight: ([tensor]) => transposed(inOrder(tensor), [1, 0]),
    fromWeight: (tensor) => [inOrder(transposed(tensor, [1, 0]))],
  })
  const parameters = [matrix(kernel, 'weight_ih'), matrix(recurrentKernel, 'weight_hh')]
  if (bias === undefined) return { name, parameters }
  const names = [`bias_ih${suffix}`, `bias_hh${suffix}`]
  const { shape } = bias.variable
  parameters.push(
    order === undefined
      ? {
          weight: bias,
          names,
          shape,
          toWeight: ([input, hidden]) => sum(input, hidden),
          fromWeight: (tensor) => [tensor, zeros(shape, isFloat(tensor.dtype) ? tensor.dtype : 'float32')],
        }
      : {
          weight: bias,
          names,
          shape: shape.slice(1),
          toWeight: ([input, hidden]) => stacked(inOrder(input), inOrder(hidden)),
          fromWeight: (tensor) => unstacked(tensor).map(inOrder),
        },
  )
  return { name, parameters }
}
