// What the layers of a model carry from one run of a program to the next: variables that lie where the model computes.

import { Variable } from '../graph'
import type { Carrier, Layer } from '../layers'
import { release } from '../runtime'
import { sameShape, zeros } from '../tensor'

/** What one use of a layer carries. */
export interface Carried {
  /** The layer's name, with a number behind it where the layer is used again. */
  readonly name: string
  /** `states` of a recurrent layer, `steps` of a convolution, or the last `output` of a recurrent layer with a mask. */
  readonly part: string
  readonly variables: readonly Variable[]
}

/** A set of carried variables, for batches of one size. */
export class CarriedVariables {
  private readonly layers: ReadonlySet<Layer>
  private readonly entries: Carried[] = []

  /** @param layers - those that carry something here; others begin anew in each run. */
  constructor(layers: ReadonlySet<Layer>) {
    this.layers = layers
  }

  /** What is carried; empty before the first program is traced. */
  get all(): readonly Carried[] {
    return this.entries
  }

  get variables(): readonly Variable[] {
    return this.entries.flatMap(({ variables }) => variables)
  }

  /** For one traced program: the n-th use of a layer in it has the variables of the n-th use in the programs before. */
  carrier(): Carrier {
    const uses = new Map<string, number>()
    return (layer, part, shapes, dtype) => {
      const known = [...this.layers].find((candidate) => candidate === layer)
      if (known === undefined) return undefined
      const key = `${known.name}/${part}`
      const before = uses.get(key) ?? 0
      uses.set(key, before + 1)
      const name = before === 0 ? known.name : `${known.name}_${before}`
      const found = this.entries.find((entry) => entry.name === name && entry.part === part)
      if (found !== undefined && shapes.every((shape, i) => sameShape(shape, found.variables[i].shape))) {
        return found.variables
      }
      const variables = shapes.map(
        (shape, i) => new Variable(`${name}/${part}${i}`, zeros(shape, dtype), { trainable: false }),
      )
      this.entries.push({ name, part, variables })
      return variables
    }
  }

  /** All zeros again. */
  async reset(): Promise<void> {
    for (const variable of this.variables) await variable.write(zeros(variable.shape, variable.dtype))
  }

  async dispose(): Promise<void> {
    for (const variable of this.variables) await release(variable)
  }
}
