// Columns with names on their way into a model: a layer that was made for columns by name takes them in its own order alone.

import type { Samples } from '../data'
import { DataError } from '../errors'
import type { FedModel } from './fedModel'

/**
 * @throws DataError for samples whose features, or targets, have other names than the layers they go into, or come out of, were
 *   made for, or another order.
 */
export function checkFeatureNames(model: FedModel, { features, targets }: Samples, call: string): void {
  for (const { layer, inputs, outputs } of model.calls) {
    const { taken, given } = layer.featureNames
    if (inputs.some((item) => model.inputs.includes(item)))
      requireSame(taken, features, `${call}: ${layer.name}`, 'features')
    if (outputs.some((item) => model.outputs.includes(item)))
      requireSame(given, targets, `${call}: ${layer.name}`, 'targets')
  }
}

function requireSame(
  known: readonly string[] | undefined,
  found: Samples['features'],
  where: string,
  what: 'features' | 'targets',
): void {
  // Columns by number say nothing of what they are.
  if (known === undefined || found === undefined || !found.some((name) => typeof name === 'string')) return
  if (known.length === found.length && known.every((name, i) => name === found[i])) return
  throw new DataError(
    `${where}: expected the ${what} ${known.join(', ')} in this order, got samples with ${found.join(', ')}; data.windows takes them as ${what}`,
  )
}
