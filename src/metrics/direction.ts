// Which way a number of the logs is better, where only its name is known: before there is a model.

import { lossRegistry } from '../losses'
import { metricRegistry } from './metric'

/**
 * Whether less or more is better of what stands in the logs under a name such as `val_loss` or `decoder_accuracy`: as the
 * metric of that name says. Losses are made small. Undefined for a name of one's own.
 */
export function directionOf(log: string): 'min' | 'max' | undefined {
  const name = log.replace(/^val_/, '')
  // Behind the name of an output stands that of the metric.
  const candidates = [name, ...[...name.matchAll(/_/g)].map(({ index }) => name.slice(index + 1))]
  if (candidates.includes('loss')) return 'min'
  const metric = candidates.find((candidate) => metricRegistry.has(candidate))
  if (metric !== undefined) return metricRegistry.resolve(metric).better
  return candidates.some((candidate) => lossRegistry.has(candidate)) ? 'min' : undefined
}
