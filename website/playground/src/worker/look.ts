// Looking inside: what a cell does while it reads one of the held-out sequences, and what its output depends on.
import { model as functional, grad, input, jit, type Layer, type Model, ops, Tensor, type Value } from 'hornbeam'
import { cells } from '../cells'
import type { Experiment } from '../state/state'
import type { ReadyTask } from '../tasks/ready'
import type { Checked, Look, Part, Seen } from './protocol'
import type { Batches, Racer } from './racer'
import { termsOf } from './terms'

/** One sequence of many. */
export function sampleOf({ x, y }: Batches, sample: number): Batches {
  const one = (tensor: Tensor): Tensor => {
    const size = tensor.size / tensor.shape[0]
    return new Tensor(
      tensor.data.slice(sample * size, (sample + 1) * size),
      [1, ...tensor.shape.slice(1)],
      tensor.dtype,
    )
  }
  return { x: one(x), y: one(y) }
}

/** The recurrent layers, bottom to top. */
export const recurrentLayers = (model: Model): Layer[] => model.layers.filter(({ kind }) => kind in cells)

type Slope = (x: Tensor, wanted: Tensor) => Promise<Tensor>
const slopes = new WeakMap<Model, Slope>()
const rests = new WeakMap<Model, Model>()

/** What is seen in a cell. */
export async function lookInside(
  racer: Racer,
  experiment: Experiment,
  task: ReadyTask,
  heldOut: Batches,
  look: Look,
): Promise<Seen> {
  const model = await racer.at(look.moment)
  const { x, y } = sampleOf(heldOut, look.sample)
  const [, steps, features] = x.shape
  const layers = recurrentLayers(model)
  const layer = Math.min(look.layer, layers.length - 1)
  const step = look.step < 0 ? steps - 1 : Math.min(look.step, steps - 1)
  const unit = Math.min(look.unit, experiment.units - 1)
  const at: Look = { ...look, layer, step, unit }
  const all: Record<string, Tensor>[] = []
  for (const each of layers) all.push(partsOf(racer, await model.inspect(x, { layer: each })))
  let output: Float32Array = Float32Array.from((await model.predict(x)).data)
  if (look.poke !== undefined && look.poke.layer < layers.length) {
    output = await poked(model, racer, x, all, output, { ...look.poke }, experiment)
  }
  const target = Array.from(y.data)
  const depends = await dependsOn(model, experiment, task, x, target, step)
  const parts: Part[] = Object.entries(all[layer]).map(([name, tensor]) => ({ name, values: unitByUnit(tensor) }))
  return {
    cell: racer.cell,
    at,
    trained: look.moment < 0 ? racer.step : look.moment,
    steps,
    units: experiment.units,
    x: Float32Array.from(x.data),
    features,
    target,
    output,
    outputs: task.outputs.length,
    parts,
    depends,
    terms: await termsOf(racer.cell, model, layers[layer], layer === 0 ? x : lower(all[layer - 1]), all[layer], at),
  }
}

const lower = (parts: Readonly<Record<string, Tensor>>): Tensor | undefined => parts.hidden

function partsOf({ cell }: Racer, seen: unknown): Record<string, Tensor> {
  const tensors = seen as Readonly<Record<string, Tensor>> // an inspection has its tensors under their names
  return Object.fromEntries(cells[cell].parts.map((name) => [name, tensors[name]]))
}

function unitByUnit({ data, shape: [, steps, units] }: Tensor): Float32Array {
  const values = new Float32Array(steps * units)
  for (let t = 0; t < steps; t++) for (let u = 0; u < units; u++) values[u * steps + t] = data[t * units + u]
  return values
}

/** The gradient of one output by the inputs: its norm for each step. */
async function dependsOn(
  model: Model,
  { backend }: Experiment,
  task: ReadyTask,
  x: Tensor,
  target: readonly number[],
  step: number,
): Promise<number[]> {
  const [, steps, features] = x.shape
  const outputs = task.outputs.length
  let slope = slopes.get(model)
  if (slope === undefined) {
    const said = (given: Value): Value => model.apply(given) as Value // it has one output
    slope = jit((given: Value, wanted: Value) => grad((z: Value) => ops.sum(ops.mul(said(z), wanted)))(given), {
      backend,
    })
    slopes.set(model, slope)
  }
  const shape = task.everyStep ? [1, steps, outputs] : [1, outputs]
  const wanted = new Float32Array((task.everyStep ? steps : 1) * outputs)
  const place = task.everyStep ? step : 0
  wanted[place * outputs + (task.says === 'classes' ? target[place] : 0)] = 1
  const { data } = await slope(x, new Tensor(wanted, shape))
  return Array.from({ length: steps }, (_, t) => Math.hypot(...data.slice(t * features, (t + 1) * features)))
}

/** The states of all layers after a step, and the rest of the sequence as a model of its own that begins with them. */
function restOf(model: Model, { cell }: Racer, features: number, units: number): Model {
  const known = rests.get(model)
  if (known !== undefined) return known
  const x = input({ shape: [null, features] })
  const begun = recurrentLayers(model).map(() => cells[cell].states.map(() => input({ shape: [units] })))
  let at = x
  for (const layer of model.layers) {
    const level = recurrentLayers(model).indexOf(layer)
    at = (level < 0 ? layer.apply(at) : layer.apply(at, { initialState: begun[level] })) as typeof x // one in, one out
  }
  const rest = functional({ inputs: [x, ...begun.flat()], outputs: at })
  rests.set(model, rest)
  return rest
}

/** Sets a hidden value after a step, and lets the rest of the sequence follow from it: changes `all`, and gives the output. */
async function poked(
  model: Model,
  racer: Racer,
  x: Tensor,
  all: Record<string, Tensor>[],
  output: Float32Array,
  { layer, step, unit, value }: { layer: number; step: number; unit: number; value: number },
  { units }: Experiment,
): Promise<Float32Array> {
  const [, steps, features] = x.shape
  if (step >= steps || unit >= units) return output
  const { states } = cells[racer.cell]
  const touched = states[states.length - 1] === 'cell' && all[layer].cell !== undefined ? 'hidden' : states[0]
  all[layer][touched] = withValue(all[layer][touched], step * units + unit, value)
  if (step === steps - 1) return output
  const after = new Tensor(x.data.slice((step + 1) * features), [1, steps - step - 1, features])
  const begun = all.flatMap((parts) =>
    states.map((name) => new Tensor(parts[name].data.slice(step * units, (step + 1) * units), [1, units])),
  )
  const rest = restOf(model, racer, features, units)
  const inputs = [after, ...begun]
  const layers = recurrentLayers(model)
  for (const [level, each] of layers.entries()) {
    const seen = partsOf(racer, await rest.inspect(inputs, { layer: each }))
    for (const [name, tensor] of Object.entries(seen)) {
      const data = Float32Array.from(all[level][name].data)
      data.set(tensor.data, (step + 1) * units)
      all[level][name] = new Tensor(data, [1, steps, units])
    }
  }
  const said = (await rest.predict(inputs)).data
  const whole = Float32Array.from(output)
  whole.set(said, whole.length - said.length)
  return whole
}

function withValue({ data, shape }: Tensor, place: number, value: number): Tensor {
  const copy = Float32Array.from(data)
  copy[place] = value
  return new Tensor(copy, shape)
}

/** How well a cell does on the held-out sequences, and how its gradient flows. */
export async function check(
  racer: Racer,
  task: ReadyTask,
  heldOut: Batches,
  moment: number,
  length: number,
): Promise<Checked> {
  const model = await racer.at(moment)
  const [samples, steps] = heldOut.x.shape
  // Of the last output alone: with a loss at every step none would be far from the gradient it begins.
  const last = Array.from({ length: samples }, () => Array.from({ length: steps }, (_, t) => (t < steps - 1 ? 0 : 1)))
  const flow = await model.gradientFlow(heldOut.x, heldOut.y, task.everyStep ? { sampleWeight: last } : {})
  const { loss } = await model.testOnBatch(heldOut.x, heldOut.y)
  const { data } = await model.predict(heldOut.x)
  return {
    cell: racer.cell,
    step: moment < 0 ? racer.step : moment,
    loss,
    score: scoreOf(task, data, heldOut, length),
    flow: flow.layers.map(({ hidden, cell, factor, verdict, advice }) => ({ hidden, cell, factor, verdict, advice })),
  }
}

function scoreOf(task: ReadyTask, said: ArrayLike<number>, { y }: Batches, length: number): number {
  const places = task.everyStep ? y.shape[1] : 1
  const first = task.everyStep ? task.counts(length) : 0
  const outputs = task.outputs.length
  const wanted = y.data
  let right = 0
  let counted = 0
  let squares = 0
  const kept: number[] = []
  for (let i = 0; i < wanted.length; i++) {
    if (i % places < first) continue
    counted++
    kept.push(wanted[i])
    if (task.says === 'number') squares += (said[i] - wanted[i]) ** 2
    else if (task.says === 'bit') right += Number(said[i] > 0.5 === wanted[i] > 0.5)
    else right += Number(likeliest(said, i * outputs, outputs) === wanted[i])
  }
  if (task.says !== 'number') return right / counted
  const mean = kept.reduce((sum, value) => sum + value, 0) / counted
  return 1 - squares / kept.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

export function likeliest(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if (values[from + i] > values[from + best]) best = i
  return best
}
