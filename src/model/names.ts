// Names of the layers of a model: each is told apart from the others.

import { OptionError } from '../errors'
import type { Layer } from '../layers'

/** The models that a layer is part of, each as its layers: a new name must be none of theirs. */
const models = new WeakMap<Layer, readonly (readonly Layer[])[]>()

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
  const named = namesIn()
  // Names of a kind are counted on from the last: those with lower numbers stay taken.
  const counts = new Map<string, number>()
  for (const layer of all) {
    if (layer.isNamed) continue
    const others = (models.get(layer) ?? []).map(named)
    const isFree = (name: string): boolean =>
      !taken.has(name) && others.every((byName) => (byName.get(name) ?? layer) === layer)
    let name = isFree(layer.name) ? layer.name : layer.kind
    if (!isFree(name)) {
      let count = counts.get(layer.kind) ?? 1
      while (!isFree(`${layer.kind}_${count}`)) count++
      // Another layer may have other neighbours, and a lower number of its own.
      if (others.length === 0) counts.set(layer.kind, count + 1)
      name = `${layer.kind}_${count}`
    }
    taken.add(name)
    if (name !== layer.name) layer.rename(name)
  }
  for (const layer of all) models.set(layer, [...(models.get(layer) ?? []), all])
}

/** The layers of a model by their names, collected once for each. */
function namesIn(): (layers: readonly Layer[]) => ReadonlyMap<string, Layer> {
  const known = new Map<readonly Layer[], ReadonlyMap<string, Layer>>()
  return (layers) => {
    const byName = known.get(layers) ?? new Map(layers.map((layer) => [layer.name, layer]))
    known.set(layers, byName)
    return byName
  }
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
