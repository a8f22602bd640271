// The states a stateful layer carries from batch to batch: variables that the program of each batch updates.

import { ShapeError } from '../../errors'
import { type Value, Variable } from '../../graph'
import { type DType, zeros } from '../../tensor'
import type { CallContext } from '../context'

/** The variables behind a stateful layer; there are none before its first batch, which decides on the size of batches. */
export class CarriedStates {
  private variables: readonly Variable[] = []
  private batch: number | undefined
  /** Those of other batch sizes, from before the states were cleared: programs may still refer to them. */
  private readonly known = new Map<number, readonly Variable[]>()

  /** The states at the start of a batch of this size. @throws ShapeError where the batch before had another. */
  begin(name: string, batch: number, sizes: readonly number[], dtype: DType): readonly Value[] {
    this.require(name, batch)
    this.variables =
      this.known.get(batch) ??
      sizes.map((size, i) => new Variable(`${name}/state${i}`, zeros([batch, size], dtype), { trainable: false }))
    this.known.set(batch, this.variables)
    return this.variables.map((variable) => variable.value)
  }

  /** A program on these variables is about to run. @throws ShapeError where it is for another size of batches. */
  accept(name: string, variables: ReadonlySet<Variable>): void {
    for (const [batch, [state]] of this.known) {
      if (!variables.has(state)) continue
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

  /** Has the program write the states at the end of the batch. */
  end(states: readonly Value[], context: CallContext): void {
    this.batch = states[0]?.shape[0]
    this.variables.forEach((variable, i) => {
      context.update(variable, states[i])
    })
  }

  rename(name: string): void {
    for (const variables of this.known.values()) {
      variables.forEach((variable, i) => {
        variable.name = `${name}/state${i}`
      })
    }
  }

  /** Lets go of the states without clearing them, so that a batch may have any size; what is returned takes them up again. */
  setAside(): () => void {
    const { variables, batch } = this
    const known = new Map(this.known)
    this.batch = undefined
    return () => {
      this.variables = variables
      this.batch = batch
      this.known.clear()
      for (const [size, states] of known) this.known.set(size, states)
    }
  }

  /** All zeros again, and batches may have another size. */
  async clear(): Promise<void> {
    this.batch = undefined
    const all = [...this.known.values()].flat()
    await Promise.all(all.map((variable) => variable.write(zeros(variable.shape, variable.dtype))))
  }
}
