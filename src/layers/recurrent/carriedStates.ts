// The states a stateful layer carries from batch to batch: variables that the program of each batch updates.

import { OptionError, ShapeError } from '../../errors'
import { constant, type Value, Variable } from '../../graph'
import { reshape, where } from '../../ops'
import { type DType, ones, type Shape, Tensor, zeros } from '../../tensor'
import type { CallContext } from '../base/context'

/** What is carried in batches of one size. */
interface Carried {
  readonly states: readonly Variable[]
  /** Which sequences have begun: the others begin with the cell's own states. There is none where those are zeros. */
  readonly begun: Variable | undefined
}

/** What the states of a layer look like. */
export interface CarriedLayout {
  /** The name of the layer. */
  readonly name: string
  /** The shape of each, without the batch. */
  readonly shapes: readonly Shape[]
  readonly dtype: DType
  /** Whether a sequence begins with zeros. */
  readonly beginsWithZeros: boolean
}

/** The variables behind a stateful layer; there are none before its first batch, which decides on the size of batches. */
export class CarriedStates {
  private current: Carried | undefined
  private batch: number | undefined
  /** Those of other batch sizes, from before the states were cleared: programs may still refer to them. */
  private readonly known = new Map<number, Carried>()

  /**
   * The states at the start of a batch of this size.
   *
   * @param initial - what a sequence begins with, where that is not zeros.
   * @throws ShapeError where the batch before had another size.
   */
  begin(layout: CarriedLayout, batch: number, initial: () => readonly Value[]): readonly Value[] {
    this.require(layout.name, batch)
    this.current = this.variablesFor(layout, batch)
    const { states, begun } = this.current
    if (begun === undefined) return states.map((variable) => variable.value)
    const starts = initial()
    return states.map((variable, i) =>
      where(reshape(begun, [batch, ...variable.shape.slice(1).map(() => 1)]), variable, starts[i]),
    )
  }

  /** A program on these variables is about to run. @throws ShapeError where it is for another size of batches. */
  accept(name: string, variables: ReadonlySet<Variable>): void {
    for (const [batch, { states }] of this.known) {
      if (!variables.has(states[0])) continue
      this.require(name, batch)
      this.batch = batch
    }
  }

  private require(name: string, batch: number): void {
    if (this.batch === undefined || this.batch === batch) return
    throw new ShapeError(
      `${name}: stateful: expected batches of ${this.batch} samples as before, got ${batch}; resetStates() allows another size`,
    )
  }

  private variablesFor({ name, shapes, dtype, beginsWithZeros }: CarriedLayout, batch: number): Carried {
    const known = this.known.get(batch)
    if (known !== undefined) return known
    const make = (part: string, content: Tensor) => new Variable(`${name}/${part}`, content, { trainable: false })
    const made = {
      states: shapes.map((shape, i) => make(`state${i}`, zeros([batch, ...shape], dtype))),
      begun: beginsWithZeros ? undefined : make('begun', zeros([batch], 'bool')),
    }
    this.known.set(batch, made)
    return made
  }

  /** Has the program write the states at the end of the batch. */
  end(states: readonly Value[], context: CallContext): void {
    const { current } = this
    if (current === undefined) return
    this.batch = states[0]?.shape[0]
    current.states.forEach((variable, i) => {
      context.update(variable, states[i])
    })
    if (current.begun !== undefined) context.update(current.begun, constant(all(current.begun.shape[0])))
  }

  rename(name: string): void {
    for (const { states, begun } of this.known.values()) {
      states.forEach((variable, i) => {
        variable.name = `${name}/state${i}`
      })
      if (begun !== undefined) begun.name = `${name}/begun`
    }
  }

  /** Lets go of the states without clearing them, so that a batch may have any size; what is returned takes them up again. */
  setAside(): () => void {
    const { current, batch } = this
    const known = new Map(this.known)
    this.batch = undefined
    return () => {
      this.current = current
      this.batch = batch
      this.known.clear()
      for (const [size, states] of known) this.known.set(size, states)
    }
  }

  /** The states as they are; undefined where nothing is carried yet. */
  async read(): Promise<Tensor[] | undefined> {
    const carried = this.batch === undefined ? undefined : this.known.get(this.batch)
    return carried && Promise.all(carried.states.map((variable) => variable.read()))
  }

  /** Replaces the states of all sequences. @throws ShapeError where the batch before had another size. */
  async write(layout: CarriedLayout, states: readonly Tensor[]): Promise<void> {
    const [batch] = states[0].shape
    this.require(layout.name, batch)
    const { states: variables, begun } = this.variablesFor(layout, batch)
    this.batch = batch
    await Promise.all(variables.map((variable, i) => variable.write(states[i])))
    await begun?.write(all(batch))
  }

  /** All that is carried, by name: the states, and which sequences have begun; nothing before the first batch. */
  async content(): Promise<ReadonlyMap<string, Tensor>> {
    const carried = this.batch === undefined ? undefined : this.known.get(this.batch)
    const entries = carried === undefined ? [] : [...named(carried)]
    return new Map(await Promise.all(entries.map(async ([name, variable]) => [name, await variable.read()] as const)))
  }

  /** Carries on from what {@link content} gave. @throws ShapeError where that was of another layer. */
  async takeUp(layout: CarriedLayout, content: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.clear()
    const batch = content.get('state0')?.shape[0]
    if (batch === undefined) return
    for (const [name, variable] of named(this.variablesFor(layout, batch))) {
      const found = content.get(name)
      if (found === undefined) throw new ShapeError(`${layout.name}: expected ${name} among the states, got none`)
      await variable.write(found)
    }
    this.batch = batch
  }

  /** All sequences begin anew, and batches may have another size. */
  async clear(): Promise<void> {
    this.batch = undefined
    const variables = [...this.known.values()].flatMap(variablesOf)
    await Promise.all(variables.map((variable) => variable.write(zeros(variable.shape, variable.dtype))))
  }

  /** Some sequences of the batch begin anew. @throws OptionError for numbers that are none of them. */
  async clearSamples(name: string, samples: readonly number[]): Promise<void> {
    const { batch } = this
    const carried = batch === undefined ? undefined : this.known.get(batch)
    const wrong = samples.find((sample) => !(Number.isInteger(sample) && sample >= 0 && sample < (batch ?? 0)))
    if (wrong !== undefined) {
      const expected = batch === undefined ? 'none, since nothing is carried yet' : `numbers from 0 to ${batch - 1}`
      throw new OptionError(`${name}.resetStates: samples: expected ${expected}, got ${wrong}`)
    }
    if (carried === undefined) return
    for (const variable of variablesOf(carried)) {
      const { data, shape, dtype } = await variable.read()
      const width = data.length / shape[0]
      const cleared = data.slice()
      for (const sample of samples) cleared.fill(0, sample * width, (sample + 1) * width)
      await variable.write(new Tensor(cleared, shape, dtype))
    }
  }
}

function variablesOf({ states, begun }: Carried): readonly Variable[] {
  return begun === undefined ? states : [...states, begun]
}

/** The variables by name. */
function named({ states, begun }: Carried): ReadonlyMap<string, Variable> {
  const byName = new Map(states.map((variable, i) => [`state${i}`, variable]))
  return begun === undefined ? byName : byName.set('begun', begun)
}

function all(batch: number): Tensor {
  return ones([batch], 'bool')
}
