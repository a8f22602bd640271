// What the layers of a model carry from one run of a program to the next: variables that lie where the model computes.

import { Variable } from '../graph'
import type { Carrier, Layer } from '../layers'
import { sameShape, zeros } from '../tensor'

/** What one use of a layer carries. */
export interface Carried {
  readonly layer: Layer
  /** Which use of the layer it is, counted from 0. */
  readonly use: number
  /** The layer's name, with a number behind it where the layer is used again, or another has that name. */
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
    const uses = new Map<Layer, Record<string, number>>()
    return (given, part, shapes, dtype) => {
      const layer = [...this.layers].find((candidate) => candidate === given)
      if (layer === undefined) return undefined
      const counts = uses.get(layer) ?? {}
      uses.set(layer, counts)
      const use = counts[part] ?? 0
      counts[part] = use + 1
      const found = this.entries.find((entry) => entry.layer === layer && entry.use === use && entry.part === part)
      if (found !== undefined && shapes.every((shape, i) => sameShape(shape, found.variables[i].shape))) {
        return found.variables
      }
      const name = this.nameOf(layer, use)
      const variables = shapes.map(
        (shape, i) => new Variable(`${name}/${part}${i}`, zeros(shape, dtype), { trainable: false }),
      )
      this.entries.push({ layer, use, name, part, variables })
      return variables
    }
  }

  /** A name that no other layer has, nor another use of this one. */
  private nameOf(layer: Layer, use: number): string {
    const same = this.entries.find((entry) => entry.layer === layer && entry.use === use)
    if (same !== undefined) return same.name
    const taken = new Set(this.entries.map((entry) => entry.name))
    if (use === 0 && !taken.has(layer.name)) return layer.name
    for (const other of this.layers) taken.add(other.name)
    for (let number = 1; ; number++) if (!taken.has(`${layer.name}_${number}`)) return `${layer.name}_${number}`
  }

  /** All zeros again. */
  async reset(): Promise<void> {
    for (const variable of this.variables) await variable.write(zeros(variable.shape, variable.dtype))
  }

  async dispose(): Promise<void> {
    const { release } = await import('../runtime')
    for (const variable of this.variables) await release(variable)
  }
}
