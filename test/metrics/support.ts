// Runs a metric over batches on the cpu backend, as the steps of an epoch do.
import { constant, placeholder } from '../../src/graph'
import type { Metric } from '../../src/metrics'
import { compile, selectBackend } from '../../src/runtime'
import { asTensor, type NestedArray, type Tensor, type TensorLike } from '../../src/tensor'

/** Targets, predictions, weights. */
export type Batch = readonly [TensorLike, TensorLike, TensorLike?]

/** What the metric says after the last batch. */
export async function resultOf(metric: Metric, ...batches: readonly Batch[]): Promise<NestedArray> {
  const backend = await selectBackend('cpu')
  let state: Record<string, Tensor> = metric.state(asTensor(batches[0][1]).shape)
  let result = asTensor(0)
  for (const batch of batches) {
    const given = batch.flatMap((part) => (part === undefined ? [] : [asTensor(part)]))
    const [yTrue, yPred, weights] = given.map(({ shape, dtype }) => placeholder(shape, dtype))
    const before = Object.entries(state).map(([name, content]) => [name, constant(content)] as const)
    const after = metric.update(Object.fromEntries(before), yTrue, yPred, weights)
    const names = Object.keys(after)
    const outputs = [metric.result(after), ...names.map((name) => after[name])]
    const inputs = weights === undefined ? [yTrue, yPred] : [yTrue, yPred, weights]
    const compiled = await compile({ inputs, outputs, updates: [] }, backend)
    const [number, ...contents] = await compiled.run(given)
    result = number
    state = Object.fromEntries(names.map((name, i) => [name, contents[i]]))
    compiled.dispose()
  }
  return result.toArray()
}
