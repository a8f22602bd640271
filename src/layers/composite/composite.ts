// Layers that are made of other layers: the names of those inside, and the base of those that make them when they are built.

import { OptionError } from '../../errors'
import { Layer } from '../base/layer'

/** Names layers inside another by its path; those of a kind are told apart by a number. */
export function nameInside(path: string, layers: readonly Layer[]): void {
  const taken = new Map<string, number>()
  for (const layer of layers) {
    const own = ownName(layer)
    const before = taken.get(own) ?? 0
    taken.set(own, before + 1)
    layer.rename(before === 0 ? `${path}/${own}` : `${path}/${own}_${before}`)
  }
}

/** A layer's name without the path of the layers around it. */
export function ownName(layer: Layer): string {
  return layer.isNamed ? layer.name.slice(layer.name.lastIndexOf('/') + 1) : layer.kind
}

/** A layer whose `build` makes the layers it consists of. `P` is a record of them, in the order of Keras' weights, and of what else is known then. */
export abstract class CompositeLayer<P extends object> extends Layer {
  /** Undefined before it is built. */
  protected made: P | undefined

  /** What it is made of. @throws OptionError before it is built. */
  protected get parts(): P {
    if (this.made !== undefined) return this.made
    throw new OptionError(`${this.name}: expected a layer that is built`)
  }

  /** Takes what `build` has made: the layers in it are a part of this one, and named after it. */
  protected consistOf(parts: P): P {
    this.made = parts
    nameInside(this.name, this.innerLayers)
    return parts
  }

  override get innerLayers(): readonly Layer[] {
    return Object.values(this.made ?? {}).filter((part) => part instanceof Layer)
  }

  override rename(name: string): void {
    super.rename(name)
    nameInside(name, this.innerLayers)
  }
}
