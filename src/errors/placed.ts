// Errors that say where they happened: what calls other code adds its own name to what goes wrong there.
import { HornbeamError } from './classes'

/**
 * The error, its message beginning with the place unless it does already: `matmul: inner lengths differ` that leaves a layer
 * `attention` becomes `attention: matmul: inner lengths differ`. It stays the same error, of the same class; what is not
 * hornbeam's is left as it is.
 */
export function placed(error: unknown, where: string): unknown {
  if (!(error instanceof HornbeamError) || beginsWith(error.message, where)) return error
  const before = error.message
  error.message = `${where}: ${before}`
  // What prints an error that nobody caught shows its stack, which has the message as it was.
  if (error.stack !== undefined) error.stack = error.stack.replace(before, () => error.message)
  return error
}

/** Whether the text begins with the place, as a whole word. */
function beginsWith(message: string, where: string): boolean {
  return message.startsWith(where) && !/^\w/.test(message.slice(where.length))
}
