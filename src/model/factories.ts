// The two ways to make a model: a list of layers, or a graph of them.

import { checkOptions, describeValue, OptionError } from '../errors'
import type { ModelJSON } from '../formats/architecture'
import {
  type Chain,
  checkCommon,
  Layer,
  layerRegistry,
  type RankOf,
  registerLayer,
  SymbolicTensor,
  type Taken,
} from '../layers'
import type { PartialShape, Tensor } from '../tensor'
import { modelFromJSON } from './fromJSON'
import { Model, type ModelOptions } from './model'
import type { Ends, Predicted } from './typed'

/**
 * A model in which every layer feeds the next.
 *
 * @param layers - at least one layer.
 * @param options - `name`, `inputShape` (without the batch; unknown lengths are `null`) and `dtype`. Without an input
 *   shape the model builds itself at its first data.
 *
 * @example
 * ```ts
 * const forecaster = sequential([lstm(32), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })
 * ```
 */
export const sequential = /* @__PURE__ */ modelFactory('sequential', sequentialOf)

function sequentialOf<L extends readonly Layer[], const S extends PartialShape = PartialShape>(
  layers: readonly [...L] & NoInfer<Chain<L, RankOf<S>>>,
  options: ModelOptions & { readonly inputShape?: S } = {},
): Model<Tensor, 'loss', Taken<L, RankOf<S>>> {
  checkOptions('sequential', options, ['name', 'inputShape', 'dtype'])
  checkCommon('sequential', options)
  if (!Array.isArray(layers)) {
    const given = layers as unknown // not a list, whatever its type says
    throw new OptionError(
      `sequential: expected a list of layers, got ${given instanceof Layer ? `the layer ${given.name} without a list: write [ ]` : describeValue(given)}`,
    )
  }
  if (layers.length === 0) throw new OptionError('sequential: expected a list of layers, got an empty one')
  const wrong = layers.findIndex((layer) => !(layer instanceof Layer))
  if (wrong >= 0) {
    const given: unknown = layers[wrong]
    const hint = typeof given === 'function' ? '; a layer is made by a call, such as flatten()' : ''
    throw new OptionError(`sequential: expected layers, got ${describeValue(given)} at position ${wrong}${hint}`)
  }
  return new Model({ kind: 'sequential', layers, inputShape: options.inputShape }, options)
}

/** A model inside a model is saved like any layer. */
function modelFactory<F extends (...given: never) => Layer>(kind: string, make: F): F {
  // What is in it is checked there.
  return layerRegistry.declareAs(make, kind, ({ architecture }) => modelFromJSON(architecture as ModelJSON))
}

/** What {@link model} is made from. */
export interface FunctionalOptions<O extends Ends = Ends> {
  /** One input, or several as a list or by name, as `input` makes them. By name, `fit` and `predict` take them as records of these names. */
  readonly inputs: Ends
  /** What is to come out. By name, targets, losses and logs go by these names, and `predict` gives a record. */
  readonly outputs: O
  /** The model's name; `model` by default. */
  readonly name?: string
}

/**
 * A model from a graph of layers, with one or several inputs and outputs.
 *
 * @example
 * ```ts
 * const x = input({ shape: [null, 4] })
 * const y = dense(1).apply(lstm(8).apply(x))
 * const net = model({ inputs: x, outputs: y })
 * const named = model({ inputs: { series: x }, outputs: { forecast: y } })
 * const { forecast } = await named.predict({ series: randomNormal([2, 9, 4]) })
 * ```
 */
export const model = /* @__PURE__ */ modelFactory('model', modelOf)

function modelOf<const O extends Ends>(options: FunctionalOptions<O>): Model<Predicted<O>> {
  checkOptions('model', options, ['inputs', 'outputs', 'name'])
  const { name } = options ?? {}
  checkCommon('model', { name })
  const [inputs, outputs] = [endsOf(options?.inputs), endsOf(options?.outputs)]
  if (inputs.list.length === 0 || outputs.list.length === 0)
    throw new OptionError('model: expected at least one input and one output')
  checkInputs(inputs.list)
  return new Model<Predicted<O>>(
    {
      kind: 'functional',
      inputs: inputs.list,
      outputs: outputs.list,
      inputNames: inputs.names,
      outputNames: outputs.names,
    },
    name === undefined ? {} : { name },
  )
}

/** Inputs or outputs in their order, and their names where they have some: then in the order of these, as in Keras. */
function endsOf(ends: Ends | undefined): {
  readonly list: readonly SymbolicTensor[]
  readonly names: readonly string[] | undefined
} {
  if (ends instanceof SymbolicTensor) return { list: [ends], names: undefined }
  if (Array.isArray(ends)) return { list: ends, names: undefined }
  const entries = Object.entries(ends ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return { list: entries.map(([, end]) => end), names: entries.map(([name]) => name) }
}

/** @throws OptionError where an input is given twice. */
function checkInputs(inputs: readonly SymbolicTensor[]): void {
  const again = inputs.find((item, i) => inputs.indexOf(item) !== i)
  if (again !== undefined) throw new OptionError(`model: inputs: expected each once, got ${again.name} twice`)
}

/**
 * Registers a class that extends {@link Model}, so that its models can be saved and loaded. The constructor takes in one record what
 * `config()` gave, and the common options, which it hands on to `super`.
 *
 * @throws OptionError when the name is taken, and for what is no such class.
 *
 * @example
 * ```ts
 * class Net extends Model {
 *   readonly units: number
 *   readonly out
 *   constructor({ units = 4, ...options }: SubclassOptions & { units?: number } = {}) {
 *     super(options)
 *     this.units = units
 *     this.out = dense(units)
 *   }
 *   call(x: Value) { return this.out.apply(x) }
 *   config() { return { units: this.units } }
 * }
 * registerModel('net', Net)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: what a constructor takes is its own affair.
export function registerModel(name: string, own: new (options: any) => Model): void {
  if (typeof own !== 'function' || !(own.prototype instanceof Model)) {
    throw new OptionError(`registerModel: expected a class that extends Model, got ${describeValue(own)}`)
  }
  registerLayer(name, own)
}
