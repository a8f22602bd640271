// The guard of training: it sees within the program that a loss or a gradient is no finite number, and from that step
// on keeps weights, optimizer and states as they were. Nothing is copied for it and nothing has to be read back at the
// step itself: a chosen new or old value is part of the update that is written anyway.

import { type Update, type Value, Variable } from '../graph'
import {
  add,
  all,
  cast,
  concatenate,
  greater,
  logicalAnd,
  logicalNot,
  mul,
  isFinite as numbersAreFinite,
  reshape,
  sum,
  where,
} from '../ops'
import { type DType, type Tensor, tensor, zeros } from '../tensor'

/** How much of the running mean of a gradient's square is kept at each step. */
const keep = 0.9

/** What the guard saw. */
export interface Incident {
  /** The steps that were finite before, since `begin`. */
  readonly step: number
  readonly loss: number
  /** The weight whose gradient grew most; undefined where there is none. */
  readonly weight: string | undefined
  /** The norm of its gradient in that step, and what it was before on average. */
  readonly norm: number
  readonly usual: number
}

/** The guard of one set of weights. */
export class Guard {
  private readonly parameters: readonly Variable[]
  /** The number n of finite steps so far; -1 - n once a step was not finite. */
  private readonly steps = new Variable('guard/steps', zeros([], 'int32'), { trainable: false })
  /** Running means of the squared norms of the gradients, the squares of the last finite step, and those of the first other one. */
  private readonly usual: Variable
  private readonly last: Variable
  private readonly found: Variable
  private readonly loss: Variable

  constructor(parameters: readonly Variable[], dtype: DType) {
    this.parameters = parameters
    const make = (name: string, length: number): Variable =>
      new Variable(`guard/${name}`, zeros([Math.max(1, length)], dtype), { trainable: false })
    this.usual = make('usual', parameters.length)
    this.last = make('last', parameters.length)
    this.found = make('found', parameters.length)
    this.loss = make('loss', 1)
  }

  get variables(): readonly Variable[] {
    return [this.steps, this.usual, this.last, this.found, this.loss]
  }

  /**
   * The updates of a step, each held back once a step was not finite, and those of the guard itself.
   *
   * @param gradients - one for each of the parameters, undefined for one that the loss does not depend on.
   */
  guarded(updates: readonly Update[], loss: Value, gradients: readonly (Value | undefined)[]): Update[] {
    const { dtype } = this.loss
    const none = zeros([1], dtype)
    // Where all layers are frozen there is a place for a gradient all the same.
    const squares = concatenate(
      (gradients.length === 0 ? [undefined] : gradients).map((gradient) =>
        gradient === undefined ? none : cast(reshape(sum(mul(gradient, gradient)), [1]), dtype),
      ),
    )
    const lossNow = cast(reshape(loss, [1]), dtype)
    // A sum of squares is finite only where all of them are.
    const finite = logicalAnd(numbersAreFinite(reshape(sum(squares), [1])), numbersAreFinite(lossNow))
    const { steps } = this
    const lived = greater(add(steps, 1), 0)
    const alive = logicalAnd(lived, reshape(finite, []))
    const next = where(lived, where(alive, add(steps, 1), ended(steps)), steps)
    const known = greater(steps, 0)
    const mean = where(known, add(mul(this.usual, keep), mul(squares, 1 - keep)), squares)
    return [
      ...heldBack(updates, alive),
      write(steps, next),
      write(this.usual, where(alive, mean, this.usual)),
      write(this.last, where(alive, squares, this.last)),
      write(this.found, where(lived, squares, this.found)),
      write(this.loss, where(lived, lossNow, this.loss)),
    ]
  }

  /**
   * The same for a pass without a loss, which is no step: what layers carry on is held back once something was not finite,
   * and so it is where it is not finite itself.
   */
  guardedPassage(updates: readonly Update[]): Update[] {
    if (updates.length === 0) return []
    const { steps } = this
    const { dtype } = this.loss
    const finite = updates
      .map(({ value }) => all(numbersAreFinite(value)))
      .reduce((each, other) => logicalAnd(each, other))
    const lived = greater(add(steps, 1), 0)
    const alive = logicalAnd(lived, finite)
    const died = logicalAnd(lived, logicalNot(alive))
    return [
      ...heldBack(updates, alive),
      write(steps, where(died, ended(steps), steps)),
      write(this.found, where(died, this.last, this.found)),
      write(this.loss, where(died, tensor([NaN], [1], dtype), this.loss)),
    ]
  }

  /** Starts to count, and forgets what was seen. */
  async begin(): Promise<void> {
    for (const variable of this.variables) await variable.write(zeros(variable.shape, variable.dtype))
  }

  /** What was seen; undefined while all is well. */
  async incident(): Promise<Incident | undefined> {
    const steps = (await this.steps.read()).item()
    if (steps >= 0) return undefined
    const [usual, last, found, loss] = await Promise.all(
      [this.usual, this.last, this.found, this.loss].map((variable) => variable.read()),
    )
    const grown = grownMost(usual, last, found)
    const at = (tensor: Tensor): number => Math.sqrt(tensor.data[grown] ?? 0)
    return {
      step: -1 - steps,
      loss: loss.item(),
      weight: this.parameters[grown]?.name,
      norm: at(found),
      usual: at(usual),
    }
  }
}

/** The count of steps once one was not finite. */
function ended(steps: Variable): Value {
  return add(mul(steps, -1), -1)
}

function write({ source: variable }: Variable, value: Value): Update {
  return { variable, value }
}

function heldBack(updates: readonly Update[], alive: Value): Update[] {
  return updates.map(({ variable, value }) => ({ variable, value: where(alive, value, variable) }))
}

/** Of the gradients that are no finite numbers (of all, where none is), the one that had grown most until then. */
function grownMost(usual: Tensor, last: Tensor, found: Tensor): number {
  const all = Array.from(found.data, (_, i) => i)
  const broken = all.filter((i) => !Number.isFinite(found.data[i]))
  const growth = (i: number): number => {
    const now = Number.isFinite(found.data[i]) ? found.data[i] : last.data[i]
    return usual.data[i] > 0 ? now / usual.data[i] : now
  }
  return (broken.length > 0 ? broken : all).reduce((most, i) => (growth(i) > growth(most) ? i : most), broken[0] ?? 0)
}
