// Initializers that draw every element from one distribution.
import { fillNormal, fillUniform, threefry, toUnit } from '../tensor'
import { initializer, type RandomStream } from './initializer'

/** Options that all random initializers have. */
export interface SeedOptions {
  /** Draws the same numbers every time; by default they follow `setSeed`. */
  readonly seed: number | undefined
}

/** Options of {@link randomNormal} and {@link truncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** 0 by default. */
  readonly mean: number
  /** The standard deviation; 0.05 by default. */
  readonly stddev: number
}

/** Options of {@link randomUniform}. */
export interface UniformOptions extends SeedOptions {
  /** -0.05 by default. */
  readonly minval: number
  /** 0.05 by default. */
  readonly maxval: number
}

/** Normal numbers within two standard deviations: what falls outside is drawn again. */
export function fillTruncatedNormal(out: Float64Array, { seed, stream }: RandomStream): void {
  const words = new Uint32Array(2)
  for (let i = 0; i < out.length; i++) {
    let value = Number.POSITIVE_INFINITY
    for (let attempt = 0; Math.abs(value) > 2; attempt++) {
      threefry(seed, stream, i, attempt, words)
      value = Math.sqrt(-2 * Math.log(1 - toUnit(words[0]))) * Math.cos(2 * Math.PI * toUnit(words[1]))
    }
    out[i] = value
  }
}

/** Scales standard numbers in place: x becomes centre + x width. */
export function rescale(out: Float64Array, width: number, centre = 0): void {
  for (let i = 0; i < out.length; i++) out[i] = centre + out[i] * width
}

/**
 * Numbers from the normal distribution.
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.randomNormal({ stddev: 0.01, seed: 1 }) })
 * ```
 */
export const randomNormal = /* @__PURE__ */ initializer<NormalOptions>('randomNormal', {
  aliases: ['normal'],
  defaults: { mean: 0, stddev: 0.05, seed: undefined },
  rules: { stddev: { from: 0 }, seed: { integer: true } },
  fill(out, _, { mean, stddev }, { seed, stream }) {
    fillNormal(out, seed, stream)
    rescale(out, stddev, mean)
  },
})

/**
 * Numbers from the uniform distribution over [minval, maxval).
 *
 * @example
 * ```ts
 * embedding(100, 8, { embeddingsInitializer: initializers.randomUniform({ minval: -1, maxval: 1 }) })
 * ```
 */
export const randomUniform = /* @__PURE__ */ initializer<UniformOptions>('randomUniform', {
  aliases: ['uniform'],
  defaults: { minval: -0.05, maxval: 0.05, seed: undefined },
  rules: { seed: { integer: true } },
  fill(out, _, { minval, maxval }, { seed, stream }) {
    fillUniform(out, seed, stream)
    rescale(out, maxval - minval, minval)
  },
})

/**
 * Numbers from the normal distribution, none farther than two standard deviations from the mean.
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.truncatedNormal({ stddev: 0.02 }) })
 * ```
 */
export const truncatedNormal = /* @__PURE__ */ initializer<NormalOptions>('truncatedNormal', {
  defaults: { mean: 0, stddev: 0.05, seed: undefined },
  rules: { stddev: { from: 0 }, seed: { integer: true } },
  fill(out, _, { mean, stddev }, random) {
    fillTruncatedNormal(out, random)
    rescale(out, stddev, mean)
  },
})
