// The worker that trains: all of hornbeam runs here, so that the page stays free. One thing at a time; what the page asks for is done
// between two short stretches of training.
import { generateEach } from 'hornbeam'
import type { Experiment } from '../state/state'
import { type ReadyTask, readyTask } from '../tasks/ready'
import { check, lookInside } from './look'
import { momentsUpTo, strideAt } from './moments'
import type { FromWorker, Look, ToWorker } from './protocol'
import { type Batches, batchesOf, Racer } from './racer'
import { batchSeed, heldOutStep } from './recipe'
import { measureBackends } from './speeds'

/** How long training goes on before the page is told, and asked, in milliseconds. */
const stretch = 30
/** What looking inside may take of the time, as a share, while it trains. */
const shareOfLooking = 0.25

interface Run {
  readonly number: number
  readonly experiment: Experiment
  readonly task: ReadyTask
  readonly racers: readonly Racer[]
  readonly heldOut: Batches
  step: number
  moments: number[]
}

const asked: ToWorker[] = []
let wake: (() => void) | undefined
let run: Run | undefined
let upTo = 0
let look: Look | undefined
/** Milliseconds that looking inside has saved up. */
let credit = 0
let chunk = 1
let next = 0
/** The number of the run that was asked for last. */
let current = 0

const say = (message: FromWorker): void => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  asked.push(data)
  wake?.()
}

async function begin({
  run: number,
  experiment,
  steps,
  look: at,
}: Extract<ToWorker, { kind: 'begin' }>): Promise<void> {
  current = number
  run = undefined
  const task = await readyTask(experiment)
  const racers = experiment.cells.map((cell) => new Racer(experiment, task, cell))
  const heldOut = task.makeHeldOut(32, experiment.length, batchSeed(experiment.seed, heldOutStep))
  run = { number, experiment, task, racers, heldOut, step: 0, moments: [0] }
  look = at
  upTo = steps
  chunk = 1
  for (const racer of racers) await racer.keep(run.moments, 0)
  say({
    kind: 'ready',
    run: number,
    inputs: task.inputs,
    outputs: task.outputs,
    moments: run.moments,
    backend: backendOf(run),
  })
  if (steps === 0) {
    await tell(run)
    // What the first step needs is compiled before it is asked for.
    for (const racer of racers) await racer.warm(batchesOf(experiment, task, heldOutStep - 1, 1))
  }
}

const backendOf = ({ racers: [racer] }: Run): string => racer.model.backend.name

function sayCourse(now: Run): void {
  say({
    kind: 'course',
    run: now.number,
    step: now.step,
    courses: now.racers.map((racer) => racer.course()),
    moments: now.moments,
    backend: backendOf(now),
  })
}

/** Trains all cells for a short while. */
async function trainOn(now: Run): Promise<void> {
  const stride = strideAt(now.step + chunk)
  const toMoment = stride - (now.step % stride)
  const count = Math.max(1, Math.min(chunk, upTo - now.step, toMoment))
  const before = performance.now()
  const batches = batchesOf(now.experiment, now.task, now.step, count)
  for (const racer of now.racers) await racer.train(batches, count)
  now.step += count
  const took = performance.now() - before
  chunk = Math.max(1, Math.min(64, Math.round((chunk * stretch) / Math.max(took / (count / chunk), 1))))
  credit += took * shareOfLooking
  if (now.step % strideAt(now.step) === 0) {
    now.moments = momentsUpTo(now.step)
    for (const racer of now.racers) await racer.keep(now.moments, now.step)
  }
  sayCourse(now)
  if (now.racers.every(({ failed }) => failed !== undefined)) upTo = now.step
}

/** Looks into the cell that is shown, or measures one of the others, as far as there is time for it. */
async function lookNow(now: Run): Promise<void> {
  if (credit < 0 || look === undefined) return
  const before = performance.now()
  const turn = next++ % 2
  if (turn === 0) await show(now)
  else await measure(now, now.racers[(next >> 1) % now.racers.length])
  credit -= performance.now() - before
}

async function show(now: Run): Promise<void> {
  const at = look
  const racer = now.racers.find(({ cell }) => cell === at?.cell) ?? now.racers[0]
  if (at === undefined) return
  say({ kind: 'seen', run: now.number, seen: await lookInside(racer, now.experiment, now.task, now.heldOut, at) })
}

async function measure(now: Run, racer: Racer): Promise<void> {
  const checked = await check(racer, now.task, now.heldOut, look?.moment ?? -1, now.experiment.length)
  say({ kind: 'checked', run: now.number, checked })
}

/** All there is to see. */
async function tell(now: Run): Promise<void> {
  await show(now)
  for (const racer of now.racers) await measure(now, racer)
  sayCourse(now)
}

async function rest(now: Run): Promise<void> {
  await tell(now)
  say({ kind: 'paused', run: now.number, step: now.step })
}

async function write(
  now: Run,
  { prompt, temperature, length, seed }: Extract<ToWorker, { kind: 'write' }>,
): Promise<void> {
  const { tokenizer } = now.task
  const racer = now.racers.find(({ cell }) => cell === look?.cell) ?? now.racers[0]
  if (tokenizer === undefined) return
  const model = await racer.at(look?.moment ?? -1)
  for await (const { text = '' } of generateEach(model, { prompt, temperature, length, seed, tokenizer })) {
    say({ kind: 'wrote', run: now.number, text, done: false })
  }
  say({ kind: 'wrote', run: now.number, text: '', done: true })
}

async function answer(message: ToWorker): Promise<void> {
  if (message.kind === 'begin') return begin(message)
  if (run === undefined) return
  switch (message.kind) {
    case 'train':
      upTo = message.upTo ?? Number.POSITIVE_INFINITY
      return
    case 'pause':
      upTo = run.step
      return rest(run)
    case 'look': {
      const moved = message.look.moment !== look?.moment
      look = message.look
      // Of many in a row the last one counts.
      if (asked.some(({ kind }) => kind === 'look' || kind === 'begin')) return
      await show(run)
      if (moved) for (const racer of run.racers) await measure(run, racer)
      return
    }
    case 'write':
      return write(run, message)
    case 'weights': {
      const racer = run.racers.find(({ cell }) => cell === look?.cell) ?? run.racers[0]
      const weights = Object.entries(await racer.model.namedWeights())
      say({
        kind: 'weights',
        id: message.id,
        weights: Object.fromEntries(weights.map(([n, { data }]) => [n, Array.from(data)])),
      })
      return
    }
    case 'race':
      say({
        kind: 'race',
        id: message.id,
        speeds: await measureBackends(run.experiment, run.task, look?.cell ?? 'lstm'),
      })
      return
  }
}

/** Lets messages come in. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

async function work(): Promise<never> {
  for (;;) {
    const message = asked.shift()
    if (message !== undefined) {
      await answer(message)
    } else if (run !== undefined && run.step < upTo) {
      await trainOn(run)
      await lookNow(run)
      if (run.step >= upTo) await rest(run)
      await turn()
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}

async function workOn(): Promise<never> {
  for (;;) {
    try {
      await work()
    } catch (error) {
      upTo = run?.step ?? 0
      say({ kind: 'failed', run: current, message: error instanceof Error ? error.message : String(error) })
    }
  }
}

void workOn()
