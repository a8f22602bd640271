// Loops over boxes of elements, as few as the layout in memory allows.

/** Several walks over one box: a stride for each axis of each walk. */
export interface Nest {
  readonly shape: readonly number[]
  readonly strides: readonly (readonly number[])[]
}

/** Axes of length 1 left out, and neighbours joined that all walks pass through as one. */
export function simplest({ shape, strides }: Nest): Nest {
  const lengths: number[] = []
  const steps: number[][] = strides.map(() => [])
  shape.forEach((length, axis) => {
    if (length === 1) return
    const last = lengths.length - 1
    const joins = last >= 0 && strides.every((own, w) => steps[w][last] === own[axis] * length)
    if (joins) {
      lengths[last] *= length
      strides.forEach((own, w) => {
        steps[w][last] = own[axis]
      })
    } else {
      lengths.push(length)
      strides.forEach((own, w) => {
        steps[w].push(own[axis])
      })
    }
  })
  return { shape: lengths, strides: steps }
}

/** `from` and the strides times the loops' variables, as an index. */
export function indexOf(from: number | string, strides: readonly number[], variables: readonly string[]): string {
  const terms = strides.flatMap((stride, axis) => {
    if (stride === 0) return []
    return [stride === 1 ? variables[axis] : `${variables[axis]}*${stride}`]
  })
  const all = from === 0 && terms.length > 0 ? terms : [String(from), ...terms]
  return all.join('+').replaceAll('+-', '-')
}

/** The loops, with a body that is given their variables. */
export function loops(
  int: string,
  prefix: string,
  shape: readonly number[],
  body: (variables: readonly string[]) => string,
): string {
  const variables = shape.map((_, axis) => `${prefix}${axis}`)
  const heads = shape.map((length, axis) => {
    const name = variables[axis]
    return `for(${int} ${name}=0;${name}<${length};${name}++)`
  })
  return `${heads.join('')}{${body(variables)}}\n`
}
