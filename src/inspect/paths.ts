// The names of what is seen: the paths of layers and of the levels in them.

import type { WatchedSweep } from '../layers'

/** The path of a cell's layer, such as `bidirectional/forward_lstm`; of one of several levels, `lstm/layer1`. */
export function pathOf({ cell, layer, scope }: WatchedSweep): string {
  const levels = layer?.cell.levels.length ?? 0
  const name = layer === undefined || levels > 1 ? cell.name : layer.name
  // A layer's name is its path within its model; the scope has the models around that one.
  const [outermost] = name.split('/')
  const around = scope?.endsWith(`/${outermost}`) === true ? scope.slice(0, -outermost.length) : ''
  return `${around}${name}`
}

/** Paths of all, told apart where a layer is called more than once. */
export function pathsOf(sweeps: readonly WatchedSweep[]): readonly string[] {
  const paths = sweeps.map(pathOf)
  return paths.map((path, i) => {
    const before = paths.slice(0, i).filter((other) => other === path).length
    return before === 0 ? path : `${path} (call ${before + 1})`
  })
}
