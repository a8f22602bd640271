// Which known name a misspelt one was most likely meant to be.

/**
 * The candidate nearest to a misspelt name, or `undefined` where none is near enough to be worth offering.
 *
 * Letter case, `_`, `-` and spaces do not count, so `return_sequences` finds `returnSequences`; an abbreviation finds what it
 * begins. Of equally near candidates the first is taken.
 *
 * @example
 * ```ts
 * nearestName('adma', ['sgd', 'adam', 'rmsprop']) // 'adam'
 * nearestName('banana', ['sgd', 'adam', 'rmsprop']) // undefined
 * ```
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  // Anything may come where a name belongs; what is far longer than any name is none.
  if (typeof name !== 'string' || name.length > longestName) return undefined
  const given = simplified(name)
  let nearest: string | undefined
  let nearestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(given, simplified(candidate))
    const isNear = distance <= toleratedDistance(given, candidate) || isShortFor(given, simplified(candidate))
    if (distance < nearestDistance && isNear) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** The end of an error message: `" Did you mean 'adam'?"`, or nothing where no candidate is near enough. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`
}

/** The longest text that is compared with names at all. */
const longestName = 100

/** Whether one is an abbreviation of the other: `ord` of `order`, `dilation` of `dilationRate`. */
function isShortFor(given: string, candidate: string): boolean {
  const shortest = Math.min(given.length, candidate.length)
  return shortest >= 3 && given.slice(0, shortest) === candidate.slice(0, shortest)
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}

// About one slip in three letters: fewer would miss honest misspellings, more would offer names that look nothing alike.
function toleratedDistance(given: string, candidate: string): number {
  return Math.floor(Math.max(given.length, candidate.length) / 3)
}

/**
 * How many slips turn one word into the other: a letter left out, added, replaced, or swapped with its neighbour
 * (the restricted Damerau-Levenshtein distance).
 *
 * With d[i][j] the distance between the first i letters of a and the first j letters of b:
 * `d[i][j] = min(d[i-1][j] + 1, d[i][j-1] + 1, d[i-1][j-1] + (a_i ≠ b_j), d[i-2][j-2] + 1 if the last two are swapped)`.
 * Three rows of the table are enough.
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let distance = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, replaced)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) distance = Math.min(distance, at(beforePrevious, j - 2) + 1)
      current.push(distance)
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
