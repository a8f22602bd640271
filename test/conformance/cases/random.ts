// Random numbers: the same on every backend, number by number, as the host draws them.
import * as ops from '../../../src/ops'
import { fillNormal, fillUniform, type Shape, sizeOf, Tensor } from '../../../src/tensor'
import type { Case, Family } from '../case'

const state = (seed: number, step: number): Tensor => new Tensor(Int32Array.of(seed, step), [2])

function drawn(fill: typeof fillUniform, shape: Shape, seed: number, stream: number, step: number): Tensor {
  const data = new Float32Array(sizeOf(shape))
  fill(data, seed, stream, step)
  return new Tensor(data, shape)
}

const states = [
  [0, 0, 0],
  [42, 7, 3],
  [0xffffff, 0xffffff, 0xffffff],
]

const draws = states.flatMap(([seed, stream, step]): Case[] =>
  [[], [5], [3, 7], [0], [1100]].map((shape) => ({
    name: `[${shape.join(', ')}] numbers of seed ${seed}, stream ${stream}, step ${step}`,
    inputs: [state(seed, step)],
    compute: (given) => [ops.randomUniform(given, shape, { stream }), ops.randomNormal(given, shape, { stream })],
    expected: () => [drawn(fillUniform, shape, seed, stream, step), drawn(fillNormal, shape, seed, stream, step)],
  })),
)

const derived: readonly Case[] = [
  {
    name: 'ranges, deviations, coins and dropout masks follow from the same numbers',
    inputs: [state(5, 1)],
    compute: (given) => [
      ops.randomUniform(given, [50], { minimum: -1, maximum: 3 }),
      ops.randomNormal(given, [50], { mean: 2, deviation: 0.5 }),
      ops.bernoulli(given, [50], 0.3),
      ops.dropoutMask(given, [50], 0.25),
    ],
    expected: () => {
      const uniform = drawn(fillUniform, [50], 5, 0, 1).data
      const normal = drawn(fillNormal, [50], 5, 0, 1).data
      return [
        new Tensor(
          Float32Array.from(uniform, (u) => -1 + 4 * u),
          [50],
        ),
        new Tensor(
          Float32Array.from(normal, (z) => 2 + z / 2),
          [50],
        ),
        new Tensor(
          Uint8Array.from(uniform, (u) => Number(u < 0.3)),
          [50],
        ),
        new Tensor(
          Float32Array.from(uniform, (u) => (u < 0.25 ? 0 : 4 / 3)),
          [50],
        ),
      ]
    },
  },
]

export const random: Family = { name: 'random numbers', cases: [...draws, ...derived] }
