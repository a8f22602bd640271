// Whether a call with wrong arguments was answered well.
import { HornbeamError } from 'hornbeam'

/** For how long a call may take, in milliseconds: on a machine that has other things to do, too. */
const patience = 15_000

/** What is wrong with an answer; undefined where it is a good one: a value, or an error that was thrown on purpose. */
export async function judged(call: () => unknown): Promise<string | undefined> {
  const started = performance.now()
  const late = () =>
    performance.now() - started > patience ? `${Math.round(performance.now() - started)} ms` : undefined
  try {
    const answer = call()
    if (answer instanceof Promise) await settled(answer)
    return late()
  } catch (error) {
    if (error instanceof HornbeamError) return late() ?? tooLong(error)
    return error instanceof Error ? `${error.name}: ${error.message.slice(0, 120)}` : `threw ${typeof error}`
  }
}

/** A message that a person can read. */
function tooLong({ message }: Error): string | undefined {
  return message.length > 5000 ? `a message of ${message.length} characters: ${message.slice(0, 60)}...` : undefined
}

async function settled(promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not come to an end')), patience)
  })
  try {
    await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
