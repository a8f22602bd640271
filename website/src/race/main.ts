// The race: hornbeam against TensorFlow.js in the visitor's own browser, on the same model and data, in turns.
const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

interface Work {
  readonly steps: number
  readonly features: number
  readonly units: number
  readonly batch: number
}

/** One contestant, ready: each call trains on one batch, or predicts one, and is over when the numbers are there. */
interface Contestant {
  readonly name: string
  train(): Promise<unknown>
  predict(): Promise<unknown>
  dispose(): unknown
}

const works: Readonly<Record<string, Work>> = {
  forecaster: { steps: 30, features: 8, units: 32, batch: 32 },
  digits: { steps: 28, features: 28, units: 128, batch: 128 },
}

for (const box of document.querySelectorAll<HTMLElement>('[data-race]')) {
  const button = box.querySelector('button')
  const select = box.querySelector('select')
  const output = box.querySelector('output')
  const body = box.querySelector('tbody')
  if (!button || !select || !output || !body) continue
  button.addEventListener('click', async () => {
    button.disabled = true
    delete box.dataset.done
    body.replaceChildren()
    try {
      await race(works[select.value] ?? works.forecaster, output, body)
      box.dataset.done = 'true'
    } catch (error) {
      output.textContent = String(error)
    }
    button.disabled = false
  })
}

async function race(work: Work, output: HTMLElement, body: HTMLElement): Promise<void> {
  output.textContent = 'Loading both libraries…'
  const contestants = [await hornbeam(work), ...(await tensorflow(work))]
  const rounds = 5
  const times = new Map(contestants.map(({ name }) => [name, { train: [] as number[], predict: [] as number[] }]))
  for (const each of contestants) {
    output.textContent = `${each.name} warms up…`
    await each.train()
    await each.predict()
  }
  for (let round = 1; round <= rounds; round++) {
    for (const each of contestants) {
      output.textContent = `Round ${round} of ${rounds}: ${each.name}…`
      times.get(each.name)?.train.push(await perCall(each.train, 200))
      times.get(each.name)?.predict.push(await perCall(each.predict, 100))
    }
    draw(body, times)
  }
  for (const each of contestants) await each.dispose()
  const threads = crossOriginIsolated ? `up to ${navigator.hardwareConcurrency} threads` : 'one thread'
  output.textContent = `Least of ${rounds} rounds in turns, in milliseconds; hornbeam had ${threads}.`
}

/** The mean time of a call, over at least so many milliseconds and two calls. */
async function perCall(call: () => Promise<unknown>, atLeast: number): Promise<number> {
  const from = performance.now()
  let calls = 0
  while (calls < 2 || performance.now() - from < atLeast) {
    await call()
    calls++
  }
  return (performance.now() - from) / calls
}

async function hornbeam({ steps, features, units, batch }: Work): Promise<Contestant> {
  const { dense, lstm, randomNormal, sequential }: typeof import('hornbeam') = await import(
    /* @vite-ignore */ `${base}hornbeam/index.js`
  )
  const model = sequential([lstm(units), dense(1)], { inputShape: [steps, features] }).compile({
    optimizer: 'adam',
    loss: 'mse',
  })
  const x = randomNormal([batch, steps, features])
  const y = randomNormal([batch, 1])
  return {
    name: 'hornbeam',
    train: () => model.trainOnBatch(x, y),
    predict: () => model.predict(x, { batchSize: batch }),
    dispose: () => model.dispose(),
  }
}

async function tensorflow({ steps, features, units, batch }: Work): Promise<readonly Contestant[]> {
  const { tf }: typeof import('./tfjs') = await import(/* @vite-ignore */ `${base}race/tfjs.js`)
  const made: Contestant[] = []
  for (const backend of ['webgl', 'cpu']) {
    if (!(await tf.setBackend(backend).catch(() => false))) continue
    await tf.ready()
    const model = tf.sequential()
    model.add(tf.layers.lstm({ units, inputShape: [steps, features] }))
    model.add(tf.layers.dense({ units: 1 }))
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    const x = tf.randomNormal([batch, steps, features])
    const y = tf.randomNormal([batch, 1])
    made.push({
      name: `TensorFlow.js ${tf.version.tfjs}, ${backend}`,
      train: async () => {
        await tf.setBackend(backend)
        return model.trainOnBatch(x, y)
      },
      predict: async () => {
        await tf.setBackend(backend)
        const result = model.predictOnBatch(x)
        const [first] = Array.isArray(result) ? result : [result]
        await first.data()
        first.dispose()
      },
      dispose: () => model.dispose(),
    })
  }
  return made
}

function draw(
  body: HTMLElement,
  times: ReadonlyMap<string, { readonly train: readonly number[]; readonly predict: readonly number[] }>,
): void {
  const least = [...times].map(([name, { train, predict }]) => ({
    name,
    train: Math.min(...train),
    predict: Math.min(...predict),
  }))
  const own = least[0]
  body.replaceChildren(
    ...least.map(({ name, train, predict }) => {
      const row = document.createElement('tr')
      const cells = [
        name,
        `${train.toFixed(2)} ms`,
        times_(train, own.train),
        `${predict.toFixed(2)} ms`,
        times_(predict, own.predict),
      ]
      row.append(
        ...cells.map((text, i) => {
          const cell = document.createElement(i === 0 ? 'th' : 'td')
          if (i === 0) cell.setAttribute('scope', 'row')
          cell.textContent = text
          return cell
        }),
      )
      return row
    }),
  )
}

const times_ = (ms: number, own: number) => (ms === own ? '' : `${(ms / own).toFixed(1)} ×`)
