// Recurrent layers over whole sequences on the gpu: on WebGPU a launch forwards and one back, elsewhere, or where a row does not fit into
// workgroup memory, launches for each step; all of them give what the cpu gives.
import { jit, ops, type Tensor, tensor, type Value } from 'hornbeam'
import { describe, expect, it } from 'vitest'
import type { BackendOption } from '../../../src/backends/backend'
import { gradients } from '../../../src/graph'
import { selectBackend } from '../../../src/runtime'
import { expectClose, floats, weightedSum } from '../../support'
import { describeOnGpu } from '../../support/gpu'

interface Sizes {
  readonly T: number
  readonly B: number
  readonly F: number
  readonly H: number
}

interface Sweep {
  /** The shapes of what comes behind x: first states, kernel, recurrent kernel, bias. */
  shapes(sizes: Sizes): readonly (readonly number[])[]
  run(inputs: readonly Value[], mask: Tensor | undefined): readonly Value[]
}

const lstm: Sweep = {
  shapes: ({ B, F, H }) => [[B, H], [B, H], [F, 4 * H], [H, 4 * H], [4 * H]],
  run: ([x, h0, c0, kernel, recurrentKernel, bias], mask) => {
    const { ys, hn, cn, gates, cells } = ops.lstm({ x, h0, c0, kernel, recurrentKernel, bias, mask })
    return [ys, hn, cn, gates, cells]
  },
}

const gru = (resetAfter: boolean): Sweep => ({
  shapes: ({ B, F, H }) => [[B, H], [F, 3 * H], [H, 3 * H], resetAfter ? [2, 3 * H] : [3 * H]],
  run: ([x, h0, kernel, recurrentKernel, bias], mask) => {
    const { ys, hn, gates } = ops.gru({ x, h0, kernel, recurrentKernel, bias, mask, resetAfter })
    return [ys, hn, gates]
  },
})

const simpleRnn = (activation: 'tanh' | 'relu'): Sweep => ({
  shapes: ({ B, F, H }) => [[B, H], [F, H], [H, H], [H]],
  run: ([x, h0, kernel, recurrentKernel, bias], mask) => {
    const { ys, hn } = ops.simpleRnn({ x, h0, kernel, recurrentKernel, bias, mask, activation })
    return [ys, hn]
  },
})

const sweeps: Readonly<Record<string, Sweep>> = {
  lstm,
  'gru, reset after the product': gru(true),
  'gru, reset before the product': gru(false),
  'simpleRnn of tanh': simpleRnn('tanh'),
  'simpleRnn of relu': simpleRnn('relu'),
}

const small: Sizes = { T: 4, B: 3, F: 2, H: 5 }

function inputsOf({ shapes }: Sweep, sizes: Sizes): Tensor[] {
  const { T, B, F, H } = sizes
  const reach = Math.min(0.8, 3 / Math.sqrt(H))
  return [[T, B, F], ...shapes(sizes)].map((shape, i) => floats(shape, { seed: i + 1, from: -reach, to: reach }))
}

/** A mask that leaves out some steps, the last one of a row and a whole row among them. */
function maskOf({ T, B }: Sizes): Tensor {
  const kept = Array.from({ length: T * B }, (_, i) => i % B !== 1 && (i % 3 > 0 || i < B) && i !== T * B - 1)
  return tensor(Uint8Array.from(kept, Number), [T, B], 'bool')
}

/** All results, and the gradients of a sum of those named, for every input. */
async function expectSame(
  sweep: Sweep,
  backend: BackendOption,
  sizes: Sizes,
  { mask, given }: { mask?: Tensor | undefined; given: readonly number[] },
): Promise<void> {
  const inputs = inputsOf(sweep, sizes)
  const compute = (...values: Value[]): Value[] => {
    const results = sweep.run(values, mask)
    const sum = given.map((i) => weightedSum([results[i]])).reduce((a, b) => ops.add(a, b))
    const found = gradients([sum], [ops.onesLike(sum)], values)
    return [...given.map((i) => results[i]), ...found.map((gradient, i) => gradient ?? ops.zerosLike(values[i]))]
  }
  const wanted = await jit(compute, { backend: 'cpu' })(...inputs)
  const found = await jit(compute, { backend })(...inputs)
  found.forEach((tensor, i) => {
    const scale = Math.max(1, ...wanted[i].data.slice(0, 1000).map(Math.abs))
    expectClose(tensor, wanted[i], { relative: 1e-4, absolute: 1e-5 * scale }, `result ${i}`)
  })
}

const modes: readonly BackendOption[] = [{ name: 'gpu', mode: 'cpu' }]

describe.each(Object.entries(sweeps))('%s, a step at a time', (_, sweep) => {
  it.each(modes)('gives results and gradients as the cpu does', async (backend) => {
    await expectSame(sweep, backend, small, { given: [0, 1] })
    await expectSame(sweep, backend, small, { given: [1], mask: maskOf(small) })
  })
})

await describeOnGpu('a whole sequence in a launch', () => {
  const backend = { name: 'gpu', mode: 'webgpu' } as const

  describe.each(Object.entries(sweeps))('%s', (_, sweep) => {
    it('gives results and gradients as the cpu does', async () => {
      await expectSame(sweep, backend, small, { given: [0, 1] })
    })

    it('leaves a row that is masked as it was', async () => {
      await expectSame(sweep, backend, small, { given: [0, 1], mask: maskOf(small) })
    })

    it.each([[[0]], [[1]]])('takes the gradient of results %j alone', async (given) => {
      await expectSame(sweep, backend, small, { given, mask: maskOf(small) })
    })

    it('has more units than threads', async () => {
      await expectSame(sweep, backend, { T: 2, B: 2, F: 3, H: 260 }, { given: [0, 1] })
    })

    it('of one step, one row, one unit', async () => {
      await expectSame(sweep, backend, { T: 1, B: 1, F: 1, H: 1 }, { given: [0, 1] })
    })

    it('takes as many launches for 12 steps as for 3', async () => {
      const launches = async (T: number): Promise<number> => {
        const before = Number((await selectBackend(backend)).info.launches)
        await expectSame(sweep, backend, { ...small, T }, { given: [0, 1], mask: maskOf({ ...small, T }) })
        return Number((await selectBackend(backend)).info.launches) - before
      }
      expect(await launches(12)).toBe(await launches(3))
    })
  })

  it('keeps gates and cells for whoever asks for them', async () => {
    await expectSame(lstm, backend, small, { given: [0, 1, 2, 3, 4], mask: maskOf(small) })
    await expectSame(gru(true), backend, small, { given: [0, 1, 2], mask: maskOf(small) })
    await expectSame(gru(false), backend, small, { given: [0, 1, 2], mask: maskOf(small) })
  })

  it('goes a step at a time where the states of a row are more than workgroup memory holds', async () => {
    await expectSame(lstm, backend, { T: 2, B: 1, F: 1, H: 700 }, { given: [1] })
  })
})
