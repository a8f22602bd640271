// Arguments by what a command declares, with Node's own parser.
import { parseArgs } from 'node:util'
import { didYouMean, OptionError } from '../errors'
import type { Command, Option, Options } from './command'

/** Options that every command has. */
export const commonOptions = {
  help: { kind: 'flag', short: 'h', says: 'this help' },
  stack: { kind: 'flag', says: 'where in the code an error comes from' },
} as const satisfies Options

/** What was given to a command. */
export interface Parsed {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
}

/** The arguments of a command. @throws OptionError that says what was expected. */
export function parse({ options, takes, count: [least, most], name }: Command, argv: readonly string[]): Parsed {
  const declared: Options = { ...options, ...commonOptions }
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(Object.entries(declared).map(([key, option]) => [key, parserOf(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const args: string[] = []
  const given: Record<string, string | number | boolean | undefined> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const option: Option | undefined = declared[token.name]
    if (option === undefined) {
      const near = didYouMean(token.name, Object.keys(declared))
      throw new OptionError(`unknown option '${token.rawName}'.${near} See hornbeam ${name} --help.`)
    }
    given[token.name] = givenValue(token.rawName, option, token.value)
  }
  if (given.help !== true && (args.length < least || args.length > most)) {
    throw new OptionError(`expected ${takes}, got ${args.join(' ') || 'nothing'}. See hornbeam ${name} --help.`)
  }
  return { args, options: given }
}

function parserOf({ kind, short }: Option): { type: 'boolean' | 'string'; short?: string } {
  return { type: kind === 'flag' ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }
}

function givenValue(
  shown: string,
  { kind, value = 'VALUE' }: Option,
  given: string | undefined,
): string | number | boolean {
  if (kind === 'flag') {
    if (given === undefined) return true
    throw new OptionError(`${shown}: expected no value, got '${given}'`)
  }
  // The parser takes what looks like the next option for a value of this one.
  if (given === undefined || given === '' || /^--?[a-z]/.test(given)) {
    throw new OptionError(`${shown}: expected ${value} behind it, got ${given ? `'${given}'` : 'nothing'}`)
  }
  if (kind === 'text') return given
  const number = Number(given)
  if (Number.isNaN(number)) throw new OptionError(`${shown}: expected a number, got '${given}'`)
  return number
}
