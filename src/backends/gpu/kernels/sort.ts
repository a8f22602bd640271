// Sorting the last axis: a thread counts what comes before its element, then each place looks for the element that belongs
// there. Work grows with the square of the length, all of it in parallel.
import { sizeOf } from '../../../tensor'
import { Arrays, coordinates, launch, requireExact, thread } from './code'
import type { Kernel, Operand } from './kernel'

export const sort: Kernel<'sort'> = ({ inputs: [x], outputs: [values, indices], attributes }, target) => {
  const count = sizeOf(x.shape)
  requireExact(count, 'sorting')
  const length = x.shape[x.shape.length - 1]
  const better = attributes.descending ? '>' : '<'
  const { lines, names } = coordinates(thread, [length === 0 ? 0 : count / length, length], 'c')
  const row = `${names[0]} * ${length}`
  const bounds = { L: length }

  const counting = new Arrays()
  const ranks = launch(
    target,
    counting,
    count,
    [
      ...lines,
      `const own = ${counting.read(x, thread)};`,
      'let rank = 0;',
      'for (let l = 0; l < this.constants.L; l++) {',
      `const x = ${counting.read(x, `${row} + l`)};`,
      // Whether x comes first: NaN last, equal ones in their order.
      'let isFirst = 0;',
      'if (own === own) {',
      `if (x ${better} own) { isFirst = 1; }`,
      `if (x === own && l < ${names[1]}) { isFirst = 1; }`,
      '} else {',
      `if (x === x) { isFirst = 1; } else { if (l < ${names[1]}) { isFirst = 1; } }`,
      '}',
      'rank = rank + isFirst;',
      '}',
      'return rank;',
    ],
    { bounds },
  )
  const rank: Operand = { shape: x.shape, dtype: 'int32', slot: ranks, offset: 0 }

  const looking = new Arrays()
  const order = launch(
    target,
    looking,
    count,
    [
      ...lines,
      'let found = 0;',
      'for (let l = 0; l < this.constants.L; l++) {',
      `if (${looking.read(rank, `${row} + l`)} === ${names[1]}) { found = l; }`,
      '}',
      'return found;',
    ],
    { bounds },
  )
  const place = { slot: order, offset: 0 }
  if (!values.wanted) return [undefined, indices.wanted ? place : undefined]
  const taking = new Arrays()
  const at = taking.read({ ...rank, slot: order }, thread)
  const sorted = launch(target, taking, count, [
    ...lines,
    `const at = ${at};`,
    `return ${taking.read(x, `${row} + at`)};`,
  ])
  return [{ slot: sorted, offset: 0 }, indices.wanted ? place : undefined]
}
