// Training on the side: an engine whose programs change copies of the model's variables, and nothing of the model.
import { type Graph, lower, nodesOf, type Program, rebuildNode, substitute, Variable, variableOf } from '../graph'
import { release } from '../runtime'
import { type StepData, TrainingEngine } from './engine'
import type { StepMode } from './trace-step'

/**
 * An engine with an optimizer, running metrics and random numbers of its own, that works on copies of the weights and of
 * the states that stateful layers carry. A copy is made when a program first uses the variable.
 */
export class ScratchEngine extends TrainingEngine {
  private readonly copies = new Map<Variable, Variable>()
  private readonly all = new Set<Variable>()

  /** The Program of a step, without compiling it. */
  async plan(data: StepData, mode: StepMode): Promise<Program> {
    const backend = await this.backend()
    return lower(await this.prepare(this.stepGraph(data, mode)), backend.lowering)
  }

  /** The variables, its own and the model's, that programs have used. */
  get usedVariables(): readonly Variable[] {
    return [...this.all]
  }

  protected override async prepare(graph: Graph): Promise<Graph> {
    const own = new Set(this.ownVariables)
    for (const variable of variablesOf(graph)) {
      this.all.add(variable)
      if (own.has(variable) || this.copies.has(variable)) continue
      this.copies.set(variable, new Variable(variable.name, await variable.read(), { trainable: variable.trainable }))
    }
    return this.onCopies(graph)
  }

  private onCopies(graph: Graph): Graph {
    const replaced = new Map([...this.copies].map(([variable, copy]) => [variable.value, copy.value]))
    const { inputs, outputs, updates } = substitute(graph, rebuildNode, replaced)
    return {
      inputs,
      outputs,
      updates: updates.map(({ variable, value }) => ({ variable: replaced.get(variable) ?? variable, value })),
    }
  }

  override async dispose(): Promise<void> {
    await super.dispose()
    for (const copy of this.copies.values()) await release(copy)
  }
}

/** The variables that a graph reads or writes. */
function variablesOf(graph: Graph): Set<Variable> {
  const read = nodesOf(graph).flatMap(({ outputs }) => outputs)
  const written = graph.updates.map(({ variable }) => variable)
  return new Set([...read, ...written].map(variableOf).filter((variable) => variable !== undefined))
}
