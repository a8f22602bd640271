// A run on a server of MLflow for tools/check_mlflow.py: `npx tsx tools/followByMlflow.ts uri`. Prints the history as JSON.
import { dense, lstm, mlflow, randomNormal, sequential, setSeed } from '../src'

const [uri = 'http://127.0.0.1:5000'] = process.argv.slice(2)
setSeed(1)
const model = sequential([lstm(4), dense(1)], { inputShape: [5, 3] })
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], backend: 'cpu' })
const odd = { onEpochEnd: (_: number, logs: Record<string, number>) => void Object.assign(logs, { odd: Number.NaN }) }
const follow = mlflow({
  uri,
  experiment: 'weather',
  runName: 'first',
  params: { units: 4 },
  tags: { team: 'a' },
  model: 'keras',
})
const { history } = await model.fit(randomNormal([32, 5, 3], { seed: 2 }), randomNormal([32, 1], { seed: 3 }), {
  epochs: 3,
  validationSplit: 0.25,
  callbacks: [odd, follow],
  verbose: 0,
})
console.log(JSON.stringify(history))
