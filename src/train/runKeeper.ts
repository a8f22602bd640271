// A run as callbacks keep it and take it up again: what the model holds, where the run stands, its history, and the states of callbacks.

import type { CallbackList, RunContent, TrainingRun } from '../callbacks'
import { FormatError } from '../errors'
import { pack, unpack } from '../io'
import { carriedTensors, keptPosition, restoreAll, trainingPrefix, trainingTensors } from '../step/kept/content'
import { positionFromJSON, positionToJSON } from '../step/kept/position'
import type { Learner } from '../step/learner'
import type { TrainingEngine } from '../step/trainingEngine'
import type { Course } from './course'
import type { Trained } from './fit'

const where = 'the run'

/** One run of `fit`. */
export class RunKeeper implements TrainingRun {
  private readonly model: Learner
  private readonly engine: TrainingEngine
  private readonly course: Course
  private readonly history: Trained
  private readonly callbacks: () => CallbackList
  /** The states that callbacks are given once all of them have begun, and whether training was to stop. */
  private pending: { readonly states: readonly unknown[]; readonly stops: boolean } | undefined

  constructor(model: Learner, engine: TrainingEngine, course: Course, history: Trained, callbacks: () => CallbackList) {
    this.model = model
    this.engine = engine
    this.course = course
    this.history = history
    this.callbacks = callbacks
  }

  async capture(): Promise<RunContent> {
    const position = await keptPosition(this.engine)
    const packed = pack(
      where,
      {
        position: position && positionToJSON(position),
        history: this.history,
        states: await this.callbacks().getStates(),
        stops: this.model.stopTraining,
      },
      `${trainingPrefix}callbacks/`,
    )
    const tensors = new Map([
      ...Object.entries(await this.model.namedWeights()),
      ...(await trainingTensors(this.engine)),
      ...(await carriedTensors(this.model)),
      ...packed.tensors,
    ])
    return { tensors, text: packed.text }
  }

  async resume({ tensors, text }: RunContent): Promise<void> {
    const kept = unpack(where, text, tensors)
    const { position, history, states, stops }: Readonly<Record<string, unknown>> = Object(kept)
    const read = historyFrom(history)
    if (!Array.isArray(states) || typeof stops !== 'boolean') throw new FormatError(`${where}: its states are missing`)
    this.callbacks().checkStates(states)
    const from = positionFromJSON(position)
    await restoreAll(this.model, this.engine, from, tensors)
    this.course.jump(from)
    this.history.epoch.splice(0, Infinity, ...read.epoch)
    Object.assign(this.history.history, read.history)
    this.pending = { states, stops }
  }

  /** To be called when all callbacks have begun: gives them their states. */
  async begin(): Promise<void> {
    const { pending } = this
    if (pending === undefined) return
    await this.callbacks().setStates(pending.states)
    this.model.stopTraining = pending.stops
  }
}

function historyFrom(value: unknown): Trained {
  const { epoch, history }: Readonly<Record<string, unknown>> = Object(value)
  if (Array.isArray(epoch) && typeof history === 'object' && history !== null) {
    return { epoch: epoch.map(Number), history: { ...(history as Record<string, number[]>) } } // as fit wrote it
  }
  throw new FormatError(`${where}: its history is missing`)
}
