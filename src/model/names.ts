// Names of the layers of a model: each is told apart from the others.

import { OptionError } from '../errors'
import type { Layer } from '../layers'

/** The layers of the models that a layer is part of: a new name must be none of theirs. */
const neighbours = new WeakMap<Layer, readonly Layer[]>()

/** Gives layers that share a kind names that tell them apart. @throws OptionError for a name given twice. */
export function nameApart(layers: readonly Layer[]): void {
  const all = [...new Set(layers)]
  const taken = new Set<string>()
  for (const layer of all) {
    if (!layer.isNamed) continue
    if (taken.has(layer.name)) {
      throw new OptionError(
        `model: two layers are named '${layer.name}', expected names that differ; give one another with rename()`,
      )
    }
    taken.add(layer.name)
  }
  for (const layer of all) {
    if (layer.isNamed) continue
    const old = neighbours.get(layer) ?? []
    const isFree = (name: string): boolean =>
      !taken.has(name) && old.every((other) => other === layer || other.name !== name)
    let name = isFree(layer.name) ? layer.name : layer.kind
    for (let n = 1; !isFree(name); n++) name = `${layer.kind}_${n}`
    taken.add(name)
    if (name !== layer.name) layer.rename(name)
  }
  for (const layer of all) neighbours.set(layer, [...new Set([...(neighbours.get(layer) ?? []), ...all])])
}

/** The same names, those that are there before with a number behind them. */
export function toldApart(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name)
      return name
    }
    let number = 1
    while (taken.has(`${name}_${number}`)) number++
    const own = `${name}_${number}`
    taken.add(own)
    return own
  })
}
