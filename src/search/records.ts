// The file of a search: a line of JSON that says what is searched, then one for each trial and number of epochs. It is written
// as a whole each time, so that there is always either the one of before or the new one.
import { FormatError, OptionError } from '../errors'
import { readPlace, writePlace } from '../io'
import type { Point } from './space'
import type { Progress } from './trial'

/** What makes two searches the same: only then does one go on where the other stopped. */
export type Heading = Readonly<Record<string, unknown>>

/** A line of the file. */
export interface Line extends Progress {
  readonly trial: number
  readonly epochs: number
  readonly seed: number
  readonly parameters: Point
}

/** The lines of a search so far, in a file or only in memory. */
export class Records {
  private readonly place: string | undefined
  private readonly heading: Heading
  private readonly lines: Line[]
  private writing: Promise<void> = Promise.resolve()

  private constructor(place: string | undefined, heading: Heading, lines: Line[]) {
    this.place = place
    this.heading = heading
    this.lines = lines
  }

  /** Reads what is there. @throws OptionError where the file is of another search; FormatError where it is of none. */
  static async open(place: string | undefined, heading: Heading): Promise<Records> {
    const text = place === undefined ? undefined : await textOf(place)
    if (text === undefined) return new Records(place, heading, [])
    // A line that was cut off as it was written, by a full disk say, is of a trial to be trained again.
    const [first, ...rest] = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
    const before = parsed<Heading>(place ?? '', first ?? '')
    for (const [name, value] of Object.entries(heading)) {
      if (JSON.stringify(before[name]) === JSON.stringify(value)) continue
      throw new OptionError(
        `search: file '${place}' is of another search: its ${name} is ${JSON.stringify(before[name])}, expected ${JSON.stringify(value)}; take another file`,
      )
    }
    return new Records(
      place,
      heading,
      rest.map((line) => parsed<Line>(place ?? '', line)),
    )
  }

  find(trial: number, epochs: number): Line | undefined {
    return this.lines.find((line) => line.trial === trial && line.epochs === epochs)
  }

  /** All lines of a trial, those of fewer epochs first. */
  of(trial: number): readonly Line[] {
    return this.lines.filter((line) => line.trial === trial).sort((a, b) => a.epochs - b.epochs)
  }

  async add(line: Line): Promise<void> {
    this.lines.push(line)
    const { place } = this
    if (place === undefined) return
    const text = [this.heading, ...this.lines].map((each) => `${JSON.stringify(each)}\n`).join('')
    this.writing = this.writing.then(() => writePlace(place, new TextEncoder().encode(text)))
    await this.writing
  }
}

async function textOf(place: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readPlace(place))
  } catch (error) {
    // No file yet: the search begins.
    if (error instanceof OptionError && /no such file|there is nothing/.test(error.message)) return undefined
    throw error
  }
}

function parsed<T>(place: string, line: string): T {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new FormatError(`search: file '${place}' is not that of a search: a line is not JSON`, { cause })
  }
}
