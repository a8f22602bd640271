// Patterns of the paths of weights: regular expressions, which may come out of a file, and so may not take for ever.

import { OptionError } from '../../errors'

/** Steps that a pattern may take for a path. */
const mostSteps = 1e7
const longest = 1000

/** What makes the work of a pattern grow. */
interface Growth {
  /** Parts that repeat: each takes as many steps as the path has letters, for each step of the others. */
  repeats: number
  /** Choices inside of groups, and parts that may be left out: each doubles the steps. */
  choices: number
}

/**
 * A regular expression for paths, of those that end soon: what repeats holds nothing that repeats, and no choice.
 *
 * @param isWhole - whether it is to match the whole path, or a part of it.
 * @returns whether it matches a path. @throws OptionError for a pattern that is none, or might take for ever.
 */
export function pathPattern(where: string, pattern: string, isWhole: boolean): (path: string) => boolean {
  const refused = (what: string): OptionError =>
    new OptionError(`${where}: expected paths or regular expressions, got '${String(pattern).slice(0, 80)}'${what}`)
  const growth = pattern.length > longest ? undefined : growthOf(pattern)
  if (growth === undefined) throw refused(', in which what is repeated repeats, or chooses, itself')
  let expression: RegExp
  try {
    expression = new RegExp(isWhole ? `^(?:${pattern})$` : pattern)
  } catch {
    throw refused('')
  }
  // A search begins at every letter once more.
  const power = growth.repeats + (isWhole ? 0 : 1)
  return (path) => {
    if (path.length ** power * 2 ** growth.choices > mostSteps)
      throw refused(`, which takes too long for '${path.slice(0, 80)}'`)
    return expression.test(path)
  }
}

/** Whether a pattern is a regular expression that does not take steps without end. */
export function endsSoon(pattern: string): boolean {
  try {
    pathPattern('', pattern, false)
    return true
  } catch {
    return false
  }
}

/** Undefined for a pattern that may take steps without end: something that repeats in what repeats, or what refers back. */
function growthOf(pattern: string): Growth | undefined {
  if (/\\[1-9k]|\{\d{4}|,\d{4,}\}/.test(pattern)) return undefined
  // Letters and classes as one letter each, so that brackets and marks are what is left.
  const plain = pattern.replace(/\\[\s\S]/g, 'x').replace(/\[(?:\\.|[^\]])*\]/g, 'x')
  const growth: Growth = { repeats: 0, choices: 0 }
  /** Of each group that is open, whether something in it repeats or chooses. */
  const open: boolean[] = []
  let endsGroup = false
  for (let i = 0; i < plain.length; i++) {
    const letter = plain[i]
    const repeats = letter === '*' || letter === '+' || /^\{\d+,?\d*\}/.test(plain.slice(i, i + 16))
    if (repeats && endsGroup) return undefined
    if (repeats) growth.repeats++
    const chooses = (letter === '?' && plain[i - 1] !== '(') || (letter === '|' && open.length > 0)
    if (chooses) growth.choices++
    if (open.length > 0 && (repeats || chooses)) open[open.length - 1] = true
    if (letter === '(') open.push(false)
    endsGroup = letter === ')' && (open.pop() ?? false)
    if (endsGroup && open.length > 0) open[open.length - 1] = true
  }
  return growth
}
