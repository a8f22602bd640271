// Programs of a model, by what they are traced for, on one backend: what predictions run on.

import type { Backend, BackendInfo, BackendOption } from '../backends/backend'
import { type Masks, present, shapesKey, shapesOf, signatureKey } from '../feed/stepData'
import { type Graph, lower, type Program, Variable } from '../graph'
import type { Layer } from '../layers'
import { backendFor, type Compiled, compileProgram, Programs, release } from '../runtime'
import { getSeed, type Tensor, tensor } from '../tensor'
import { breathe } from './breathe'
import { tracePrediction } from './tracePrediction'

/** Programs of a model on one backend. */
export class Engine {
  private readonly model: Layer
  private readonly option: BackendOption
  private readonly programs: Programs<{ compiled: Compiled }>
  private readonly random: Variable
  private ready: Backend | undefined

  /** @param maxProgramBytes - what its programs may hold. */
  constructor(model: Layer, option: BackendOption, maxProgramBytes: number) {
    this.model = model
    this.programs = new Programs(maxProgramBytes)
    this.option = option
    this.random = new Variable('random', tensor([getSeed(), 0], [2], 'int32'), { trainable: false })
  }

  /** What is in use, once something has run. */
  get info(): BackendInfo | undefined {
    return this.ready?.info
  }

  /** The program for a key, traced and compiled the first time. */
  program(key: string, trace: () => Graph): Compiled | Promise<Compiled> {
    const found = this.programs.get(key, async () => ({ compiled: await this.make(trace) }))
    return found instanceof Promise ? found.then(({ compiled }) => compiled) : found.compiled
  }

  /** A program for a graph, which the engine does not keep: who asks for it disposes of it. */
  async make(trace: () => Graph): Promise<Compiled> {
    this.nameVariables()
    const graph = trace()
    // In a page input is answered in between.
    await breathe()
    const { program, backend } = await this.lowered(graph)
    await breathe()
    return compileProgram(program, backend)
  }

  /** A graph as a Program, and the backend it is for. */
  protected async lowered(graph: Graph): Promise<{ program: Program; backend: Backend }> {
    const backend = await backendFor(graph, this.option)
    // What sums up a float64 model's logs may run elsewhere than the model, which is what people ask for.
    if (graph.inputs.length > 0 || this.ready === undefined) this.ready = backend
    return { program: lower(graph, backend.lowering), backend }
  }

  /** Names the weights by their paths in this model: programs and the optimizer's state name them so. */
  protected nameVariables(): void {
    for (const [path, { variable }] of this.model.weightPaths()) variable.name = path
  }

  /** The outputs for a batch: at once where nothing has to be waited for. */
  predict(x: readonly Tensor[], training = false, masks: Masks = []): Tensor[] | Promise<Tensor[]> {
    const inputs = [...x, ...present(masks)]
    const key = `predict ${training} ${shapesKey(masks)} ${signatureKey(inputs)}`
    const program = this.program(key, () =>
      tracePrediction(this.model, x, this.random, training, undefined, shapesOf(masks)),
    )
    return program instanceof Promise
      ? program.then((made) => this.runOnBatch(made, inputs))
      : this.runOnBatch(program, inputs)
  }

  /** Runs a program of a batch. @throws ShapeError where a stateful layer carries states of batches of another size. */
  protected runOnBatch(program: Compiled, inputs: readonly Tensor[]): Tensor[] | Promise<Tensor[]> {
    if (this.model.isStateful) this.model.acceptRun(new Set(program.variables))
    return program.run(inputs)
  }

  get randomState(): Variable {
    return this.random
  }

  /** Forgets all programs: what was traced no longer holds (a layer was frozen, say). */
  forget(): void {
    this.programs.clear()
  }

  /** Frees everything on the device; weights come back to the host. */
  async dispose(): Promise<void> {
    this.forget()
    await release(this.random)
  }
}
