// Training on the side: an engine whose programs change copies of the model's variables, and nothing of the model.
import type { Backend } from '../backends/backend'
import type { StepData } from '../feed/stepData'
import { type Graph, type Program, Variable } from '../graph'
import { release } from '../runtime'
import type { StepMode } from './traceStep'
import { TrainingEngine } from './trainingEngine'

/**
 * An engine with an optimizer, running metrics and random numbers of its own, that works on copies of the weights and of
 * the states that stateful layers carry. A copy is made when a program first uses the variable.
 */
export class ScratchEngine extends TrainingEngine {
  private readonly copies = new Map<Variable, Variable>()
  private readonly used = new Set<Variable>()

  /** The Program of a step, without compiling it. */
  async plan(data: StepData, mode: StepMode): Promise<Program> {
    return (await this.lowered(this.stepGraph(data, mode))).program
  }

  /** The variables, its own and the model's, that programs have used. */
  get usedVariables(): readonly Variable[] {
    return [...this.used]
  }

  /** The Program as it is, but for whose variables it works on. */
  protected override async lowered(graph: Graph): Promise<{ program: Program; backend: Backend }> {
    const { program, backend } = await super.lowered(graph)
    const own = new Set(this.ownVariables)
    const storages = program.storages.map(async (storage) => {
      if (storage.kind !== 'variable') return storage
      const { variable } = storage
      this.used.add(variable)
      return own.has(variable) ? storage : { ...storage, variable: await this.copyOf(variable) }
    })
    return { program: { ...program, storages: await Promise.all(storages) }, backend }
  }

  private async copyOf(variable: Variable): Promise<Variable> {
    const content = await variable.read()
    const copy = this.copies.get(variable) ?? new Variable(variable.name, content, { trainable: variable.trainable })
    this.copies.set(variable, copy)
    return copy
  }

  override async dispose(): Promise<void> {
    await super.dispose()
    for (const copy of this.copies.values()) await release(copy)
  }
}
