// Sounds as pictures of their frequencies over time, by convolution with waves.

import { OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import { constant, type Value, type Variable } from '../../graph'
import type { Initializer } from '../../initializers'
import {
  add,
  arctan2,
  concatenate,
  conv1d,
  gather,
  log,
  matmul,
  max,
  maximum,
  mul,
  pad,
  pow,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  swapAxes,
  transpose,
  windowCount,
} from '../../ops'
import { type PartialShape, Tensor } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf } from '../convolution/windows'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** A window by name, its numbers, or none. */
export type WindowOption = 'hann' | 'hamming' | 'blackman' | 'bartlett' | readonly number[] | null

const shapes = {
  hann: (turn: number) => 0.5 - 0.5 * Math.cos(turn),
  hamming: (turn: number) => 0.54 - 0.46 * Math.cos(turn),
  blackman: (turn: number) => 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn),
  bartlett: (turn: number) => 1 - Math.abs(turn / Math.PI - 1),
}

/** The numbers of a window; a periodic one is the beginning of one that is longer by one. */
function windowOf(
  where: string,
  option: WindowOption,
  length: number,
  periodic: boolean,
): readonly number[] | undefined {
  if (option === null) return undefined
  if (typeof option === 'string') {
    requireOneOf(where, 'window', option, ['hann', 'hamming', 'blackman', 'bartlett'])
    const turns = periodic ? length : length - 1
    return Array.from({ length }, (_, i) => (length === 1 ? 1 : shapes[option]((2 * Math.PI * i) / turns)))
  }
  if (Array.isArray(option) && option.length === length) return option
  throw new OptionError(`${where}: window: expected a name or ${length} numbers, got ${String(option)}`)
}

/** Waves of all frequencies of `fftLength`, under a window: `[frame, 1, fftLength / 2 + 1]`. */
function waves(
  frame: number,
  fftLength: number,
  weights: readonly number[],
  wave: (angle: number) => number,
): Float64Array {
  const bins = Math.floor(fftLength / 2) + 1
  const data = new Float64Array(frame * bins)
  for (let t = 0; t < frame; t++) {
    for (let k = 0; k < bins; k++) data[t * bins + k] = weights[t] * wave((-2 * Math.PI * t * k) / ((bins - 1) * 2))
  }
  return data
}

/** Options of {@link stftSpectrogram}. */
export interface StftSpectrogramOptions extends DataFormatOptions {
  /** What is given of each frequency: `'log'` (default) of its magnitude, `'magnitude'`, `'psd'`, or its parts. */
  readonly mode?: 'log' | 'magnitude' | 'psd' | 'real' | 'imag' | 'angle' | 'stft'
  /** The number of steps in a frame; 256 by default. */
  readonly frameLength?: number
  /** How far a frame moves; half its length by default. */
  readonly frameStep?: number | null
  /** Of how many steps the frequencies are; `frameLength` by default. */
  readonly fftLength?: number | null
  /** The window over a frame; `'hann'` by default. */
  readonly window?: WindowOption
  /** Whether the window is the beginning of one that is longer by one; `false` by default. */
  readonly periodic?: boolean
  /** Whether waves are divided by the root of the window's squares (`'density'`, the default), its sum, or by nothing. */
  readonly scaling?: 'density' | 'spectrum' | null
  /** `'valid'` (default) or `'same'`. */
  readonly padding?: 'valid' | 'same'
  /** Whether channels have an axis of their own, behind frequencies; `false` by default. */
  readonly expandDims?: boolean
}

/** Steps of a window: tables of that length are made with the layer. */
const longest = 2 ** 20

const stftModes = ['log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'] as const

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      mode: 'log',
      frameLength: 256,
      frameStep: undefined,
      fftLength: undefined,
      window: 'hann',
      periodic: false,
      scaling: 'density',
      padding: 'valid',
      expandDims: false,
      dataFormat: 'channelsLast',
    },
    rules: {
      mode: { oneOf: stftModes },
      frameLength: { from: 1, to: longest, integer: true },
      frameStep: { otherTypes: true },
      fftLength: { otherTypes: true },
      window: { otherTypes: true },
      scaling: { oneOf: ['density', 'spectrum', null] },
      padding: { oneOf: ['valid', 'same'] },
      dataFormat: dataFormatOptions.rules.dataFormat,
    },
  }) satisfies OwnOptions<StftSpectrogramOptions>)()

// Keras' epsilon.
const epsilon = 1e-7

class StftSpectrogram extends Layer {
  override readonly expects: Expected = { inputs: 'one', axes: axesOf[1] }
  override readonly supportsMasking = false
  private readonly options: StftSpectrogramOptions
  private readonly mode: (typeof stftModes)[number]
  private readonly frame: number
  private readonly step: number
  private readonly fftLength: number
  private readonly shape: readonly number[]
  declare private realKernel: Variable | undefined
  declare private imagKernel: Variable | undefined

  constructor(options: StftSpectrogramOptions = {}) {
    super(options, 'stftSpectrogram', own)
    const { frameLength, window, periodic, scaling } = { ...own.defaults, ...options }
    this.options = options
    this.mode = options.mode ?? own.defaults.mode
    this.frame = frameLength
    this.step = options.frameStep ?? Math.max(1, Math.floor(frameLength / 2))
    this.fftLength = options.fftLength ?? frameLength
    requirePositiveInteger('stftSpectrogram', 'frameStep', this.step)
    requirePositiveInteger('stftSpectrogram', 'fftLength', this.fftLength)
    if (this.step > frameLength || this.fftLength < frameLength) {
      throw new OptionError(
        `stftSpectrogram: expected frameStep up to frameLength, ${frameLength}, and fftLength from it on, got ${this.step} and ${this.fftLength}`,
      )
    }
    const shape = windowOf('stftSpectrogram', window as WindowOption, frameLength, periodic)
    const squares = shape?.reduce((sum, each) => sum + each * each, 0) ?? 1
    const total = shape?.reduce((sum, each) => sum + Math.abs(each), 0) ?? 1
    const scale = shape === undefined || scaling === null ? 1 : scaling === 'density' ? Math.sqrt(squares) : total
    this.shape = Array.from({ length: frameLength }, (_, i) => (shape?.[i] ?? 1) / scale)
  }

  private get bins(): number {
    return Math.floor(this.fftLength / 2) + 1
  }

  override build(): void {
    const make = (name: string, wave: (angle: number) => number): Variable => {
      const initializer: Initializer = {
        config: { name: 'zeros', options: {} },
        initialize: (shape, dtype) => {
          const data = waves(this.frame, this.fftLength, this.shape, wave)
          return new Tensor(dtype === 'float64' ? data : Float32Array.from(data), shape)
        },
      }
      return this.addWeight(name, [this.frame, 1, this.bins], { initializer })
    }
    this.realKernel = this.mode === 'imag' ? undefined : make('realKernel', Math.cos)
    this.imagKernel = this.mode === 'real' ? undefined : make('imagKernel', Math.sin)
  }

  override call(x: Value): Value {
    const real = this.realKernel && this.convolved(x, this.realKernel)
    const imag = this.imagKernel && this.convolved(x, this.imagKernel)
    if (real === undefined || imag === undefined) return this.placed((real ?? imag) as Value) // one of them is there
    if (this.mode === 'angle') return this.placed(arctan2(imag, real))
    if (this.mode === 'stft') return this.placed(concatenate([real, imag], 3))
    const power = add(square(real), square(imag))
    if (this.mode === 'psd') {
      const inner = slice(power, [0, 0, 0, 1], [...power.shape.slice(0, 3), this.bins - 2])
      return this.placed(
        add(
          power,
          pad(inner, [
            [0, 0],
            [0, 0],
            [0, 0],
            [1, 1],
          ]),
        ),
      )
    }
    const magnitude = sqrt(maximum(power, epsilon))
    return this.placed(this.mode === 'magnitude' ? magnitude : log(maximum(magnitude, epsilon)))
  }

  /** Each channel by itself: [batch, channels, frames, frequencies]. */
  private convolved(x: Value, kernel: Variable): Value {
    const [batch, steps, channels] = x.shape
    const rows = reshape(transpose(x, [0, 2, 1]), [batch * channels, steps, 1])
    const padding = this.options.padding ?? own.defaults.padding
    const found = conv1d(rows, kernel, { strides: this.step, padding: padding === 'same' ? 'same' : 'valid' })
    return reshape(found, [batch, channels, ...found.shape.slice(1)])
  }

  private placed(x: Value): Value {
    if (this.options.expandDims === true) return transpose(x, [0, 2, 3, 1])
    const [batch, channels, frames, bins] = x.shape
    return reshape(transpose(x, [0, 2, 1, 3]), [batch, frames, channels * bins])
  }

  override outputShape([steps, channels]: PartialShape): PartialShape {
    const same = this.options.padding === 'same'
    const frames =
      steps === null ? null : same ? Math.ceil(steps / this.step) : windowCount(steps, this.frame, this.step, 1, 0)
    const bins = this.bins * (this.mode === 'stft' ? 2 : 1)
    if (this.options.expandDims === true) return [frames, bins, channels]
    return [frames, channels === null ? null : channels * bins]
  }

  override overTime(): OverTime {
    return { mixed: 'it takes the steps of a frame together' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * The frequencies in each frame of a sound (a short-time Fourier transform), by convolution with kernels that can be trained.
 *
 * Input `[batch, time, channels]`; output `[batch, frames, channels * frequencies]`, or `[batch, frames, frequencies, channels]` with
 * `expandDims`; there are `fftLength / 2 + 1` frequencies, twice as many of the mode `'stft'`. Weights: realKernel and imagKernel
 * `[frameLength, 1, frequencies]`.
 *
 * @throws OptionError for lengths that do not fit each other.
 *
 * @example
 * ```ts
 * const y = await stftSpectrogram({ frameLength: 8, mode: 'magnitude' }).run(ones([1, 32, 1]))
 * y.shape // [1, 7, 5]
 * ```
 */
export const stftSpectrogram = /* @__PURE__ */ layerFactory(
  'stftSpectrogram',
  [],
  (options?: StftSpectrogramOptions): Layer => new StftSpectrogram(options),
)

/** Options of {@link melSpectrogram}. */
export interface MelSpectrogramOptions extends LayerOptions {
  /** Of how many steps the frequencies are; 2048 by default. */
  readonly fftLength?: number
  /** How far a frame moves; 512 by default. */
  readonly sequenceStride?: number
  /** The number of steps in a frame; `fftLength` by default. */
  readonly sequenceLength?: number | null
  /** The window over a frame, a periodic one; `'hann'` by default. */
  readonly window?: WindowOption
  /** Steps a second; 16000 by default. */
  readonly samplingRate?: number
  /** The number of bands; 128 by default. */
  readonly numMelBins?: number
  /** Where the bands begin, in hertz; 20 by default. */
  readonly minFreq?: number
  /** Where they end; half of `samplingRate` by default. */
  readonly maxFreq?: number | null
  /** Whether to give decibels; `true` by default. */
  readonly powerToDb?: boolean
  /** The most that anything lies below the loudest; 80 by default. */
  readonly topDb?: number
  /** To which power magnitudes are raised; 2 by default. */
  readonly magExp?: number
  /** The least power; 1e-10 by default. */
  readonly minPower?: number
  /** The power of 0 decibels; 1 by default. */
  readonly refPower?: number
}

const melOwn = {
  defaults: {
    fftLength: 2048,
    sequenceStride: 512,
    sequenceLength: undefined,
    window: 'hann',
    samplingRate: 16000,
    numMelBins: 128,
    minFreq: 20,
    maxFreq: undefined,
    powerToDb: true,
    topDb: 80,
    magExp: 2,
    minPower: 1e-10,
    refPower: 1,
  },
  rules: {
    fftLength: { from: 2, to: longest, integer: true },
    sequenceStride: { from: 1, integer: true },
    sequenceLength: { otherTypes: true },
    window: { otherTypes: true },
    samplingRate: { above: 0 },
    numMelBins: { from: 1, to: longest, integer: true },
    minFreq: { from: 0 },
    maxFreq: { otherTypes: true },
    topDb: { from: 0 },
    minPower: { above: 0 },
  },
} satisfies OwnOptions<MelSpectrogramOptions>

const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700)

/** How much of each frequency each band holds, `[frequencies, bands]`: triangles on the mel scale. */
function bandWeights(bins: number, bands: number, rate: number, from: number, to: number): Tensor {
  const edges = Array.from({ length: bands + 2 }, (_, i) => mel(from) + ((mel(to) - mel(from)) * i) / (bands + 1))
  const data = new Float32Array(bins * bands)
  for (let bin = 1; bin < bins; bin++) {
    const at = mel(((rate / 2) * bin) / (bins - 1))
    for (let band = 0; band < bands; band++) {
      const [low, middle, high] = edges.slice(band, band + 3)
      data[bin * bands + band] = Math.max(0, Math.min((at - low) / (middle - low), (high - at) / (high - middle)))
    }
  }
  return new Tensor(data, [bins, bands])
}

/**
 * How loud a sound is in bands of frequencies as people hear them, frame by frame.
 *
 * Input `[batch, time]`; output `[batch, numMelBins, frames]`, in decibels below the loudest of the batch. The ends of the sound are
 * mirrored, so that frames lie about their middle.
 *
 * @throws OptionError for a frame longer than `fftLength`.
 *
 * @example
 * ```ts
 * const y = await melSpectrogram({ fftLength: 16, sequenceStride: 8, numMelBins: 4 }).run(ones([1, 64]))
 * y.shape // [1, 4, 9]
 * ```
 */
export const melSpectrogram = /* @__PURE__ */ layerFactory(
  'melSpectrogram',
  [],
  (options: MelSpectrogramOptions = {}): Layer => {
    const all = { ...melOwn.defaults, ...options }
    const { fftLength, sequenceStride, samplingRate, numMelBins, magExp, minPower } = all
    // Before a window of that length is made.
    if (fftLength > longest) {
      throw new OptionError(`melSpectrogram: fftLength: expected at most ${longest}, got ${fftLength}`)
    }
    const frame = options.sequenceLength ?? fftLength
    if (frame > fftLength) {
      throw new OptionError(`melSpectrogram: sequenceLength: expected at most fftLength, ${fftLength}, got ${frame}`)
    }
    const shape = windowOf('melSpectrogram', all.window as WindowOption, frame, true)
    const before = Math.floor((fftLength - frame) / 2)
    const weights = Array.from({ length: fftLength }, (_, i) => {
      const at = i - before
      return at >= 0 && at < frame ? (shape?.[at] ?? 1) : 0
    })
    const bins = Math.floor(fftLength / 2) + 1
    const kernel = (wave: (angle: number) => number): Value =>
      constant(new Tensor(Float32Array.from(waves(fftLength, fftLength, weights, wave)), [fftLength, 1, bins]))
    const half = Math.floor(fftLength / 2)
    const frames = (steps: number): number => windowCount(steps + 2 * half, fftLength, sequenceStride, 1, 0)
    return plainLayer({
      kind: 'melSpectrogram',
      overTime: { mixed: 'it takes the steps of a frame together' },
      options,
      own: melOwn,
      axes: ['batch', 'time'],
      supportsMasking: false,
      call: (x) => {
        const [batch, steps] = x.shape
        const mirrored = Array.from({ length: steps + 2 * half }, (_, i) => mirror(i - half, steps))
        const sound = reshape(gather(x, Int32Array.from(mirrored), 1), [batch, -1, 1])
        const [real, imag] = [Math.cos, Math.sin].map((wave) =>
          conv1d(sound, kernel(wave), { strides: sequenceStride }),
        )
        const power = add(square(real), square(imag))
        const raised = magExp === 2 ? power : pow(sqrt(power), magExp)
        const to = options.maxFreq ?? Math.trunc(samplingRate / 2)
        const bands = matmul(raised, constant(bandWeights(bins, numMelBins, samplingRate, all.minFreq, to)))
        return swapAxes(all.powerToDb ? decibels(bands, minPower, all.refPower, all.topDb) : bands, 1, 2)
      },
      outputShape: ([steps]) => [numMelBins, steps === null ? null : frames(steps)],
    })
  },
)

/** The step that one beyond an end stands for: ... 2 1 | 0 1 2 ... */
function mirror(at: number, steps: number): number {
  if (steps === 1) return 0
  const round = 2 * (steps - 1)
  const inRound = ((at % round) + round) % round
  return inRound < steps ? inRound : round - inRound
}

function decibels(power: Value, least: number, reference: number, topDb: number): Value {
  const ten = 10 / Math.LN10
  const level = sub(mul(log(maximum(power, least)), ten), ten * Math.log(Math.max(Math.abs(reference), least)))
  return maximum(level, sub(max(level), topDb))
}
