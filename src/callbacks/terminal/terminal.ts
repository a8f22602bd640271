// Where text for people goes: the terminal or file behind Node's standard output, or a page's console.

/** The little of Node's `process.stdout` that is written to. */
export interface TextStream {
  /** Whether it is a terminal, on which a line can be drawn again. */
  readonly isTTY?: boolean | undefined
  /** The width of the terminal in characters. */
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Clears the line the cursor is in and goes to its beginning. */
export const clearLine = '\r\x1b[K'

/** Standard output in Node; in a page the console, which takes whole lines. */
export function standardOutput(): TextStream {
  if (typeof process === 'object' && process?.stdout !== undefined) return process.stdout
  return { isTTY: false, write: (text) => console.log(text.replace(/\n$/, '')) }
}

/** Says something in a line of its own, in the place of an unfinished progress bar. */
export function say(text: string, stream: TextStream = standardOutput()): void {
  stream.write(`${stream.isTTY ? clearLine : ''}${text}\n`)
}
