// What the figures were measured on.
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import type { Binaries } from './process'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** The Node that ran hornbeam and the JavaScript peers, with its flags. */
  readonly node: string
  readonly date: string
}

export function describeMachine({ node, nodeFlags }: Binaries): Machine {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  return {
    processor: processorName(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${process.platform} ${process.arch}`,
    node: [version, ...nodeFlags].join(' '),
    date: new Date().toISOString().slice(0, 10),
  }
}

function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown processor'
}
