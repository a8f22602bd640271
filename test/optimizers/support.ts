// Steps an optimizer on the cpu backend.
import { placeholder, Variable } from '../../src/graph'
import { applyOptimizer, createOptimizerState, type Optimizer, type OptimizerState } from '../../src/optimizers'
import { compile, selectBackend } from '../../src/runtime'
import { asTensor, type TensorLike } from '../../src/tensor'

/** Weights being moved by an optimizer. */
export interface Training {
  readonly weights: readonly Variable[]
  readonly state: OptimizerState
  /** One step with these gradients; gives the norm of the gradients and the learning rate. */
  step(...gradients: readonly TensorLike[]): Promise<{ norm: number; rate: number }>
  /** The first weight's elements. */
  first(): Promise<number[]>
}

/** Weights named `layer/0`, `layer/1`, ... with an optimizer. */
export async function training(optimizer: Optimizer, ...initial: readonly TensorLike[]): Promise<Training> {
  const weights = initial.map((content, i) => new Variable(`layer/${i}`, asTensor(content)))
  const state = createOptimizerState(optimizer, weights)
  const inputs = weights.map(({ shape, dtype }) => placeholder(shape, dtype))
  const { updates, gradientNorm, learningRate } = applyOptimizer(optimizer, weights, inputs, state)
  const compiled = await compile({ inputs, outputs: [gradientNorm, learningRate], updates }, await selectBackend('cpu'))
  return {
    weights,
    state,
    async step(...gradients) {
      const [norm, rate] = await compiled.run(gradients.map((gradient) => asTensor(gradient)))
      return { norm: norm.item(), rate: rate.item() }
    },
    first: async () => Array.from((await weights[0].read()).data),
  }
}
