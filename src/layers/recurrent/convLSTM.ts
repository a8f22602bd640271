// LSTMs over sequences of images, or of series and volumes.

import { layerFactory } from '../base/registry'
import { axesOf, type SpaceRank } from '../convolution/windows'
import type { Pair, Triple } from '../options/checks'
import { ConvLSTMCell, type ConvLSTMCellOptions, convLSTMCellOptions } from './cells/convLSTMCell'
import { pick } from './cells/standard'
import { type SequenceOptions, sequenceOptions } from './options'
import { RecurrentLayer } from './recurrentLayer'

/** Options of {@link convLSTM1d}. */
export interface ConvLSTM1dOptions extends SequenceOptions, ConvLSTMCellOptions<number> {}
/** Options of {@link convLSTM2d}. */
export interface ConvLSTM2dOptions extends SequenceOptions, ConvLSTMCellOptions<number | Pair> {}
/** Options of {@link convLSTM3d}. */
export interface ConvLSTM3dOptions extends SequenceOptions, ConvLSTMCellOptions<number | Triple> {}

type AnyOptions = SequenceOptions & ConvLSTMCellOptions<number | readonly number[]>

function convLSTM(
  rank: SpaceRank,
  filters: number,
  kernelSize: number | readonly number[],
  options: AnyOptions,
): RecurrentLayer {
  const kind = `convLSTM${rank}d`
  const [, ...lengths] = axesOf[rank]
  return new RecurrentLayer({
    kind,
    options,
    own: {
      defaults: { ...convLSTMCellOptions.defaults, ...sequenceOptions.defaults },
      rules: convLSTMCellOptions.rules,
    },
    leading: () => ({ filters, kernelSize }),
    makeCell: () =>
      new ConvLSTMCell(kind, rank, filters, kernelSize, pick(options, Object.keys(convLSTMCellOptions.defaults))),
    remake: (changes) => convLSTM(rank, filters, kernelSize, { ...options, ...changes }),
    axes: ['batch', 'time', ...lengths.map((name) => (name === 'time' ? 'length' : name))],
    isOneWithCell: true,
  })
}

/**
 * An LSTM over a sequence of series: its products are convolutions (Shi and others, 2015, "Convolutional LSTM network").
 *
 * The formulas are those of `lstm`, with a convolution in the place of each product: of the input with `strides`, `padding` and
 * `dilationRate`, of the state with zeros around it, so that it keeps its size.
 *
 * Input `[batch, time, length, channels]`; output `[batch, new length, filters]`, or `[batch, time, new length, filters]` with
 * `returnSequences`; states `[h, c]`, each of the shape of one output. Weights: kernel `[kernelSize, channels, 4 * filters]`,
 * recurrentKernel `[kernelSize, filters, 4 * filters]`, bias `[4 * filters]`, gates in the order i, f, g, o. All lengths but that of time
 * have to be known.
 *
 * @param filters - the number of channels of output and states.
 * @param kernelSize - the length of a window.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await convLSTM1d(4, 3, { padding: 'same' }).run(ones([2, 5, 8, 1]))
 * y.shape // [2, 8, 4]
 * ```
 */
export const convLSTM1d = /* @__PURE__ */ layerFactory(
  'convLSTM1d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number, options: ConvLSTM1dOptions = {}): RecurrentLayer =>
    convLSTM(1, filters, kernelSize, options),
)

/**
 * An LSTM over a sequence of images, such as a film: see {@link convLSTM1d}.
 *
 * Input `[batch, time, height, width, channels]`; output `[batch, new height, new width, filters]`, or one for each step with
 * `returnSequences`. Weights: kernel `[rows, columns, channels, 4 * filters]`, recurrentKernel `[rows, columns, filters, 4 * filters]`,
 * bias `[4 * filters]`.
 *
 * @param filters - the number of channels of output and states.
 * @param kernelSize - the rows and columns of a window: one number for both, or `[rows, columns]`.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await convLSTM2d(4, 3, { padding: 'same', returnSequences: true }).run(ones([1, 5, 8, 8, 1]))
 * y.shape // [1, 5, 8, 8, 4]
 * ```
 */
export const convLSTM2d = /* @__PURE__ */ layerFactory(
  'convLSTM2d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Pair, options: ConvLSTM2dOptions = {}): RecurrentLayer =>
    convLSTM(2, filters, kernelSize, options),
)

/**
 * An LSTM over a sequence of volumes: see {@link convLSTM1d}.
 *
 * Input `[batch, time, depth, height, width, channels]`; output `[batch, new depth, new height, new width, filters]`, or one for each
 * step with `returnSequences`.
 *
 * @param filters - the number of channels of output and states.
 * @param kernelSize - the layers, rows and columns of a window: one number for all, or one for each.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await convLSTM3d(2, 2, { padding: 'same' }).run(ones([1, 3, 2, 4, 4, 1]))
 * y.shape // [1, 2, 4, 4, 2]
 * ```
 */
export const convLSTM3d = /* @__PURE__ */ layerFactory(
  'convLSTM3d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Triple, options: ConvLSTM3dOptions = {}): RecurrentLayer =>
    convLSTM(3, filters, kernelSize, options),
)
