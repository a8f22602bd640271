// npm run estimate: holds what `model.estimate` says of the workloads against what their training takes.
import { parseArgs } from 'node:util'
import * as hornbeam from '../../src/index'
import { build } from '../contestants/hornbeam'
import { makeInputs, type NumberArray } from '../inputs'
import { median } from '../report'
import { adam, type Recurrent, recurrentWorkloads } from '../workloads'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: recurrentWorkloads.map(({ name }) => name).join() },
    backend: { type: 'string', default: 'cpu,wasm' },
    threads: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1' },
    clock: { type: 'string', default: 'wall' },
  },
})
// On a machine that is busy with other things, the processor's time tells more than that on the wall. For one thread.
if (values.clock === 'cpu') {
  performance.now = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}
const only = values.only.toUpperCase().split(',')

console.log('| workload | backend | estimated ms | measured ms | off by | timed by | estimate took s | peak MB |')
console.log('|---|---|--:|--:|--:|---|--:|--:|')
for (const name of values.backend.split(',')) {
  if (name !== 'cpu' && name !== 'wasm') throw new Error(`--backend: cpu or wasm was expected, not '${name}'`)
  for (const workload of recurrentWorkloads.filter((candidate) => only.includes(candidate.name))) {
    const backend = name === 'wasm' ? ({ name, threads: Number(values.threads) } as const) : name
    console.log(await line(workload, backend))
  }
}
process.exit()

async function line(workload: Recurrent, backend: hornbeam.BackendOption): Promise<string> {
  const loss = workload.vocabulary === undefined ? 'mse' : 'sparseCategoricalCrossentropy'
  const model = build(hornbeam, workload).compile({ optimizer: hornbeam.adam(adam), loss, globalClipNorm: 1, backend })
  const started = performance.now()
  const estimate = await model.estimate({ samples: 100 * workload.batch, batchSize: workload.batch })
  const took = (performance.now() - started) / 1000
  const measured = await secondsPerStep(model, workload, Number(values.seconds))
  const off = estimate.secondsPerStep / measured - 1
  const { by, sizes } = estimate.timed
  return [
    `| ${workload.name}`,
    model.backend.name,
    (1000 * estimate.secondsPerStep).toPrecision(4),
    (1000 * measured).toPrecision(4),
    `${off > 0 ? '+' : ''}${(100 * off).toFixed(0)} %`,
    by === 'step' ? by : `${by} of ${sizes.join(', ')}`,
    took.toFixed(1),
    `${(estimate.peakBytes / 1e6).toFixed(1)} |`,
  ].join(' | ')
}

/** The median time of a step of `fit`, from the end of one to the end of the next, once it is warm. */
async function secondsPerStep(model: hornbeam.Model, workload: Recurrent, seconds: number): Promise<number> {
  const { x, y } = makeInputs(workload)
  const toTensor = ({ shape, data }: NumberArray) =>
    hornbeam.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')
  const [inputs, targets] = [toTensor(x), toTensor(y)]
  const ends: number[] = []
  const clock = hornbeam.lambdaCallback({
    onTrainBatchBegin() {
      ends.push(performance.now())
      const passed = (ends[ends.length - 1] ?? 0) - (ends[0] ?? 0)
      if (ends.length > 4 && passed > 2000 * seconds) model.stopTraining = true
    },
  })
  function* batches() {
    for (;;) yield [inputs, targets] as const
  }
  await model.fit(batches(), { epochs: 1, callbacks: [clock], verbose: 0 })
  const steps = ends.slice(1).map((end, i) => (end - (ends[i] ?? 0)) / 1000)
  return median(steps.slice(Math.min(steps.length - 1, Math.max(1, Math.floor(steps.length / 2)))))
}
