// One race: contestants get the same task, show that they compute the same, then run in turns, round after round.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InputFile, makeInputs, writeInputs } from './inputs'
import { type Binaries, ContestantProcess } from './process'
import type { Clock, Prepared, Used } from './protocol'
import { adam, inMode, type Mode, sgd, type Workload } from './workloads'

export interface Heat {
  readonly workload: Workload
  readonly mode: Mode
  readonly threads: number
}

export interface Pace {
  readonly rounds: number
  /** The least time a round lasts. */
  readonly roundSeconds: number
  readonly warmSeconds: number
  readonly clock: Clock
}

/** A contestant's figures in one heat, or why there are none. */
export type Entry = Absent | Timed

export interface Absent {
  readonly name: string
  readonly absent: string
}

export interface Timed extends Prepared, Used {
  readonly name: string
  /** Milliseconds a run, one figure a round. */
  readonly rounds: readonly number[]
}

export interface Result extends Heat {
  readonly entries: readonly Entry[]
}

/** Results may differ by this much, relative to the first contestant's. */
const tolerance = 1e-3

/** Runs a heat. The first contestant that runs at all is the one the others' results are held against. */
export async function race(heat: Heat, names: readonly string[], pace: Pace, binaries: Binaries): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-bench-'))
  const racers: Racer[] = []
  const entries = new Map<string, Entry>()
  try {
    const inputs = writeInputs(join(folder, 'inputs.bin'), makeInputs(inMode(heat.workload, heat.mode)))
    for (const name of names) {
      const racer = await prepare(name, heat, inputs, binaries, racers[0]?.prepared)
      if ('absent' in racer) entries.set(name, racer)
      else racers.push(racer)
    }
    for (const racer of racers) await warm(racer, pace.warmSeconds)
    for (let round = 0; round < pace.rounds; round++) for (const racer of racers) await run(racer, pace)
    for (const racer of racers) entries.set(racer.process.name, await finish(racer))
  } finally {
    for (const { process } of racers) process.kill()
    rmSync(folder, { recursive: true })
  }
  return { ...heat, entries: names.flatMap((name) => entries.get(name) ?? []) }
}

interface Racer {
  readonly process: ContestantProcess
  readonly prepared: Prepared
  readonly rounds: number[]
  failed?: string
}

async function prepare(
  name: string,
  { workload, mode, threads }: Heat,
  inputs: InputFile,
  binaries: Binaries,
  reference: Prepared | undefined,
): Promise<Racer | Absent> {
  const process = new ContestantProcess(name, binaries)
  const task = { workload: inMode(workload, mode), trains: mode === 'train', adam, sgd, threads, inputs }
  const answer = await process.ask<'prepare'>({ do: 'prepare', contestant: name, ...task })
  const absent = 'absent' in answer ? answer.absent : differs(answer.ok.results, reference?.results)
  if ('ok' in answer && absent === undefined) return { process, prepared: answer.ok, rounds: [] }
  process.kill()
  return { name, absent: absent ?? 'no answer' }
}

/** Says how results differ from those they are held against; nothing where they agree. */
export function differs(results: readonly number[], reference: readonly number[] | undefined): string | undefined {
  if (reference === undefined) return results.every(Number.isFinite) ? undefined : 'its results are not finite'
  if (results.length !== reference.length) return `${results.length} results where ${reference.length} were expected`
  const largest = Math.max(...reference.map(Math.abs))
  const worst = Math.max(...results.map((result, index) => Math.abs(result - (reference[index] ?? Number.NaN))))
  // Written so that a NaN differs.
  return worst <= tolerance * largest
    ? undefined
    : `computes something else: off by ${(worst / largest).toPrecision(2)}`
}

async function warm(racer: Racer, seconds: number): Promise<void> {
  const answer = await racer.process.ask<'warm'>({ do: 'warm', seconds })
  if ('absent' in answer) racer.failed = answer.absent
}

async function run(racer: Racer, { roundSeconds: seconds, clock }: Pace): Promise<void> {
  if (racer.failed !== undefined) return
  const answer = await racer.process.ask<'round'>({ do: 'round', seconds, clock })
  if ('ok' in answer) racer.rounds.push(answer.ok.ms / answer.ok.runs)
  else racer.failed = answer.absent
}

async function finish({ process, prepared, rounds, failed }: Racer): Promise<Entry> {
  if (failed !== undefined) return { name: process.name, absent: failed }
  const used = await process.ask<'end'>({ do: 'end' })
  if ('absent' in used) return { name: process.name, absent: used.absent }
  return { name: process.name, ...prepared, rounds, ...used.ok }
}
