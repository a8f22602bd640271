// One contestant in a child process of its own: asks it, and gets its answer or the reason why there is none.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Answer, mark, type Prepared, type Request, type Round, type Used } from './protocol'

/** How contestants are started. */
export interface Binaries {
  readonly node: string
  readonly nodeFlags: readonly string[]
  readonly python: string
  /** Seconds after which no answer is waited for. */
  readonly patience: number
}

interface Results {
  readonly prepare: Prepared
  readonly warm: Round
  readonly round: Round
  readonly end: Used
}

/** Keeps PyTorch and the two libraries that do its matrix products and its LSTM from using 512-bit instructions. */
const avx2Alone = {
  ATEN_CPU_CAPABILITY: 'avx2',
  ONEDNN_MAX_CPU_ISA: 'AVX2',
  MKL_ENABLE_INSTRUCTIONS: 'AVX2',
} as const

/** Variables by which PyTorch runs in another way. */
const environments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'pytorch-avx2': avx2Alone,
  'pytorch-channels-last': { BENCH_CHANNELS_LAST: '1' },
}

export class ContestantProcess {
  readonly #child: ChildProcess
  readonly #patience: number
  #buffer = ''
  #errors = ''
  #waiting: ((answer: Answer<unknown>) => void) | undefined

  constructor(
    readonly name: string,
    binaries: Binaries,
  ) {
    const [command, ...flags] = commandOf(name, binaries)
    const env = { ...process.env, ...environments[name] }
    this.#patience = binaries.patience
    this.#child = spawn(command, flags, { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000)
    })
    this.#child.stdin?.on('error', () => {}) // A process that is gone answers through its 'close'.
    this.#child.on('error', (error) => this.#settle({ absent: `${command} does not start: ${error.message}` }))
    this.#child.on('close', (code) => this.#settle({ absent: this.#lastWords(code) }))
  }

  /** Sends a request. One at a time; a process that takes too long is ended. */
  ask<Kind extends Request['do']>(request: Extract<Request, { do: Kind }>): Promise<Answer<Results[Kind]>> {
    return new Promise((resolve) => {
      const tooLong = setTimeout(() => {
        this.kill()
        this.#settle({ absent: `gave no result within ${this.#patience} s` })
      }, this.#patience * 1000)
      this.#waiting = (answer) => {
        clearTimeout(tooLong)
        // What comes back is what protocol.ts says of the request: both ends are written against it.
        resolve(answer as Answer<Results[Kind]>)
      }
      if (this.#child.exitCode !== null) this.#settle({ absent: this.#lastWords(this.#child.exitCode) })
      else this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    })
  }

  /** Ends the process, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #read(text: string): void {
    const lines = (this.#buffer + text).split('\n')
    this.#buffer = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith(mark)) this.#settle(JSON.parse(line.slice(mark.length)))
  }

  #settle(answer: Answer<unknown>): void {
    this.#waiting?.(answer)
    this.#waiting = undefined
  }

  #lastWords(code: number | null): string {
    return this.#errors.trim().split('\n').at(-1) || `its process ended with code ${code}`
  }
}

function commandOf(name: string, { node, nodeFlags, python }: Binaries): [string, ...string[]] {
  if (name.startsWith('pytorch')) return [python, fileURLToPath(new URL('../contestants/pytorch.py', import.meta.url))]
  const child = fileURLToPath(new URL('./child.js', import.meta.url))
  const [own, major] = /-node(\d+)$/.exec(name) ?? []
  if (own === undefined) return [node, ...nodeFlags, child, name]
  // One of those that the tests run in.
  const path = `../../test/engines/node_modules/node-${major}/bin/node`
  return [fileURLToPath(new URL(path, import.meta.url)), child, name]
}
