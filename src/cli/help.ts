// Help, written from what the commands declare.
import type { Command, Options } from './command'
import { commonOptions } from './parse'

/** All commands, a line each. */
export function overview(commands: readonly Command[]): string {
  return [
    'Usage: hornbeam COMMAND [options]',
    '',
    ...columns(commands.map(({ name, says }) => [name, says])),
    '',
    'hornbeam COMMAND --help tells more of a command, with examples; hornbeam --version which version this is.',
  ].join('\n')
}

/** The help of one command. */
export function helpOf({ name, says, takes, options, more, examples }: Command): string {
  return [
    `Usage: hornbeam ${name} ${takes} [options]`,
    '',
    says,
    ...(more === undefined ? [] : ['', more]),
    '',
    'Options:',
    ...columns(optionRows({ ...options, ...commonOptions })),
    '',
    'Examples:',
    ...examples.flatMap(([line, what]) => [`  # ${what}`, `  ${line}`]),
  ].join('\n')
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, kind, value = 'VALUE', says }]) => [
    `${short === undefined ? '    ' : `-${short}, `}--${name}${kind === 'flag' ? '' : ` ${value}`}`,
    says,
  ])
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
