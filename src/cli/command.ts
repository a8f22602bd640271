// What a command of `hornbeam` is: its words and options as data, from which the arguments are parsed and the help is written.
import type { Output } from './output'

/** An option of a command, given as `--name value`, or `--name` alone for a flag. */
export interface Option {
  readonly kind: 'text' | 'number' | 'flag'
  /** The letter for `-o`. */
  readonly short?: string
  /** What stands for its value in the help: `FILE`. */
  readonly value?: string
  readonly says: string
}

/** Options by name. */
export type Options = Readonly<Record<string, Option>>

/** What was given for options; undefined for those that were not. */
export type Given<O extends Options> = {
  readonly [name in keyof O]: { text: string; number: number; flag: boolean }[O[name]['kind']] | undefined
}

/** A command. */
export interface Command<O extends Options = Options> {
  readonly name: string
  /** What it does, in a line. */
  readonly says: string
  /** What stands behind its name: `IN OUT`. */
  readonly takes: string
  /** How many of these there are: at least, at most. */
  readonly count: readonly [least: number, most: number]
  readonly options: O
  /** More on what it takes, in lines. */
  readonly more?: string
  /** What one may type, each with what it does. */
  readonly examples: readonly (readonly [line: string, says: string])[]
  /** Does it. What it needs is imported here, so that help and other commands need not wait for it. */
  run(args: readonly string[], options: Given<O>, output: Output): Promise<void>
}

/** A command as the table holds it. */
export function command<const O extends Options>(definition: Command<O>): Command {
  // Its options are parsed by what it declares.
  return definition as unknown as Command
}
