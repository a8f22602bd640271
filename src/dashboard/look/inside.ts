// What is inside a model: its weights, and what the gates and states of its recurrent layers do on a few samples.
import { spreadOf } from '../../callbacks'
import type { Model } from '../../model'
import { Tensor } from '../../tensor'
import type { Picture, SpreadSeen } from '../events'
import { pictureOf } from './pictures'

/** Spreads and pictures by name. */
export interface InsideFound {
  readonly spreads: Readonly<Record<string, SpreadSeen>>
  readonly pictures: Readonly<Record<string, Picture>>
}

/** Pictures are of the first matrices alone: more are not looked at, and have to be sent. */
const mostPictures = 24
const most = { rows: 32, columns: 48 }

/** How weights are spread, and matrices as pictures. */
export function lookAtWeights(weights: Readonly<Record<string, Tensor>>): InsideFound {
  const spreads: Record<string, SpreadSeen> = {}
  const pictures: Record<string, Picture> = {}
  for (const [path, { data, shape }] of Object.entries(weights)) {
    spreads[path] = spread(data)
    const columns = shape[shape.length - 1] ?? 1
    if (shape.length < 2 || Object.keys(pictures).length >= mostPictures) continue
    pictures[path] = pictureOf(data, data.length / Math.max(1, columns), columns, most)
  }
  return { spreads, pictures }
}

/** More recurrent layers than these are not looked into. */
const mostLayers = 3

/** The names of recurrent layers that `inspect` takes. */
export function recurrentLayers(layers: Model['layers']): string[] {
  const hasCell = (layer: Model['layers'][number]): boolean => 'cell' in layer || layer.innerLayers.some(hasCell)
  // Of a model in the model it would have to be told which layer is meant.
  const own = layers.filter((layer) => !('layers' in layer) && hasCell(layer))
  return own.slice(0, mostLayers).map(({ name }) => name)
}

/** What gates and states did on these samples: over all, and unit by unit over time as their mean. */
export async function lookAtGates(
  inspect: (layer: string) => Promise<object>,
  layers: readonly string[],
): Promise<InsideFound> {
  const spreads: Record<string, SpreadSeen> = {}
  const pictures: Record<string, Picture> = {}
  for (const layer of layers) {
    for (const [name, seen] of Object.entries(await inspect(layer))) {
      if (!(seen instanceof Tensor)) continue
      const { data, shape } = seen
      const path = `${layer} ${name}`
      spreads[path] = spread(data)
      if (shape.length !== 3) continue
      const [batch, steps, units] = shape
      const means = new Float64Array(units * steps)
      for (let i = 0; i < data.length; i++)
        means[(i % units) * steps + (Math.floor(i / units) % steps)] += data[i] / batch
      const isSigned = means.some((mean) => mean < 0)
      pictures[path] = pictureOf(means, units, steps, { rows: 32, columns: 64 }, isSigned)
    }
  }
  return { spreads, pictures }
}

function spread(data: ArrayLike<number>): SpreadSeen {
  const { least, greatest, counts } = spreadOf(data)
  // Where nothing is finite there is no least number, and JSON knows no infinity.
  return counts.length === 0 ? { least: 0, greatest: 0, counts: [] } : { least, greatest, counts: [...counts] }
}
