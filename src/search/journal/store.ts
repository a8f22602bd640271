// Where the lines of a journal lie: what every such place can do, and the two simplest, memory and a page's database.
import { FormatError } from '../../errors'
import { readIfThere, writePlace } from '../../io'
import { parsePython, writePython } from './pythonJson'
import type { Log } from './replay'

/** A place that holds lines, to which others may add while this process reads. */
export interface Store {
  /** Whether other processes see it. */
  readonly isShared: boolean
  /** The lines that came since they were last read. */
  read(): Promise<readonly Log[]>
  /**
   * Adds lines, and nobody else's come between those that `decide` was given, which came since the last time, and those that
   * it answers. It may be asked more than once.
   */
  append(decide: (news: readonly Log[]) => readonly Log[]): Promise<void>
  close(): Promise<void>
}

/** Lines in memory: nothing is read that was not written here. */
export const memoryStore = (): Store => ({
  isShared: false,
  read: async () => [],
  append: async (decide) => {
    decide([])
  },
  close: async () => {},
})

/** A place that is written as a whole, such as `indexeddb://name`: one tab at a time. */
export async function placeStore(place: string): Promise<Store> {
  const bytes = await readIfThere(place)
  let text = bytes === undefined ? '' : new TextDecoder().decode(bytes)
  let fresh: readonly Log[] = linesOf(place, text, 0)
  const read = (): readonly Log[] => {
    const news = fresh
    fresh = []
    return news
  }
  return {
    isShared: false,
    read: async () => read(),
    async append(decide) {
      const logs = decide(read())
      if (logs.length === 0) return
      text += textOf(logs)
      await writePlace(place, new TextEncoder().encode(text))
    },
    close: async () => {},
  }
}

/** Lines as they are written. */
export function textOf(logs: readonly Log[]): string {
  return logs.map((log) => `${writePython(log)}\n`).join('')
}

/** The whole lines of a text. @throws FormatError where one is none of a journal. */
export function linesOf(where: string, text: string, before: number): Log[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole === '') return []
  return whole
    .slice(0, -1)
    .split('\n')
    .map((line, i) => lineOf(where, line, before + i))
}

/** One line. @throws FormatError where it is none of a journal. */
export function lineOf(where: string, line: string, number: number): Log {
  let log: Log
  try {
    log = parsePython(line) as unknown as Log // what matters of it is checked next
  } catch (cause) {
    throw new FormatError(`search: '${where}' is not the journal of a study: line ${number + 1} is not JSON`, { cause })
  }
  if (typeof log?.op_code === 'number') return log
  throw new FormatError(
    `search: '${where}' is not the journal of a study: line ${number + 1}: expected an op_code, got ${line.slice(0, 60)}`,
  )
}

/** A storage as messages show it: without a password. */
export const shownPlace = (storage: string): string => storage.replace(/\/\/[^/?#]*@/, '//')
