// What docs/architecture.md shows of one small model: its programs, and what comes back when they run.
import { dense, lstm, randomNormal, sequential, setSeed } from '../../src'
import { acceptBatch } from '../../src/feed/targets'
import { lower, nodesOf, printProgram, Variable } from '../../src/graph'
import { tracePrediction } from '../../src/step/tracePrediction'
import { tensor } from '../../src/tensor'

function smallModel() {
  setSeed(1)
  return sequential([lstm(2), dense(1)], { inputShape: [3, 1] }).compile({
    optimizer: 'sgd',
    learningRate: 0.1,
    loss: 'mse',
    globalClipNorm: 1,
    backend: 'cpu',
  })
}

const x = randomNormal([4, 3, 1], { seed: 1 })
const y = randomNormal([4, 1], { seed: 2 })

/** The primitives a prediction is traced into, in the order of the graph. */
export function tracedPrediction(): string {
  const random = new Variable('random', tensor([1, 0], [2], 'int32'), { trainable: false })
  const graph = tracePrediction(smallModel(), [x], random)
  const lines = nodesOf(graph).map(({ primitive, outputs, scope }) => {
    const shapes = outputs.map(({ dtype, shape }) => `${dtype}[${shape.join(', ')}]`).join(' ')
    return `${(scope ?? '').padEnd(6)} ${primitive.name.padEnd(10)} ${shapes}`.trimEnd()
  })
  return fenced(lines.join('\n'))
}

/** The same as a Program. */
export function predictionProgram(): string {
  const random = new Variable('random', tensor([1, 0], [2], 'int32'), { trainable: false })
  return fenced(printProgram(lower(tracePrediction(smallModel(), [x], random))))
}

/** The train step as a Program. */
export async function trainingProgram(): Promise<string> {
  const model = smallModel()
  const data = acceptBatch(model, x, y, {}, 'trainOnBatch')
  const { program } = await (await model.trainingEngine('fit')).stepProgram(data, { train: true, fresh: true })
  return fenced(printProgram(program))
}

/** What running it gives. */
export async function trainedModel(): Promise<string> {
  const model = smallModel()
  const lines: string[] = []
  for (let step = 1; step <= 3; step++) {
    const { loss } = await model.trainOnBatch(x, y)
    lines.push(`step ${step}: loss ${loss.toFixed(6)}`)
  }
  const [kernel] = await model.getLayer('dense').getWeights()
  lines.push(`dense/kernel: ${Array.from(kernel.data, (value) => value.toFixed(6)).join(', ')}`)
  return fenced(lines.join('\n'))
}

function fenced(text: string): string {
  return ['```text', text, '```'].join('\n')
}
