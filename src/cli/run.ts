// From arguments to a command, and from its errors to an exit code.
import { didYouMean, HornbeamError, OptionError } from '../errors'
import { commands } from './commands'
import { helpOf, overview } from './help'
import type { Output } from './output'
import { parse } from './parse'

/** Does what the arguments say. Returns the exit code: 0, or 1 where it failed, which is told without a stack. */
export async function run(argv: readonly string[], version: string, output: Output): Promise<0 | 1> {
  const [name, ...rest] = argv
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      output.print(rest[0] === undefined ? overview(commands) : helpOf(commandNamed(rest[0])))
    } else if (name === '--version' || name === '-V') {
      output.print(version)
    } else {
      const command = commandNamed(name)
      const { args, options } = parse(command, rest)
      if (options.help === true) output.print(helpOf(command))
      else await command.run(args, options, output)
    }
    return 0
  } catch (error) {
    output.note(told(error, argv))
    return 1
  }
}

function commandNamed(name: string) {
  const found = commands.find((command) => command.name === name)
  if (found !== undefined) return found
  const names = commands.map((command) => command.name)
  throw new OptionError(`unknown command '${name}'.${didYouMean(name, names)} There is ${names.join(', ')}.`)
}

/** The error in words: what is meant for users by its message, anything else with its kind. */
function told(error: unknown, argv: readonly string[]): string {
  if (!(error instanceof Error)) return `hornbeam: ${String(error)}`
  if (argv.includes('--stack')) return `hornbeam: ${error.stack ?? error.message}`
  // Those of another copy of the library, which a module may bring, are known by their names.
  const isMeant =
    error instanceof HornbeamError || /^(Shape|Option|Data|Backend|Format|NonFinite)Error$/.test(error.name)
  return `hornbeam: ${isMeant ? '' : `${error.name}: `}${error.message}${isMeant ? '' : ' (--stack shows where)'}`
}
