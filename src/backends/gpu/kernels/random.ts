// Random numbers by counter, the same bits as on every backend: seed, stream, step and index are whole numbers below 2^24.
import { sizeOf } from '../../../tensor'
import { Arrays, launch, requireExact, thread } from './code'
import type { Bound, Kernel, Target } from './kernel'

/** The words of a block as arguments: the counter (index, step) and the key (seed, stream). */
function drawing(
  { inputs: [state], outputs: [out], attributes }: Bound<'randomUniform' | 'randomNormal'>,
  target: Target,
  body: (block: string) => string[],
) {
  const count = sizeOf(out.shape)
  requireExact(count, 'random numbers')
  const arrays = new Arrays()
  const seed = arrays.read(state, 0)
  const step = arrays.read(state, 1)
  const lines = [`const seed = ${seed};`, `const step = ${step};`]
  const block = `${thread} | 0, step | 0, seed | 0, ${attributes.stream} | 0`
  return [{ slot: launch(target, arrays, count, [...lines, ...body(block)]), offset: 0 }]
}

export const randomUniform: Kernel<'randomUniform'> = (bound, target) =>
  drawing(bound, target, (block) => [`return threefryUnit0(${block});`])

/** Box and Muller's transform; the angle is a part of a turn, so that its cosine needs no reduction by pi. */
export const randomNormal: Kernel<'randomNormal'> = (bound, target) =>
  drawing(bound, target, (block) => [
    `const u = threefryUnit0(${block});`,
    `const v = threefryUnit1(${block});`,
    'const quarter = Math.floor(v * 4 + 0.5);',
    'const r = (v - quarter * 0.25) * 6.283185307179586;',
    'return Math.sqrt(-2 * exactLog(1 - u)) * sineOfQuarters(r, quarter + 1);',
  ])
