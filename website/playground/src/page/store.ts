// What the page knows: the state, and what the worker last said. Panels are told what has changed: of what a visitor does in the next
// frame, of training some thirty times a second.

import { type CellName, defaults, experimentOf, type State } from '../state/state'
import type { Checked, Course, FromWorker, Look, Seen, ToWorker } from '../worker/protocol'

/** What panels can wait for. */
export type Topic = 'state' | 'course' | 'seen' | 'checked' | 'wrote' | 'speeds' | 'theme' | 'lesson'

/** A cell's course, gathered. */
export interface Gathered {
  losses: number[]
  last: Course | undefined
  checked: Checked | undefined
}

export interface Facts {
  state: State
  running: boolean
  /** Whether it trains to the step that a link says. */
  restoring: number
  inputs: readonly string[]
  outputs: readonly string[]
  moments: readonly number[]
  backend: string
  seen: Seen | undefined
  readonly cells: Map<CellName, Gathered>
  written: string
  writing: boolean
  /** The temperature of what was written last. */
  temperature: number
  speeds: Extract<FromWorker, { kind: 'race' }>['speeds']
  failed: string
  /** How long the first step took from the click, in milliseconds. */
  firstStep: number
}

export const facts: Facts = {
  state: defaults,
  running: false,
  restoring: 0,
  inputs: [],
  outputs: [],
  moments: [0],
  backend: '',
  seen: undefined,
  cells: new Map(),
  written: '',
  writing: false,
  temperature: -1,
  speeds: [],
  failed: '',
  firstStep: 0,
}

const panels: { readonly topics: readonly Topic[]; readonly draw: () => void }[] = []
const changed = new Set<Topic>()
let frame = 0
/** What training changes. */
const ofTraining: readonly Topic[] = ['course', 'seen', 'checked']
/** Training is drawn at every second frame, so that the frames between are free: in milliseconds. */
const pace = 30
let drawn = 0

/** Draws a panel whenever one of the topics has changed. */
export function when(topics: readonly Topic[], draw: () => void): void {
  panels.push({ topics, draw })
}

export function tell(...topics: readonly Topic[]): void {
  for (const topic of topics) changed.add(topic)
  if (frame === 0) frame = requestAnimationFrame(drawAll)
}

function drawAll(time: number): void {
  frame = 0
  const isOfTraining = [...changed].every((topic) => ofTraining.includes(topic))
  if (isOfTraining && facts.running && time - drawn < pace) {
    frame = requestAnimationFrame(drawAll)
    return
  }
  drawn = time
  const now = new Set(changed)
  changed.clear()
  for (const { topics, draw } of panels) if (topics.some((topic) => now.has(topic))) draw()
}

let worker: Worker | undefined
let run = 0
let clicked = 0
let wantsTraining = false
const answers = new Map<number, (weights: Readonly<Record<string, readonly number[]>>) => void>()

const send = (message: ToWorker): void => worker?.postMessage(message)

/** Starts the worker, and brings a state back: with as many steps of training as it had. */
export function start(state: State): void {
  const text = (id: string): string => document.getElementById(id)?.textContent ?? ''
  // gpu.js stands in the worker's own script: a page from the file system may not import scripts there. Where it does not start, it is missed
  // by those alone who ask for that backend.
  const code = ['try {', text('gpu-script'), '} catch {}', text('worker-script')].join('\n')
  worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => take(data)
  facts.state = state
  begin(state.steps)
}

function begin(steps: number): void {
  run++
  facts.restoring = steps
  facts.failed = ''
  facts.seen = undefined
  facts.written = ''
  facts.cells.clear()
  for (const cell of facts.state.cells) facts.cells.set(cell, { losses: [], last: undefined, checked: undefined })
  send({ kind: 'begin', run, experiment: experimentOf(facts.state), steps, look: lookOf(facts.state) })
  tell('state', 'course', 'seen', 'checked', 'wrote')
}

const lookOf = ({ cell, sample, layer, step, unit, moment, poke }: State): Look => ({
  cell,
  sample,
  layer,
  step,
  unit,
  moment,
  poke,
})

/** Changes the state. Where that makes another experiment, it begins anew, and trains on if it did. */
export function set(change: Partial<State>): void {
  const before = facts.state
  const next = { ...before, ...change }
  if (!next.cells.includes(next.cell)) next.cell = next.cells[next.cells.length - 1]
  const isNew = JSON.stringify(experimentOf(before)) !== JSON.stringify(experimentOf(next))
  facts.state = next
  if (isNew) {
    Object.assign(facts.state, { steps: 0, moment: -1, poke: undefined, ...change })
    begin(0)
    if (wantsTraining) train()
  } else if (JSON.stringify(lookOf(before)) !== JSON.stringify(lookOf(next))) {
    send({ kind: 'look', look: lookOf(next) })
  }
  tell('state')
}

/** Trains on: to a step, or until it is paused. */
export function train(upTo?: number): void {
  clicked = performance.now()
  wantsTraining = upTo === undefined
  facts.running = true
  if (facts.state.moment >= 0) set({ moment: -1 })
  send(upTo === undefined ? { kind: 'train' } : { kind: 'train', upTo })
  tell('state')
}

export function pause(): void {
  wantsTraining = false
  facts.running = false
  send({ kind: 'pause' })
  tell('state')
}

export function reset(): void {
  wantsTraining = false
  facts.running = false
  facts.state = { ...facts.state, steps: 0, moment: -1, poke: undefined }
  begin(0)
}

export function write(prompt: string, temperature: number): void {
  facts.written = ''
  facts.writing = true
  facts.temperature = temperature
  send({ kind: 'write', prompt, temperature, length: 160, seed: Math.floor(Math.random() * 1e6) })
  tell('wrote')
}

export function compareBackends(): void {
  facts.speeds = []
  send({ kind: 'race', id: 0 })
  tell('speeds')
}

/** The weights of the cell that is shown, by their names. */
export function weights(): Promise<Readonly<Record<string, readonly number[]>>> {
  return new Promise((resolve) => {
    const id = answers.size + 1
    answers.set(id, resolve)
    send({ kind: 'weights', id })
  })
}

function take(message: FromWorker): void {
  if (message.kind === 'weights') {
    answers.get(message.id)?.(message.weights)
  } else if (message.kind === 'race') {
    facts.speeds = message.speeds
    tell('speeds')
  } else if (message.run === run) {
    tell(...takeOfRun(message))
  }
}

/** What is changed by a message of the present run. */
function takeOfRun(message: Exclude<FromWorker, { kind: 'weights' | 'race' }>): readonly Topic[] {
  switch (message.kind) {
    case 'ready':
      facts.inputs = message.inputs
      facts.outputs = message.outputs
      facts.moments = message.moments
      facts.backend = message.backend
      return ['state']
    case 'course':
      gather(message)
      return ['course']
    case 'checked': {
      const entry = facts.cells.get(message.checked.cell)
      if (entry !== undefined) entry.checked = message.checked
      return ['checked']
    }
    case 'seen':
      facts.seen = message.seen
      return ['seen']
    case 'paused':
      facts.restoring = 0
      wantsTraining = false
      facts.running = false
      return ['state', 'course']
    case 'wrote':
      facts.written += message.text
      facts.writing = !message.done
      return ['wrote']
    case 'failed':
      facts.failed = message.message
      facts.running = false
      facts.restoring = 0
      return ['state']
  }
}

function gather({ step, courses, moments, backend }: Extract<FromWorker, { kind: 'course' }>): void {
  if (facts.state.steps === 0 && step > 0 && clicked > 0) facts.firstStep = performance.now() - clicked
  facts.state = { ...facts.state, steps: Math.max(step, facts.restoring) }
  facts.moments = moments
  facts.backend = backend
  for (const course of courses) {
    const entry = facts.cells.get(course.cell)
    if (entry === undefined) continue
    entry.losses.push(...course.losses)
    entry.last = course
  }
}
