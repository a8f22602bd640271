// The command line: what may be asked, what is meant where nothing is said, and an error for everything else.
import { parseArgs } from 'node:util'
import type { Binaries } from './process'
import type { Clock } from './protocol'
import type { Pace } from './race'
import { type Mode, modes, type Workload, workloads } from './workloads'

export const help = `npm run bench -- [options]

  --only W3,W4           these workloads                     (all: ${workloads.map(({ name }) => name).join(', ')})
  --mode train,predict   these modes                         (all: ${modes.join(', ')}; predict1 is a batch of one)
  --threads 1,2          thread counts, a table each         (1)
  --backend wasm,cpu     hornbeam's backends; ratios are to the first   (wasm)
                         wide: wasm with vectors of 256 bits, wide-node24 and wide-node26 on these Nodes (npm --prefix test/engines ci);
                         plain: wasm without fused operations
  --against tfjs-wasm    these peers, or 'none'              (all)
  --rounds 7             rounds each contestant runs
  --round-seconds 0.25   the least time a round lasts
  --clock wall           or cpu: the processor's time, on a machine that does other work; with one thread
  --patience 120         seconds after which a contestant's answer is not waited for
  --node path            the Node that runs hornbeam and the JavaScript peers   (this one)
  --node-flag=--flag     a flag for it; may be given several times
  --name latest          writes results/<name>.json and results/<name>.md
  --help

PyTorch is run by python3, or by what the variable HORNBEAM_PYTHON names.`

export const backends = ['wasm', 'wide', 'wide-node24', 'wide-node26', 'plain', 'cpu', 'gpu'] as const
export const peers = [
  'pytorch',
  'pytorch-avx2',
  'pytorch-channels-last',
  'tfjs-cpu',
  'tfjs-wasm',
  'jax-js',
  'onnxruntime-node',
  'brain.js',
] as const

const clocks: readonly Clock[] = ['wall', 'cpu']

export interface Options {
  readonly workloads: readonly Workload[]
  readonly modes: readonly Mode[]
  readonly threads: readonly number[]
  /** In the order they run; the first is what ratios are to. */
  readonly contestants: readonly string[]
  readonly pace: Pace
  readonly binaries: Binaries
  readonly name: string
}

/** Reads the command line; nothing when help was asked for. Throws an error whose message is for the user. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: workloads.map(({ name }) => name).join() },
      mode: { type: 'string', default: modes.join() },
      threads: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'wasm' },
      against: { type: 'string', default: peers.join() },
      rounds: { type: 'string', default: '7' },
      'round-seconds': { type: 'string', default: '0.25' },
      clock: { type: 'string', default: 'wall' },
      patience: { type: 'string', default: '120' },
      node: { type: 'string', default: process.execPath },
      'node-flag': { type: 'string', multiple: true, default: [] },
      name: { type: 'string', default: 'latest' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const only = namesIn(
    'only',
    values.only,
    workloads.map(({ name }) => name),
  )
  const against = values.against === 'none' ? [] : namesIn('against', values.against, peers)
  const hornbeam = namesIn('backend', values.backend, backends).map((backend) => `hornbeam-${backend}`)
  return {
    workloads: workloads.filter(({ name }) => only.includes(name)),
    modes: namesIn('mode', values.mode, modes),
    threads: values.threads.split(',').map((count) => number('threads', count, 1)),
    contestants: [...hornbeam, ...against],
    pace: {
      rounds: number('rounds', values.rounds, 1),
      roundSeconds: number('round-seconds', values['round-seconds'], 0),
      warmSeconds: 0.5,
      clock: oneOf('clock', values.clock, clocks),
    },
    binaries: {
      node: values.node,
      nodeFlags: values['node-flag'],
      python: process.env.HORNBEAM_PYTHON ?? 'python3',
      patience: number('patience', values.patience, 1),
    },
    name: fileName(values.name),
  }
}

function namesIn<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((part) => oneOf(option, part, known))
}

function oneOf<Name extends string>(option: string, text: string, known: readonly Name[]): Name {
  const name = known.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase())
  if (name === undefined) throw new Error(`--${option}: '${text}' is none of ${known.join(', ')}`)
  return name
}

function number(option: string, text: string, least: number): number {
  const value = Number(text)
  if (!(value >= least)) throw new Error(`--${option}: a number of at least ${least} was expected, not '${text}'`)
  return value
}

function fileName(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`--name: letters, digits, '.', '_' and '-' only, not '${name}'`)
  return name
}
