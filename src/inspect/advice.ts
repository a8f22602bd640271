// What to try where gradients vanish or explode along a sequence, in the names of hornbeam's options.

import type { RecurrentCell } from '../layers'
import { formatNumber } from '../vis'
import type { FlowVerdict } from './gradientFlow'

/** What is known of a layer whose gradient is judged. */
export interface Judged {
  readonly cell: RecurrentCell
  readonly verdict: FlowVerdict
  readonly factor: number
  readonly steps: number
  /** Whether every step of the layer has an output that others can use. */
  readonly hasOutputs: boolean
  /** Whether any gradient reaches the layer. */
  readonly isReached: boolean
}

/** What the verdict means and what to try, as a sentence each. */
export function adviseOn(judged: Judged): string {
  const { verdict, isReached } = judged
  if (verdict === 'healthy') return 'The gradient reaches all steps; nothing to change here.'
  if (!isReached) {
    return 'No gradient reaches this layer: the loss does not depend on it, or what follows lets nothing through (such as a relu whose inputs are all negative).'
  }
  const tries = verdict === 'vanishing' ? againstVanishing(judged) : againstExploding(judged)
  return `${finding(judged)} Try ${listed(tries)}.`
}

function finding({ verdict, factor, steps }: Judged): string {
  const change = factor ** steps
  const over = `over ${steps} ${steps === 1 ? 'step' : 'steps'}`
  if (verdict === 'exploding') {
    return Number.isFinite(change)
      ? `The gradient grows ${formatNumber(change)} times ${over}.`
      : 'The gradient overflows.'
  }
  return change === 0
    ? `Nothing of the gradient is left ${over}.`
    : `Only ${formatNumber(change)} of the gradient is left ${over}: what lies far back is hardly learnt.`
}

function againstVanishing({ cell, hasOutputs, steps }: Judged): readonly string[] {
  const { recurrentInitializer, activation } = cell.config()
  const shorter = 'shorter sequences (fewer or larger time steps)'
  const shortcut = hasOutputs
    ? []
    : ['returnSequences: true with globalAveragePooling1d() after it, which gives every step a short way to the loss']
  switch (cell.kind) {
    case 'lstmCell':
      return [...openGates(cell, steps), ...notOrthogonal(recurrentInitializer), shorter, ...shortcut]
    case 'gruCell':
      return [...openGates(cell, steps), ...notOrthogonal(recurrentInitializer), shorter, ...shortcut]
    case 'minGRUCell':
    case 'minLSTMCell':
      return [...openGates(cell, steps), shorter, ...shortcut]
    case 'lruCell':
      return ['minRadius: 0.9 with maxRadius: 0.999, so that the state begins by being kept', shorter, ...shortcut]
    case 'indRNNCell':
      return ["recurrentInitializer: 'ones', so that the state begins by being kept", shorter, ...shortcut]
    case 'simpleRNNCell':
      return [
        'lstm(...) or gru(...), which learn what to keep',
        ...notOrthogonal(recurrentInitializer),
        ...(activation === 'relu' ? [] : ["activation: 'relu' with recurrentInitializer: 'identity'"]),
        shorter,
      ]
    default:
      return ['lstm(...) or gru(...), or a cell that adds to its state instead of replacing it', shorter, ...shortcut]
  }
}

/** What lets gates keep the state for so many steps, where they do not begin so. */
function openGates(cell: RecurrentCell, steps: number): readonly string[] {
  const { chrono } = cell.config()
  if (typeof chrono === 'number' && chrono >= steps) return []
  return [`chrono: ${steps}, so that the gates begin by keeping their state for as many steps`]
}

function againstExploding({ cell }: Judged): readonly string[] {
  const { recurrentInitializer } = cell.config()
  return [
    'compile with globalClipNorm: 1',
    ...notOrthogonal(recurrentInitializer),
    'a smaller learningRate',
    'fit with truncate: k, or shorter sequences',
    ...(cell.kind === 'lstmCell' || cell.kind === 'gruCell' ? [] : ['lstm(...) or gru(...)']),
    'layerNormalization() between recurrent layers',
  ]
}

function notOrthogonal(initializer: unknown): readonly string[] {
  return initializer === undefined || initializer === 'orthogonal' ? [] : ["recurrentInitializer: 'orthogonal'"]
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join('; ')}; or ${items[items.length - 1]}`
}
