// What the last recorded run of the matrix came to: results.json, from which the table in README.md is made.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Report } from './script/report'

const file = new URL('results.json', import.meta.url)

/** What one engine did. */
export interface Result {
  readonly engine: string
  readonly version: string
  /** `isolated` and `plain` are pages that are cross-origin isolated and that are not. */
  readonly where: 'program' | 'isolated' | 'plain'
  /** `one` thread, or as many as are asked for. */
  readonly threads: 'one' | 'any'
  /** Whether it fuses multiplication and addition. */
  readonly fuses: boolean
  /** By mode of gpu.js: whether the gpu trains, or why not. */
  readonly gpu: Readonly<Record<string, true | string>>
}

/** The result that a report tells of. */
export function resultOf(known: Pick<Result, 'engine' | 'version' | 'where'>, { runs }: Report): Result {
  const [most, fused] = ['plain 2', 'fused 1'].map((name) => {
    const run = runs[name]
    return typeof run === 'object' ? run.backend : {}
  })
  const modes = Object.entries(runs).filter(([name]) => name.startsWith('web'))
  return {
    ...known,
    threads: most.threads === 2 ? 'any' : 'one',
    fuses: fused.relaxed === true,
    gpu: Object.fromEntries(modes.map(([mode, run]) => [mode, typeof run === 'string' ? run : true])),
  }
}

/** The recorded results. */
export function readResults(): readonly Result[] {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Records results in the place of the old ones. */
export function writeResults(results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}
