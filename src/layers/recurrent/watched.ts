// A cell over a sequence, watched: step by step, with its states and gates told and, where asked for, its states nudged.

import { currentScope, newestId, rebuildNode, substitute, type Value } from '../../graph'
import { add, broadcastTo, cast, reshape, scan, where } from '../../ops'
import type { CallContext } from '../base/context'
import type { Nudge, Watch } from '../base/watch'
import type { RecurrentCell, Sweep } from './cells/cell'

/** Runs a cell over a time-major sequence like `sweep`, and adds what it did to the watch. */
export function watchedSweep(
  cell: RecurrentCell,
  x: Value,
  states: readonly Value[],
  mask: Value | undefined,
  context: CallContext,
  watch: Watch,
): Sweep {
  const zeros = (...shape: readonly number[]): Value => broadcastTo(cast(0, cell.dtype), shape)
  const [steps, batch] = x.shape
  const nudges: Nudge[] = watch.nudges
    ? states.map(({ shape }) => ({ total: zeros(steps, ...shape), handed: zeros(steps, ...shape) }))
    : []
  const noted: Record<string, Value> = {}
  // A layer inside a step belongs to that step: it is not watched.
  const within: CallContext = {
    ...context.inner({ watch: undefined, given: context.given }),
    note: (values) => {
      Object.assign(noted, values)
    },
  }
  const [[last, ...final], [outputs, ...told]] = scan(
    ([before, ...carried], [step, ...rest]) => {
      const newest = newestId()
      const result = cell.step(step, carried, within)
      const totals = rest.slice(0, nudges.length)
      const handed = rest.slice(nudges.length, 2 * nudges.length)
      const kept = mask === undefined ? undefined : rest[rest.length - 1]
      const choose = (after: Value, old: Value): Value =>
        kept === undefined ? after : where(reshape(kept, [-1, ...after.shape.slice(1).map(() => 1)]), after, old)
      const shown = nudged(result[0], result[1], totals, newest)
      const next = nudged(shown.output, shown.states, handed, newest).states
      const output = choose(shown.output, before)
      const following = next.map((state, i) => choose(state, carried[i]))
      return [
        [output, ...following],
        [output, ...following, ...Object.values(noted)],
      ]
    },
    [zeros(batch, ...cell.stepShape), ...states],
    [
      cell.prepare(x, context),
      ...nudges.map(({ total }) => total),
      ...nudges.map(({ handed }) => handed),
      ...(mask === undefined ? [] : [mask]),
    ],
  )
  watch.sweeps.push({
    cell,
    layer: watch.layer,
    scope: currentScope(),
    mask,
    states: told.slice(0, states.length),
    noted: Object.fromEntries(Object.keys(noted).map((name, i) => [name, told[states.length + i]])),
    nudges,
  })
  return { outputs, last, states: final }
}

/**
 * Adds nudges to states and to all that is made of them within the step: the output, and other states.
 *
 * @param newest - the id of the newest node before the step: older ones are not made in it.
 */
function nudged(
  output: Value,
  states: readonly Value[],
  nudges: readonly Value[],
  newest: number,
): { readonly output: Value; readonly states: readonly Value[] } {
  let all = [...states, output]
  // A state that another one is made of comes first.
  const order = nudges.map((_, i) => i).sort((a, b) => states[a].node.id - states[b].node.id)
  for (const i of order) {
    const state = all[i]
    const moved = add(state, nudges[i])
    // What was there before the step (a state that stays as it is) is nudged only as it goes on.
    if (state.node.id > newest) all = replaced(all, state, moved)
    all[i] = moved
  }
  return { output: all[states.length], states: all.slice(0, states.length) }
}

/** Values computed with another value in the place of one. */
function replaced(values: readonly Value[], from: Value, to: Value): Value[] {
  const graph = { inputs: [], outputs: values, updates: [] }
  return [
    ...substitute(graph, (node, inputs) =>
      rebuildNode(node, inputs).map((output, i) => (node.outputs[i] === from ? to : output)),
    ).outputs,
  ]
}
