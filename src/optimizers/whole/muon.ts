// Steps for matrices whose directions are all as long: momentum made orthogonal.
import { isList } from '../../errors'
import type { Value } from '../../graph'
import { add, div, matmul, mul, sqrt, square, sub, sum, transpose } from '../../ops'
import { adamUpdate } from '../adam'
import { optimizer, type Parameter } from '../step/optimizer'
import { endsSoon, pathPattern } from '../step/pattern'

/** Options of {@link muon}, beside those of all optimizers. */
export interface MuonOptions {
  /** As `beta1` of Adam, which moves what is no matrix; 0.9 by default. */
  readonly adamBeta1: number
  /** As `beta2` of Adam; 0.999 by default. */
  readonly adamBeta2: number
  /** The weight decay of what Adam moves; 0.004 by default, that of matrices being `weightDecay`. */
  readonly adamWeightDecay: number | null
  /** As `epsilon` of Adam; 1e-7 by default. */
  readonly epsilon: number
  /** Weights whose paths match one of these regular expressions are moved by Adam. */
  readonly excludeLayers: readonly string[]
  /** Whether embeddings are moved by Adam; `true` by default. */
  readonly excludeEmbeddings: boolean
  /** The coefficients of the iteration `x = a x + (b x xᵀ + c (x xᵀ)²) x`; 3.4445, -4.775 and 2.0315 by default. */
  readonly muonA: number
  readonly muonB: number
  readonly muonC: number
  /** The learning rate of Adam, as a part of that of matrices; 1 by default. */
  readonly adamLrRatio: number
  /** What momentum keeps of itself at each step; 0.95 by default. */
  readonly momentum: number
  /** The number of iterations that make momentum orthogonal; 5 by default. */
  readonly nsSteps: number
  /** Whether to look ahead along momentum; `true` by default. */
  readonly nesterov: boolean
  /** Steps are scaled by the root of the longer side times this; not at all with `null`; 0.2 by default. */
  readonly rmsRate: number | null
}

/** Whether Adam moves the weight: all but matrices, and what is excluded. */
function isForAdam({ name, shape }: Parameter, { excludeEmbeddings, excludeLayers }: MuonOptions): boolean {
  if (shape.length !== 2) return true
  if (excludeEmbeddings && name.toLowerCase().includes('embedding')) return true
  return excludeLayers.some((pattern) => pathPattern('muon: excludeLayers', pattern, false)(name))
}

/** The nearest matrix of which all singular values are about 1, by Newton and Schulz' iteration. */
function orthogonal(given: Value, { muonA, muonB, muonC, nsSteps }: MuonOptions): Value {
  const isTall = given.shape[0] > given.shape[1]
  const wide = isTall ? transpose(given) : given
  let x = div(wide, add(sqrt(sum(square(wide))), 1e-7))
  for (let i = 0; i < nsSteps; i++) {
    const product = matmul(x, x, { transposeB: true })
    x = add(mul(x, muonA), matmul(add(mul(product, muonB), mul(matmul(product, product), muonC)), x))
  }
  return isTall ? transpose(x) : x
}

/**
 * Muon (Jordan and others, 2024; Liu and others, 2025, "Muon is scalable for LLM training"): momentum of a matrix, made orthogonal;
 * everything else, and embeddings, are moved as in `adamw`.
 *
 * ```
 * m = momentum m + g        o = orthogonal(g + momentum m)
 * w = w - learningRate o rmsRate sqrt(max(rows, columns))
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: muon({ learningRate: 0.02 }), loss: 'mse' })
 * ```
 */
export const muon = /* @__PURE__ */ optimizer<MuonOptions>('muon', {
  defaults: {
    learningRate: 0.001,
    weightDecay: 0.004,
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    adamWeightDecay: 0.004,
    epsilon: 1e-7,
    excludeLayers: [],
    excludeEmbeddings: true,
    muonA: 3.4445,
    muonB: -4.775,
    muonC: 2.0315,
    adamLrRatio: 1,
    momentum: 0.95,
    nsSteps: 5,
    nesterov: true,
    rmsRate: 0.2,
  },
  rules: {
    adamBeta1: { from: 0, below: 1 },
    adamBeta2: { from: 0, below: 1 },
    adamWeightDecay: { from: 0, otherTypes: true },
    epsilon: { from: 0 },
    excludeLayers: {
      holds: [
        (value) => isList(value) && value.every((each) => typeof each === 'string' && endsSoon(each)),
        'a list of regular expressions as texts, in which nothing that repeats repeats',
      ],
    },
    adamLrRatio: { from: 0 },
    momentum: { from: 0, below: 1 },
    nsSteps: { from: 1, to: 100, integer: true },
    rmsRate: { from: 0, otherTypes: true },
  },
  slots: {
    momentum: 0,
    velocity: (parameter, options) => (isForAdam(parameter, options) ? {} : undefined),
  },
  weightDecayOf: (parameter, options) =>
    isForAdam(parameter, options) ? (options.adamWeightDecay ?? undefined) : options.weightDecay,
  update(context) {
    const { variable, gradient, slots, options, parameter } = context
    if (isForAdam(parameter, options)) {
      const { adamBeta1: beta1, adamBeta2: beta2, epsilon, adamLrRatio } = options
      const learningRate = mul(context.learningRate, adamLrRatio)
      return adamUpdate({ ...context, learningRate, options: { beta1, beta2, epsilon, amsgrad: false } })
    }
    const momentum = add(mul(slots.momentum, options.momentum), gradient)
    const ahead = options.nesterov ? add(gradient, mul(momentum, options.momentum)) : momentum
    const scale = options.rmsRate === null ? 1 : Math.sqrt(Math.max(...parameter.shape)) * options.rmsRate
    const step = mul(mul(context.learningRate, orthogonal(ahead, options)), scale)
    return { variable: sub(variable, step), slots: { momentum } }
  },
})
