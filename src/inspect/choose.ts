// Which of the cells that were watched is meant.

import { didYouMean, OptionError, requireText, textOf } from '../errors'
import { Layer, type Watch, type WatchedAttention, type WatchedSweep } from '../layers'
import type { Learner } from '../step/learner'
import { pathsOf } from './paths'

export const directions = ['forward', 'backward'] as const

/** How a user says which cell is meant. */
export interface Choice {
  readonly layer: string | number | Layer | undefined
  readonly level: number
  readonly direction: (typeof directions)[number] | undefined
}

/**
 * The layer of attention that is meant: the layer itself, or, by `level`, one of those inside it; without a layer the first of a model that
 * has none that is recurrent. Undefined where something recurrent is meant.
 */
export function chooseAttention(
  model: Learner,
  { sweeps, attentions }: Watch,
  { layer, level, direction }: Choice,
): WatchedAttention | undefined {
  if (attentions.length === 0 || (layer === undefined && sweeps.length > 0)) return undefined
  const [first] = attentions
  const holder = layer === undefined ? first.layer : holderOf(model, sweeps, layer)
  const inside = attentions.filter((attention) => holds(holder, attention.layer))
  const isRecurrent = sweeps.some((sweep) => sweep.layer !== undefined && holds(holder, sweep.layer))
  if (inside.length === 0 || isRecurrent) return undefined
  if (direction !== undefined) {
    throw new OptionError(`inspect: direction: ${holder.name} is not bidirectional; it has one direction`)
  }
  const found = inside[level]
  if (found !== undefined) return found
  throw new OptionError(
    `inspect: level: expected a whole number from 0 to ${inside.length - 1} for ${holder.name}, got ${String(level)}`,
  )
}

/** The cell that is meant, and its path. @throws OptionError where there is none, or more than one. */
export function chooseSweep(
  model: Learner,
  sweeps: readonly WatchedSweep[],
  { layer, level, direction }: Choice,
): { readonly sweep: WatchedSweep; readonly path: string } {
  const paths = pathsOf(sweeps)
  const found = (sweep: WatchedSweep) => ({ sweep, path: paths[sweeps.indexOf(sweep)] })
  if (sweeps.length === 0)
    throw new OptionError(`inspect: ${model.name} has no recurrent layer, and none of attention, to look into`)
  const named = typeof layer === 'string' ? paths.indexOf(layer) : -1
  const isExact = named >= 0 && direction === undefined && level === 0
  if (isExact) return found(sweeps[named])

  const holder = holderOf(model, sweeps, layer)
  const inside = sweeps.filter((sweep) => sweep.layer !== undefined && holds(holder, sweep.layer))
  if (inside.length === 0) {
    throw new OptionError(
      `inspect: layer: expected a recurrent layer (${paths.join(', ')}), got ${holder.name} (${holder.kind})`,
    )
  }
  const layers = [...new Set(inside.map((sweep) => sweep.layer))]
  const isPair = holder.kind === 'bidirectional' && layers.length === 2
  if (direction !== undefined && !isPair) {
    throw new OptionError(`inspect: direction: ${holder.name} is not bidirectional; it has one direction`)
  }
  if (layers.length > 1 && !isPair) {
    throw new OptionError(
      `inspect: layer: ${holder.name} holds several recurrent layers; name one of ${paths.join(', ')}`,
    )
  }
  const chosen = layers[isPair && direction === 'backward' ? 1 : 0]
  const levels = chosen?.cell.levels ?? []
  const sweep = inside.find((item) => item.layer === chosen && item.cell === levels[level])
  if (sweep !== undefined) return found(sweep)
  throw new OptionError(
    `inspect: level: expected a whole number from 0 to ${levels.length - 1} for ${chosen?.name}, got ${textOf(level)}`,
  )
}

/** The layer that a user means, which may hold recurrent ones. */
function holderOf(model: Learner, sweeps: readonly WatchedSweep[], layer: Choice['layer']): Layer {
  if (layer instanceof Layer) {
    if (holds(model, layer)) return layer
    throw new OptionError(`inspect: layer: ${layer.name} is not part of ${model.name}`)
  }
  if (layer === undefined) return pairAround(model, sweeps[0].layer ?? model)
  if (typeof layer === 'number') {
    const found = model.layers[layer]
    if (found !== undefined) return found
    const last = model.layers.length - 1
    throw new OptionError(`inspect: layer: expected a whole number from 0 to ${last}, got ${layer}`)
  }
  const found = namedLayer(model, requireText('inspect', 'layer', layer))
  if (found !== undefined) return found
  const names = [...new Set([...model.layers.map(({ name }) => name), ...pathsOf(sweeps)])]
  throw new OptionError(`inspect: layer: no layer is named '${String(layer)}'.${didYouMean(String(layer), names)}`)
}

/** The layer itself, or the `bidirectional` around it. */
function pairAround(holder: Layer, layer: Layer): Layer {
  const inner = holder.innerLayers.find((item) => holds(item, layer))
  if (inner === undefined || inner === layer) return holder.kind === 'bidirectional' ? holder : layer
  return pairAround(inner, layer)
}

/** A layer by its name, or by its path through models. */
function namedLayer(holder: Layer, name: string): Layer | undefined {
  for (const layer of holder.innerLayers) {
    if (layer.name === name) return layer
    const path = `${layer.name}/`
    const found =
      namedLayer(layer, name) ?? (name.startsWith(path) ? namedLayer(layer, name.slice(path.length)) : undefined)
    if (found !== undefined) return found
  }
  return undefined
}

function holds(holder: Layer, layer: Layer): boolean {
  return holder === layer || holder.innerLayers.some((inner) => holds(inner, layer))
}
