// Where commands write.

/** What is written to. */
export interface Output {
  /** A result, as a line (or several) of standard output. */
  print(text: string): void
  /** A remark beside the results, of standard error. */
  note(text: string): void
}

/** The program's own output. */
export const standardOutput: Output = {
  print(text) {
    process.stdout.write(`${text}\n`)
  },
  note(text) {
    process.stderr.write(`${text}\n`)
  },
}
