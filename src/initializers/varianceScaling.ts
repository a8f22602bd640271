// Initializers that keep the variance of signals: random numbers scaled by how many inputs or outputs a weight joins.
import type { Factory } from '../registry'
import { fillNormal, fillUniform, type Shape } from '../tensor'
import { type Fans, type Initializer, initializer, type RandomStream } from './initializer'
import { fillTruncatedNormal, rescale, type SeedOptions } from './random'

/** Options of {@link varianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** 1 by default. */
  readonly scale: number
  /** What the variance is divided by: the number of inputs (the default), of outputs, or the mean of both. */
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg'
  /** `'truncatedNormal'` by default. */
  readonly distribution: 'truncatedNormal' | 'untruncatedNormal' | 'uniform'
}

/**
 * How many inputs and outputs a weight of this shape joins, by Keras' rules: all axes before the last two are places of
 * a convolution's window.
 */
export function fansOf(shape: Shape): Fans {
  if (shape.length < 2) {
    const fan = shape[0] ?? 1
    return { fanIn: fan, fanOut: fan }
  }
  const places = shape.slice(0, -2).reduce((product, length) => product * length, 1)
  const [inputs, outputs] = shape.slice(-2)
  return { fanIn: inputs * places, fanOut: outputs * places }
}

// The standard deviation of a standard normal number cut off at 2 and -2.
const truncatedDeviation = 0.87962566103423978

type Scaling = Omit<VarianceScalingOptions, 'seed'>

function fillScaled(
  out: Float64Array,
  shape: Shape,
  { scale, mode, distribution }: Scaling,
  random: RandomStream,
  fans = fansOf(shape),
): void {
  const { fanIn, fanOut } = fans
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode]
  const variance = scale / Math.max(1, fan)
  switch (distribution) {
    case 'truncatedNormal':
      fillTruncatedNormal(out, random)
      rescale(out, Math.sqrt(variance) / truncatedDeviation)
      break
    case 'untruncatedNormal':
      fillNormal(out, random.seed, random.stream)
      rescale(out, Math.sqrt(variance))
      break
    case 'uniform': {
      const limit = Math.sqrt(3 * variance)
      fillUniform(out, random.seed, random.stream)
      rescale(out, 2 * limit, -limit)
    }
  }
}

/**
 * Random numbers with mean 0 and variance `scale / fan`, where fan is the number of inputs or outputs of the weight.
 * The initializers below are special cases.
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.varianceScaling({ scale: 2, mode: 'fanOut' }) })
 * ```
 */
export const varianceScaling = /* @__PURE__ */ initializer<VarianceScalingOptions>('varianceScaling', {
  defaults: { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal', seed: undefined },
  rules: {
    scale: { above: 0 },
    mode: { oneOf: ['fanIn', 'fanOut', 'fanAvg'] },
    distribution: { oneOf: ['truncatedNormal', 'untruncatedNormal', 'uniform'] },
    seed: { integer: true },
  },
  fill: fillScaled,
})

function scaled(name: string, scaling: Scaling): Factory<Initializer, SeedOptions> {
  return initializer<SeedOptions>(name, {
    defaults: { seed: undefined },
    rules: { seed: { integer: true } },
    fill: (out, shape, _, random, fans) => fillScaled(out, shape, scaling, random, fans),
  })
}

/**
 * Normal with variance 2 / (fanIn + fanOut), truncated (Glorot and Bengio, 2010).
 *
 * @example
 * ```ts
 * dense(8, { activation: 'tanh', kernelInitializer: initializers.glorotNormal() }) // or 'glorotNormal'
 * ```
 */
export const glorotNormal = /* @__PURE__ */ scaled('glorotNormal', {
  scale: 1,
  mode: 'fanAvg',
  distribution: 'truncatedNormal',
})
/**
 * Uniform over ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010): the default of most layers.
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.glorotUniform({ seed: 1 }) })
 * ```
 */
export const glorotUniform = /* @__PURE__ */ scaled('glorotUniform', {
  scale: 1,
  mode: 'fanAvg',
  distribution: 'uniform',
})
/**
 * Normal with variance 2 / fanIn, truncated (He et al., 2015), for ReLU.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'relu', kernelInitializer: initializers.heNormal() }) // or 'heNormal'
 * ```
 */
export const heNormal = /* @__PURE__ */ scaled('heNormal', { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' })
/**
 * Uniform over ±sqrt(6 / fanIn) (He et al., 2015), for ReLU.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'relu', kernelInitializer: initializers.heUniform() }) // or 'heUniform'
 * ```
 */
export const heUniform = /* @__PURE__ */ scaled('heUniform', { scale: 2, mode: 'fanIn', distribution: 'uniform' })
/**
 * Normal with variance 1 / fanIn, truncated (LeCun et al., 1998; Klambauer et al., 2017), for SELU.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'selu', kernelInitializer: initializers.lecunNormal() }) // or 'lecunNormal'
 * ```
 */
export const lecunNormal = /* @__PURE__ */ scaled('lecunNormal', {
  scale: 1,
  mode: 'fanIn',
  distribution: 'truncatedNormal',
})
/**
 * Uniform over ±sqrt(3 / fanIn) (LeCun et al., 1998).
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.lecunUniform() }) // or 'lecunUniform'
 * ```
 */
export const lecunUniform = /* @__PURE__ */ scaled('lecunUniform', { scale: 1, mode: 'fanIn', distribution: 'uniform' })
