// Holds vectors of 256 bits to those of 128. V8 joins vectors where it optimises code that has run often, and not before: what new code
// computes is that of 128 bits, and the same program, run until V8 has optimised it, must go on giving the same to the bit.
import type { Backend } from '../backends/backend'
import { type Graph, gradients, placeholder, type Value } from '../graph'
import {
  add,
  conv2d,
  depthwiseConv,
  dotProductAttention,
  gru,
  layerNorm,
  logSoftmax,
  lstm,
  matmul,
  maximum,
  mean,
  mul,
  onesLike,
  reshape,
  simpleRnn,
  sqrt,
  square,
  transpose,
} from '../ops'
import { fillNormal, type Shape, sizeOf, Tensor } from '../tensor'
import { compile } from './compiled'

/** How often the program is run: by then V8 has joined the vectors of nearly every function that has some, in 0.4 s in all. */
const usualRuns = 48

/**
 * Why the backend's vectors are not to be trusted; undefined where results stay the same to the bit. For a backend on which nothing has
 * run yet.
 */
export async function whyNotTrusted(backend: Backend): Promise<string | undefined> {
  const { graph, inputs } = everyKernel()
  const compiled = await compile(graph, backend)
  try {
    return await whyNotSteady(async () => compiled.run(inputs))
  } finally {
    compiled.dispose()
  }
}

/** Why results of the same computation are not always the same; undefined where they are. */
export async function whyNotSteady(
  run: () => Promise<readonly Tensor[]>,
  runs = usualRuns,
): Promise<string | undefined> {
  const first = await run()
  for (let count = 2; count <= runs; count++) {
    const results = await run()
    const which = results.findIndex((tensor, i) => !isSame(tensor, first[i]))
    if (which !== -1) return `result ${which + 1} of the self-check came out otherwise at run ${count}`
  }
  return undefined
}

/** Whether two tensors are the same to the bit: NaNs and signs of zeros, too. */
function isSame(a: Tensor, b: Tensor): boolean {
  const [one, other] = [a, b].map(
    ({ data: { buffer, byteOffset, length } }) => new Uint32Array(buffer, byteOffset, length),
  )
  return one.every((word, i) => word === other[i])
}

/** The derivatives of a function that has every kernel with vectors in it, and uneven lengths, by all it is given. */
export function everyKernel(): { readonly graph: Graph; readonly inputs: readonly Tensor[] } {
  const inputs: Tensor[] = []
  const values: Value[] = []
  const drawn = (...shape: Shape): Value => {
    const data = new Float32Array(sizeOf(shape))
    fillNormal(data, 1, inputs.length)
    inputs.push(
      new Tensor(
        data.map((value) => 0.3 * value),
        shape,
        'float32',
      ),
    )
    const value = placeholder(shape, 'float32', `drawn${inputs.length}`)
    values.push(value)
    return value
  }
  const [steps, batch, units, heads] = [7, 13, 44, 4]
  const state = (): Value => drawn(batch, units)
  const gates = (count: number, features: number) => ({
    kernel: drawn(features, count * units),
    recurrentKernel: drawn(units, count * units),
  })
  const long = lstm({ x: drawn(steps, batch, 19), h0: state(), c0: state(), ...gates(4, 19), bias: drawn(4 * units) })
  const middle = gru({ x: long.ys, h0: state(), ...gates(3, units), bias: drawn(2, 3 * units) })
  const short = simpleRnn({ x: middle.ys, h0: state(), ...gates(1, units), bias: drawn(units) })
  const sequences = transpose(short.ys, [1, 0, 2])
  const even = layerNorm(sequences, { gamma: drawn(units), beta: drawn(units) })
  const query = reshape(even, [batch, steps, heads, units / heads])
  const attended = reshape(dotProductAttention(query, query, query, { isCausal: true }), [batch, steps, units])
  const image = reshape(add(attended, even), [batch, steps, units / 4, 4])
  const convolved = conv2d(depthwiseConv(image, drawn(3, 3, 4, 1), { padding: 'same' }), drawn(3, 3, 4, 20))
  const features = maximum(reshape(convolved, [batch, -1]), 0)
  const scores = logSoftmax(matmul(features, drawn(features.shape[1], 37)))
  const loss = mean(mul(scores, drawn(batch, 37)))
  const slopes = gradients([loss], [onesLike(loss)], values)
  // As an optimizer does.
  const updates = slopes.flatMap((slope, i) =>
    slope === undefined ? [] : [add(values[i], mul(slope, sqrt(add(square(slope), 1e-7))))],
  )
  return { graph: { inputs: values, outputs: [loss, scores, ...updates], updates: [] }, inputs }
}
