// Axes by name: taken apart, put into another order, put together.
import { describeValue, ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape } from '../../tensor'
import { type Kind, numbers, text } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { reshape, transpose } from '../shape'

/** One side of a pattern: axes, each of one name or of several in brackets. */
function sideOf(side: string, pattern: string): string[][] {
  const parts = side.trim().match(/\([^()]*\)|\S+/g) ?? []
  return parts.map((part) => {
    const names = part.replace(/^\(|\)$/g, '').match(/\S+/g) ?? []
    const wrong = names.find((name) => !/^\w+$/.test(name))
    if (wrong === undefined) return names
    throw new ShapeError(
      `rearrange: pattern: expected names and brackets such as 'b (h p) c -> b h (p c)', got '${wrong}' in '${pattern}'`,
    )
  })
}

const lengths: Kind = {
  check(value, where, name) {
    const isLength = (each: unknown): boolean => Number.isInteger(each) && Number(each) > 0
    if (value === undefined || (typeof value === 'object' && value !== null && Object.values(value).every(isLength)))
      return
    throw new ShapeError(`${where}: ${name}: expected lengths by name such as { p: 4 }, got ${describeValue(value)}`)
  },
  isOptional: true,
}

/**
 * The elements of a tensor in another arrangement of its axes, which have names, as `keras.ops.rearrange`: names in brackets are one axis
 * together, the last of them the innermost.
 *
 * @param pattern - the axes as they are, `->`, and as they are to be: the same names in any order, in brackets or not.
 * @param lengths - of names in brackets on the left; one of each bracket may be left out.
 * @throws ShapeError for patterns that do not fit the shape, and for names that do not stand once on each side.
 *
 * @example
 * ```ts
 * const images = randomNormal([2, 4, 6, 3])
 * ops.rearrange(images, 'b h w c -> b c h w').shape // [2, 3, 4, 6]
 * ops.rearrange(images, 'b (h p) (w q) c -> b (h w) (p q c)', { p: 2, q: 2 }).shape // [2, 6, 12]: patches
 * ```
 */
export const rearrange = /* @__PURE__ */ op(
  'rearrange',
  { x: numbers, pattern: text, lengths },
  (operand: Operand, pattern: string, given: Readonly<Record<string, number>> = {}): Value => {
    const x = toValue(operand)
    const [left, right, more] = pattern.split('->')
    if (right === undefined || more !== undefined) {
      throw new ShapeError(`pattern: expected one '->', got '${pattern}'`)
    }
    const [from, to] = [sideOf(left, pattern), sideOf(right, pattern)]
    if (from.length !== x.rank) {
      throw new ShapeError(
        `pattern: expected ${x.rank} axes for ${formatShape(x.shape)}, got ${from.length} in '${pattern}'`,
      )
    }
    const names = from.flat()
    const wanted = to.flat()
    const isOdd = (name: string): boolean =>
      names.filter((each) => each === name).length !== 1 || wanted.filter((each) => each === name).length !== 1
    const odd = [...names, ...wanted, ...Object.keys(given)].find(isOdd)
    if (odd !== undefined) throw new ShapeError(`pattern: expected '${odd}' once on each side of '${pattern}'`)
    const known = new Map(from.flatMap((group, axis) => lengthsIn(group, x.shape[axis], given)))
    const lengthOf = (name: string): number => known.get(name) ?? 1
    const apart = reshape(x, names.map(lengthOf))
    const turned = transpose(
      apart,
      wanted.map((name) => names.indexOf(name)),
    )
    return reshape(
      turned,
      to.map((group) => group.reduce((product, name) => product * lengthOf(name), 1)),
    )
  },
)

/** The lengths of the names that make up an axis. */
function lengthsIn(
  group: readonly string[],
  whole: number,
  given: Readonly<Record<string, number>>,
): [string, number][] {
  const open = group.filter((name) => given[name] === undefined)
  const product = group.reduce((soFar, name) => soFar * (given[name] ?? 1), 1)
  const fits = open.length === 0 ? product === whole : open.length === 1 && whole % product === 0
  if (fits) return group.map((name) => [name, given[name] ?? whole / product])
  throw new ShapeError(
    `(${group.join(' ')}): expected lengths whose product is ${whole}, got ${open.length > 1 ? `none for ${open.join(', ')}` : product}`,
  )
}
