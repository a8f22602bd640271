// What else programs do with hornbeam, tried in an engine; each throws where something is wrong.
import { data, dense, type History, loadModel, lstm, plotHistory, randomNormal, sequential, setSeed } from 'hornbeam'

const x = randomNormal([24, 6, 2], { seed: 3 })
const y = randomNormal([24, 1], { seed: 4 })

function makeModel() {
  setSeed(9)
  return sequential([lstm(6), dense(1)], { inputShape: [null, 2] }).compile({ optimizer: 'adam', loss: 'mse' })
}

/** @param site - the address of the tests' server, `place` - where models are kept. */
export const uses: Readonly<Record<string, (site: string, place: string) => Promise<void>>> = {
  async 'a stream gives what the whole sequence gives'() {
    const model = sequential([lstm(6, { returnSequences: true }), dense(1)], { inputShape: [null, 2] })
    const whole = await model.predict(x)
    const stream = model.stream({ batchSize: 24 })
    const rows = x.toArray<3>()
    for (let step = 0; step < 6; step++) {
      const part = await stream.push(rows.map((row) => [row[step]]))
      const wanted = whole.toArray<3>().map((row) => row[step])
      near(Array.from(part.data), wanted.flat(), `step ${step}`)
    }
  },

  async 'a model that is saved and loaded is the same, and goes on as the first would have'(_, place) {
    const model = makeModel()
    await model.fit(x, y, { epochs: 2, verbose: 0 })
    await model.save(`${place}saved`)
    const loaded = await loadModel(`${place}saved`)
    same(await loaded.weightsHash(), await model.weightsHash(), 'the hash of the weights')
    for (const each of [model, loaded]) await each.trainOnBatch(x, y)
    same(await loaded.weightsHash(), await model.weightsHash(), 'the hash after one more step')
  },

  async 'a fit that is aborted says so, and the model goes on'() {
    const model = makeModel()
    const stop = new AbortController()
    const epochs: number[] = []
    const onEpochEnd = (epoch: number): void => {
      epochs.push(epoch)
      if (epochs.length === 2) stop.abort(new Error('enough'))
    }
    const reason = await model
      .fit(x, y, { epochs: 50, verbose: 0, signal: stop.signal, callbacks: [{ onEpochEnd }] })
      .then(() => 'none', String)
    same(reason, 'Error: enough', 'the reason')
    same(epochs.length, 2, 'the number of epochs')
    const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 })
    if (!Number.isFinite(history.loss[0])) throw new Error('expected a loss afterwards')
  },

  async 'CSV is read from a site and from a text'(site) {
    for (const from of [`${site}/table.csv`, { text: table }]) {
      const rows: unknown[] = []
      for await (const row of data.csv(from)) rows.push(row)
      same(JSON.stringify(rows), '[{"day":"Mon, wet","high":3.5},{"day":"Tue","high":4}]', 'the rows')
    }
  },

  async 'a plot is drawn'() {
    const history: History = await makeModel().fit(x, y, { epochs: 2, verbose: 0 })
    const { svg } = await plotHistory(history)
    if (!/^<svg[\s\S]*<path[\s\S]*<\/svg>\s*$/.test(svg)) throw new Error(`expected a picture, got ${svg.slice(0, 99)}`)
  },
}

/** What the tests' server answers for `/table.csv`. */
export const table = 'day,high\n"Mon, wet",3.5\nTue,4\n'

function same(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`)
}

function near(got: readonly number[], wanted: readonly number[], what: string): void {
  if (got.length !== wanted.length || got.some((value, i) => !(Math.abs(value - wanted[i]) < 1e-5)))
    throw new Error(`${what}: expected ${wanted.slice(0, 4)}, ..., got ${got.slice(0, 4)}, ...`)
}
