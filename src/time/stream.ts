// Streams: a model that is given a sequence piece by piece, and goes on where the piece before ended.

import type { BackendOption } from '../backends/backend'
import { checkOptions, didYouMean, isList, OptionError, requirePositiveInteger, ShapeError, textOf } from '../errors'
import type { ModelData } from '../feed/binding'
import { type FedModel, givenOutputs, type Outputs } from '../feed/fedModel'
import { checkFinite } from '../feed/finite'
import { type Graph, Variable } from '../graph'
import { Layer } from '../layers'
import { type Compiled, checkBackendOption } from '../runtime'
import { type Carried, CarriedVariables } from '../step/carried'
import { tracePrediction } from '../step/tracePrediction'
import { asTensor, formatShape, getSeed, sameShape, type Tensor, type TensorLike, tensor } from '../tensor'
import type { Chunk, Known } from './chunk'
import { overTime } from './overTime'

/** Options of a stream. */
export interface StreamOptions {
  /** The number of sequences that go on side by side; 1 by default. */
  readonly batchSize?: number
  /**
   * How many steps attention remembers: a step attends to so many, itself among them. The most steps that the model's
   * sequences have, where layers say so (as `positionEmbedding` does), else 512, by default.
   */
  readonly window?: number
  /** Where to compute; where the model trains, else `'auto'`, by default. */
  readonly backend?: BackendOption
}

/** What the layers of a stream remember, by layer: for an `lstm` `[h, c]`, for others `[h]`. */
export type StreamState = Record<string, readonly Tensor[]>

/** A model that makes streams. */
export interface StreamingModel extends FedModel {
  stream(options?: StreamOptions): Stream<Outputs>
  predict(x: ModelData, options?: { readonly backend?: BackendOption }): Promise<Outputs>
}

/** For how many lengths of chunks a stream keeps programs: a run of many lengths must not fill the memory. */
const mostPrograms = 32

/**
 * A model that goes through a sequence piece by piece; made by `model.stream()`.
 *
 * @example
 * ```ts
 * const stream = model.stream({ batchSize: 1 })
 * const first = await stream.push([[[0.1, 0.2]]]) // one step of two features
 * ```
 */
export class Stream<P extends Outputs = Tensor> {
  /** The number of sequences that go on side by side. */
  readonly batchSize: number
  private readonly window: number | undefined
  /** How many steps the sequence has by now. */
  private seen = 0
  private readonly model: FedModel
  private readonly option: BackendOption
  private readonly random = new Variable('random', tensor([getSeed(), 0], [2], 'int32'), { trainable: false })
  /** By the number of steps in a chunk, the last used at the end. */
  private readonly programs = new Map<number, Compiled>()
  private known: Known | undefined
  /** Checks the data of a chunk; loaded with the first. */
  private accepts: ((chunk: ModelData) => Chunk) | undefined
  /** Calls wait for those before them. */
  private queue: Promise<unknown> = Promise.resolve()

  /** @param option - the backend, where the options name none. */
  constructor(model: FedModel, option: BackendOption, options: StreamOptions) {
    checkOptions('stream', options, ['batchSize', 'window', 'backend'])
    this.batchSize = requirePositiveInteger('stream', 'batchSize', options.batchSize ?? 1)
    this.window = options.window === undefined ? undefined : requirePositiveInteger('stream', 'window', options.window)
    this.model = model
    this.option = checkBackendOption(options.backend ?? option)
    if (model.built) this.parts()
  }

  /**
   * Takes the next steps of the sequence.
   *
   * @param chunk - `[batchSize, steps, ...]`, with any number of steps; for several inputs a list or a record of these.
   *   An input without time is given as it is, `[batchSize, ...]`.
   * @returns the outputs for these steps: `[batchSize, steps, ...]`, or, where the model gives one output for a whole
   *   sequence, that for the sequence up to here. Several outputs come as a list.
   * @throws ShapeError for another number of sequences or features; DataError for what is not finite, or no index.
   */
  async push(chunk: ModelData): Promise<P> {
    const accepted = this.accepts?.(chunk)
    // Nested lists may be written to while they wait.
    const waiting = accepted === undefined ? copied(chunk) : undefined
    return this.next(async () => {
      const { inputs, steps } = accepted ?? (await this.acceptLater(waiting as ModelData))
      this.requireRoom(steps)
      const program = await this.programFor(inputs, steps)
      const outputs = await program.run(inputs)
      this.seen += steps
      return givenOutputs(this.model, outputs) as P // by what the outputs are, which P says
    })
  }

  /**
   * What the layers remember. To read it is a promise, since it lies where the model computes; what is set counts from the
   * next `push` on. Layers that are not named keep what they remember.
   *
   * @throws OptionError for a layer that remembers nothing; ShapeError for states of another shape, or number;
   * DataError for what is not finite.
   */
  get state(): Promise<StreamState> {
    const carried = this.carried()
    return this.next(async () => {
      const entries = carried.map(async ({ name, variables }) => {
        return [name, await Promise.all(variables.map((variable) => variable.read()))] as const
      })
      return Object.fromEntries(await Promise.all(entries))
    })
  }

  set state(state: Readonly<Record<string, readonly TensorLike[]>>) {
    const carried = this.carried()
    if (typeof state !== 'object' || state === null)
      throw new OptionError(`stream.state: expected states by layer such as { lstm: [h, c] }, got ${textOf(state)}`)
    const writes = Object.entries(state).flatMap(([name, tensors]) => checkState(carried, name, tensors))
    void this.next(async () => {
      for (const { variable, data } of writes) await variable.write(data)
    })
  }

  /** Begins anew: all states are zeros. */
  async reset(): Promise<void> {
    return this.next(async () => {
      this.seen = 0
      await this.known?.carried.reset()
    })
  }

  /** Frees what the stream holds on devices. It can be used again, and goes on where it was. */
  async dispose(): Promise<void> {
    return this.next(async () => {
      for (const program of this.programs.values()) program.dispose()
      this.programs.clear()
      await this.known?.carried.dispose()
      const { release } = await import('../runtime')
      await release(this.random)
    })
  }

  /** @throws ShapeError for more steps than a layer has places for. */
  private requireRoom(steps: number): void {
    const { layer, most } = mostSteps(this.model) ?? { layer: '', most: Number.POSITIVE_INFINITY }
    if (this.seen + steps <= most) return
    throw new ShapeError(
      `stream.push: layer '${layer}': expected at most ${most} steps in all, got ${this.seen + steps}; reset() begins anew`,
    )
  }

  private next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }

  /** What is known of the model once it is built. @throws OptionError where it cannot be a stream. */
  private parts(): Known {
    if (this.known !== undefined) return this.known
    const { model } = this
    const time = overTime(model, `${model.name}.stream`)
    const checked = model.calls.flatMap(({ layer, inputs, given: { settings } }) =>
      layer.checkData === Layer.prototype.checkData
        ? []
        : model.inputs.flatMap((input, i) => (inputs.includes(input) ? [{ layer, settings, input: i }] : [])),
    )
    this.known = { time, carried: new CarriedVariables(time.carrying), checked }
    return this.known
  }

  /** Loads what takes data, then takes the first. */
  private async acceptLater(chunk: ModelData): Promise<Chunk> {
    const { acceptChunk } = await import('./chunk')
    const accepts = (given: ModelData) => acceptChunk(this.model, this.batchSize, given, () => this.parts())
    this.accepts = accepts
    return accepts(chunk)
  }

  private async programFor(inputs: readonly Tensor[], steps: number): Promise<Compiled> {
    const known = this.programs.get(steps)
    const program = known ?? (await this.compile(inputs))
    this.programs.delete(steps)
    this.programs.set(steps, program)
    const [[oldest, unused]] = this.programs
    if (this.programs.size > mostPrograms) {
      this.programs.delete(oldest)
      unused.dispose()
    }
    return program
  }

  private async compile(inputs: readonly Tensor[]): Promise<Compiled> {
    const graph = this.trace(inputs)
    const { backendFor, compile } = await import('../runtime')
    return compile(graph, await backendFor(graph, this.option))
  }

  private trace(inputs: readonly Pick<Tensor, 'shape' | 'dtype'>[]): Graph {
    return tracePrediction(
      this.model,
      inputs,
      this.random,
      false,
      this.parts().carried.carrier(),
      [],
      false,
      this.window ?? mostSteps(this.model)?.most,
    )
  }

  /** What is remembered and can be seen; traced on one step where nothing has run yet. */
  private carried(): readonly Carried[] {
    if (!this.model.built)
      throw new OptionError(`${this.model.name}.stream: state: the model has no weights yet; push first`)
    const { carried, time } = this.parts()
    if (carried.all.length === 0) {
      this.trace(
        this.model.computed.inputs.map(({ shape, dtype }, i) => {
          const first = time.inputs[i] === 'sequence' ? 1 : 0
          return { shape: [this.batchSize, ...shape.map((length, axis) => (axis < first ? 1 : (length ?? 1)))], dtype }
        }),
      )
    }
    return carried.all.filter(({ part }) => part !== 'output')
  }
}

/** The layer whose sequences are shortest, where any has a limit. */
export function mostSteps(model: Layer): { readonly layer: string; readonly most: number } | undefined {
  const own = model.mostSteps === undefined ? [] : [{ layer: model.name, most: model.mostSteps }]
  const all = [...own, ...model.innerLayers.flatMap((inner) => mostSteps(inner) ?? [])]
  return all.sort((a, b) => a.most - b.most)[0]
}

/** Deeper than any data: what contains itself has no end, and is refused where it is read. */
const deepest = 64

/** The lists and records in data, as they are now. */
function copied<T>(given: T, depth?: number): T
function copied(given: unknown, depth = 0): unknown {
  if (depth > deepest) return given
  if (isList(given)) return given.map((item) => copied(item, depth + 1))
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) return given
  return Object.fromEntries(Object.entries(given).map(([name, item]) => [name, copied(item, depth + 1)]))
}

function checkState(carried: readonly Carried[], name: string, tensors: readonly TensorLike[]) {
  const names = carried.map((entry) => entry.name)
  const found = carried.find((entry) => entry.name === name)
  if (found === undefined) {
    throw new OptionError(`stream.state: no layer '${name}' remembers anything.${didYouMean(name, names)}`)
  }
  const { variables } = found
  if (!Array.isArray(tensors) || tensors.length !== variables.length) {
    const got = Array.isArray(tensors) ? `a list of ${tensors.length}` : typeof tensors
    throw new ShapeError(`stream.state: ${name}: expected a list of ${variables.length} tensors, got ${got}`)
  }
  return variables.map((variable, i) => {
    const data = asTensor(tensors[i], variable.dtype)
    checkFinite([data], `stream.state: ${name}`)
    if (sameShape(data.shape, variable.shape)) return { variable, data }
    throw new ShapeError(
      `stream.state: ${name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(data.shape)}`,
    )
  })
}
