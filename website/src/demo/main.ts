// The demo of the first page: an LSTM learns a wave while its visitor looks on. What it needs of hornbeam is loaded once the button is
// pointed at, and computes in a worker of its own, so the page stays free.
const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

type Library = Pick<typeof import('hornbeam'), 'adam' | 'dense' | 'losses' | 'lstm' | 'sequential' | 'tensor'>
const library = (): Promise<Library> => import(/* @vite-ignore */ `${base}demo/library.js`)

const known = 40
const shown = 120
const wave = (t: number) => 0.6 * Math.sin(t / 5) + 0.4 * Math.sin(t / 2.3 + 1)

export function startDemo(box: HTMLElement): void {
  const button = box.querySelector('button')
  const output = box.querySelector('output')
  const guess = box.querySelector('.guess')
  const target = box.querySelector('.target')
  if (button === null || output === null || guess === null || target === null) return
  const points = (values: readonly number[], from: number) =>
    values.map((y, i) => `${((from + i) * 600) / (shown - 1)},${100 - y * 80}`).join(' ')
  const truth = Array.from({ length: shown }, (_, t) => wave(t))
  target.setAttribute('points', points(truth, 0))
  let running = false
  for (const sign of ['pointerenter', 'focus']) {
    // What fails here fails once more at the click, which tells it.
    button.addEventListener(sign, () => void library().catch(() => {}), { once: true })
  }
  button.addEventListener('click', async () => {
    if (running) {
      running = false
      return
    }
    running = true
    button.textContent = 'Stop'
    output.textContent = 'Loading hornbeam…'
    try {
      await learn()
    } catch (error) {
      output.textContent = String(error)
    }
    running = false
    button.textContent = 'Teach it again'
  })

  async function learn(): Promise<void> {
    const { adam, dense, losses, lstm, sequential, tensor } = await library()
    const window = 20
    const starts = Array.from({ length: 256 }, (_, i) => i)
    const steps = (from: number) => Array.from({ length: window }, (_, t) => [wave(from + t)])
    const x = tensor(starts.map(steps))
    const y = tensor(starts.map((from) => [wave(from + window)]))
    const model = sequential([lstm(24), dense(1)])
    model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: losses.meanSquaredError() })
    const began = performance.now()
    for (let epoch = 1; running && epoch <= 60; epoch++) {
      const { history } = await model.fit(x, y, { epochs: 1, batchSize: 32, verbose: 0 })
      // It is shown the first steps only, and goes on from its own answers.
      const values = truth.slice(0, known)
      while (values.length < shown) {
        const next = await model.predict(tensor([values.slice(-window).map((value) => [value])]))
        values.push(next.item())
      }
      guess?.setAttribute('points', points(values.slice(known - 1), known - 1))
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (output) output.textContent = `epoch ${epoch} · loss ${history.loss[0].toFixed(4)} · ${seconds} s`
      box.dataset.epoch = String(epoch)
      await new Promise((resolve) => setTimeout(resolve))
    }
    await model.dispose()
  }
}

for (const box of document.querySelectorAll<HTMLElement>('[data-demo]')) startDemo(box)
