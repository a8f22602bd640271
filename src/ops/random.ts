// Random numbers inside a graph. They are counter-based: a number depends on the state [seed, step], the stream and its
// place alone, so it is the same on every backend. The state is advanced by whoever owns it, once a run.
import { OptionError } from '../errors'
import { type Operand, onceEach, type PrimitiveNamed, primitive, toValue, type Value } from '../graph'
import { formatShape, type Shape, sameShape } from '../tensor'
import { floatType, number, numbers, options, shape } from './declaration/kinds'
import { op } from './declaration/signature'
import { add, cast, less, mul, where } from './elementwise/elementwise'

type Drawn = PrimitiveNamed<'randomUniform' | 'randomNormal'>

/** Declares a source of random numbers: its one input is the state, `int32` of shape [2], both numbers below 2^24. */
function randomPrimitive(name: 'randomUniform' | 'randomNormal'): Drawn {
  return primitive(name, {
    work: onceEach,
    infer: (_, { shape, dtype }) => [{ shape, dtype }],
    gradient: () => [undefined],
  })
}

const uniformPrimitive = /* @__PURE__ */ randomPrimitive('randomUniform')
const normalPrimitive = /* @__PURE__ */ randomPrimitive('randomNormal')

/** Options of the random ops. */
export interface RandomOptions {
  /** Which of the state's independent streams to draw from; two draws from one stream give the same numbers. */
  readonly stream?: number
  readonly dtype?: 'float32' | 'float64'
}

const stream = /* @__PURE__ */ number({ from: 0, integer: true })
const drawOptions = { stream, dtype: floatType }

function draw(drawn: Drawn, state: Operand, shape: Shape, options: RandomOptions): Value {
  const value = cast(toValue(state, 'int32'), 'int32')
  if (!sameShape(value.shape, [2])) {
    throw new OptionError(
      `${drawn.name}: expected a state [seed, step], got a value of shape ${formatShape(value.shape)}`,
    )
  }
  return drawn.one([value], { shape, stream: options.stream ?? 0, dtype: options.dtype ?? 'float32' })
}

/**
 * Numbers from the uniform distribution over [minimum, maximum), by default [0, 1).
 *
 * @param state - seed and step: what is drawn follows from these two, the stream and the shape.
 *
 * @example
 * ```ts
 * ops.randomUniform([42, 0], [2, 3], { minimum: -1 })
 * ```
 */
export const randomUniform = /* @__PURE__ */ op(
  'randomUniform',
  {
    state: numbers,
    shape,
    options: /* @__PURE__ */ options({
      stream,
      dtype: floatType,
      minimum: /* @__PURE__ */ number(),
      maximum: /* @__PURE__ */ number(),
    }),
  },
  (
    state: Operand,
    shape: Shape,
    options: RandomOptions & { readonly minimum?: number; readonly maximum?: number } = {},
  ): Value => {
    const { minimum = 0, maximum = 1 } = options
    const unit = draw(uniformPrimitive, state, shape, options)
    return minimum === 0 && maximum === 1 ? unit : add(mul(unit, maximum - minimum), minimum)
  },
)

/** Numbers from the normal distribution, by default with mean 0 and standard deviation 1. */
export const randomNormal = /* @__PURE__ */ op(
  'randomNormal',
  {
    state: numbers,
    shape,
    options: /* @__PURE__ */ options({
      stream,
      dtype: floatType,
      mean: /* @__PURE__ */ number(),
      deviation: /* @__PURE__ */ number(),
    }),
  },
  (
    state: Operand,
    shape: Shape,
    options: RandomOptions & { readonly mean?: number; readonly deviation?: number } = {},
  ): Value => {
    const { mean = 0, deviation = 1 } = options
    const unit = draw(normalPrimitive, state, shape, options)
    return mean === 0 && deviation === 1 ? unit : add(mul(unit, deviation), mean)
  },
)

/** True with the given probability. */
export const bernoulli = /* @__PURE__ */ op(
  'bernoulli',
  {
    state: numbers,
    shape,
    probability: /* @__PURE__ */ number({ from: 0, to: 1 }),
    options: /* @__PURE__ */ options(drawOptions),
  },
  (state: Operand, shape: Shape, probability: number, options: RandomOptions = {}): Value => {
    return less(draw(uniformPrimitive, state, shape, options), probability)
  },
)

/**
 * What dropout multiplies by: 0 with the probability `rate`, else 1 / (1 - rate), so that the expected value stays.
 */
export const dropoutMask = /* @__PURE__ */ op(
  'dropoutMask',
  {
    state: numbers,
    shape,
    rate: /* @__PURE__ */ number({ from: 0, below: 1 }),
    options: /* @__PURE__ */ options(drawOptions),
  },
  (state: Operand, shape: Shape, rate: number, options: RandomOptions = {}): Value => {
    const unit = draw(uniformPrimitive, state, shape, options)
    return where(less(unit, rate), cast(0, unit.dtype), 1 / (1 - rate))
  },
)
