// Tasks with their data, as they are trained on.
import type { Tensor } from 'hornbeam'
import type { Experiment } from '../state/state'
import * as adding from './adding'
import * as brackets from './brackets'
import * as copy from './copy'
import * as echo from './echo'
import { type Task, tableOf, tasks, textOf } from './index'
import * as parity from './parity'
import * as sine from './sine'
import { readTable } from './table'
import { readText } from './text'

/** Inputs `[size, steps, features]` and targets: `[size, steps]` for classes, `[size, steps, 1]` or, once a sequence, `[size, 1]`. */
export type MakeBatch = (size: number, length: number, seed: number) => { readonly x: Tensor; readonly y: Tensor }

/** A task with its data. */
export interface ReadyTask extends Task {
  readonly makeBatch: MakeBatch
  /** What is not trained on. */
  readonly makeHeldOut: MakeBatch
  /** Turns tokens into text and back, where the task is one of text. */
  readonly tokenizer?: ReturnType<typeof readText>['tokenizer']
}

const generated = { echo, copy, adding, parity, brackets, sine }

/** The task of an experiment, with its data. @throws DataError where a text is too short, or a table has no numbers. */
export async function readyTask(experiment: Experiment): Promise<ReadyTask> {
  const task = tasks[experiment.task]
  if (task.name === 'text') {
    const { tokenizer, makeBatch, makeHeldOut } = readText(textOf(experiment))
    requireLength('characters', textOf(experiment).length, experiment)
    const names = tokenizer.vocabulary.map((token, i) => (i < 2 ? '' : token))
    return { ...task, tokenizer, makeBatch, makeHeldOut, inputs: names, outputs: names }
  }
  if (task.name === 'table') {
    const { columns, rows, makeBatch, makeHeldOut } = await readTable(tableOf(experiment), experiment.column)
    requireLength('rows', rows, experiment)
    return {
      ...task,
      makeBatch,
      makeHeldOut,
      inputs: columns,
      outputs: [columns.includes(experiment.column) ? experiment.column : columns[0]],
    }
  }
  const { makeBatch } = generated[task.name as keyof typeof generated] // the two others are above
  return { ...task, makeBatch, makeHeldOut: makeBatch }
}

/** A fifth is held out, and has to hold a piece. */
function requireLength(what: string, found: number, { length }: Experiment): void {
  const least = 5 * (length + 2)
  if (found >= least) return
  throw new Error(`expected at least ${least} ${what} for pieces of ${length}, got ${found}`)
}
