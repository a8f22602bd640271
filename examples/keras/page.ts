// The page of this example: a model of Keras by drop or choice, its summary, a prediction, and training that goes on.
import { loadModel, type Model, Tensor } from 'hornbeam'

const [samples, epochs] = [32, 40]

const drop = place('drop')
const file = place('file') as HTMLInputElement // page.html says so
file.addEventListener('change', () => take(file.files?.[0]))
drop.addEventListener('dragover', (event) => {
  event.preventDefault()
  drop.classList.add('over')
})
drop.addEventListener('dragleave', () => drop.classList.remove('over'))
drop.addEventListener('drop', (event) => {
  event.preventDefault()
  drop.classList.remove('over')
  take(event.dataTransfer?.files[0])
})

/** Shows the model in a file, or what is the matter with it. */
async function take(chosen: File | undefined): Promise<void> {
  if (chosen === undefined) return
  delete document.body.dataset.done
  place('error').textContent = ''
  for (const id of ['summary', 'prediction', 'training']) place(id).hidden = true
  try {
    await show(await loadModel(chosen), chosen.name)
    document.body.dataset.done = 'shown'
  } catch (error) {
    place('error').textContent = error instanceof Error ? error.message : String(error)
    document.body.dataset.done = 'refused'
  }
}

async function show(model: Model, name: string): Promise<void> {
  const inputs = model.inputs.map(({ shape, dtype }) => madeUp(model, shape, dtype))
  const x = one(inputs)
  const predicted = await model.predict(x)
  const outputs: readonly Tensor[] = Array.isArray(predicted) ? predicted : [predicted]

  reveal('summary')
    .querySelector('pre')
    ?.replaceChildren(model.summary({ print: false }))
  const rows = [
    ...inputs.map((tensor, i) => ['in', model.inputs[i].name, tensor] as const),
    ...outputs.map((tensor, i) => ['out', model.outputNames[i] ?? '', tensor] as const),
  ].map(([way, label, tensor]) => element('tr', [cell('th', `${way} ${label}`), cell('td', first(tensor))]))
  reveal('prediction')
    .querySelector('table')
    ?.replaceChildren(...rows)

  const hasState = model.compileOptions !== undefined
  if (!hasState) model.compile({ optimizer: 'adam', loss: 'mse' })
  const steps = await model.getIterations()
  reveal('training')
  place('state').textContent = hasState
    ? `The file has its optimizer, which stands at step ${steps}. It goes on with made-up targets.`
    : 'The file was not compiled; the page trains it with adam and the squared error, on made-up targets.'
  place('curve').replaceChildren()
  place('save').hidden = true
  const targets = one(outputs.map((tensor, i) => target(model, tensor, inputs[i] ?? inputs[0])))
  const button = place('train') as HTMLButtonElement // page.html says so
  button.disabled = false
  button.onclick = () =>
    trainOn(model, x, targets, button, name).catch((error: Error) => {
      place('error').textContent = error.message
      button.disabled = false
    })
}

async function trainOn(model: Model, x: Data, y: Data, button: HTMLButtonElement, name: string): Promise<void> {
  button.disabled = true
  const losses: number[] = []
  await model.fit(x, y, {
    epochs,
    batchSize: samples,
    shuffle: false,
    verbose: 0,
    callbacks: [
      {
        onEpochEnd(_epoch, { loss }) {
          losses.push(loss)
          place('curve').replaceChildren(curve(losses))
        },
      },
    ],
  })
  const [before, after] = [losses[0], losses[losses.length - 1]]
  place('state').textContent =
    `The optimizer stands at step ${await model.getIterations()}. Loss ${before.toPrecision(4)} at first, ${after.toPrecision(4)} now.`
  const save = place('save') as HTMLAnchorElement // page.html says so
  save.href = URL.createObjectURL(new Blob([await model.toBytes({ format: 'keras' })]))
  save.download = name.replace(/\.\w+$/, '-trained.keras')
  save.hidden = false
  button.disabled = false
  document.body.dataset.done = JSON.stringify(losses)
}

// ---- data

type Data = Tensor | readonly Tensor[]

function one(list: readonly Tensor[]): Data {
  return list.length === 1 ? list[0] : list
}

/** Inputs of a shape: waves with a phase for each sample, numbers, or indices that the model's embeddings have. */
function madeUp(model: Model, shape: readonly (number | null)[], dtype: string): Tensor {
  const lengths = [samples, ...shape.map((length) => length ?? 12)]
  const size = lengths.reduce((product, length) => product * length, 1)
  if (dtype === 'int32' || dtype === 'bool') {
    const sizes = model.layers.flatMap((layer) => Number(layer.config().inputDim ?? []) || [])
    const words = dtype === 'bool' ? 2 : Math.min(...sizes, 1000)
    return new Tensor(
      Int32Array.from({ length: size }, () => Math.floor(Math.random() * words)),
      lengths,
    )
  }
  const perSample = size / samples
  const data = Float32Array.from({ length: size }, (_, i) => {
    if (shape.length !== 2) return Math.random() * 2 - 1
    const [sample, at] = [Math.floor(i / perSample), i % perSample]
    const features = lengths[2]
    return Math.sin(Math.floor(at / features) * 0.5 + sample + (at % features))
  })
  return new Tensor(data, lengths)
}

/** Something to learn, of the kind that the loss asks for: a class for each sample, or numbers that come from the input. */
function target(model: Model, output: Tensor, input: Tensor): Tensor {
  const loss = JSON.stringify(model.compileOptions?.loss ?? '')
  const classes = output.shape[output.shape.length - 1]
  const rows = output.size / classes
  if (/sparse/i.test(loss)) {
    const data = Int32Array.from({ length: rows }, (_, i) => classOf(input, i, classes))
    return new Tensor(data, [...output.shape.slice(0, -1), 1])
  }
  if (/crossentropy|hinge|divergence/i.test(loss)) {
    const data = Float32Array.from({ length: output.size }, (_, i) => {
      const chosen = classOf(input, Math.floor(i / classes), Math.max(classes, 2))
      return classes === 1 ? chosen : Number(chosen === i % classes)
    })
    return new Tensor(data, output.shape)
  }
  const values = Float32Array.from(
    { length: output.size },
    (_, i) => 0.5 + 0.4 * Math.sin(Math.floor(i / classes) + 0.4),
  )
  return new Tensor(values, output.shape)
}

function classOf(input: Tensor, row: number, classes: number): number {
  const value = input.data[(row * input.shape[input.shape.length - 1]) % input.size]
  return Math.abs(Math.round(value * 7)) % classes
}

// ---- the page

/** The first sample, and no more of it than fits in a line or three. */
function first({ data, shape }: Tensor): string {
  const [, ...sample] = shape
  const count = sample.reduce((product, length) => product * length, 1)
  const numbers = Array.from(data.slice(0, Math.min(count, 24)), (value) => Number(value.toFixed(4)))
  return `[${sample.join(', ')}]: ${numbers.join(', ')}${count > 24 ? ', …' : ''}`
}

/** The losses so far. */
function curve(losses: readonly number[]): Node {
  const [width, height] = [800, 150]
  const [low, high] = [Math.min(...losses), Math.max(...losses)]
  const points = losses.map(
    (loss, i) =>
      `${10 + (i * (width - 20)) / (epochs - 1)},${10 + ((high - loss) / (high - low || 1)) * (height - 20)}`,
  )
  const template = document.createElement('template')
  template.innerHTML = `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="the loss, epoch by epoch">
    <path d="M10 140H790" stroke="#dfe5e8"/><polyline points="${points.join(' ')}" fill="none" stroke="#1f6f8b" stroke-width="2.5" vector-effect="non-scaling-stroke"/></svg>`
  return template.content
}

function element(tag: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(tag)
  made.append(...children)
  return made
}

function cell(tag: 'th' | 'td', text: string): HTMLElement {
  return element(tag, [text])
}

function reveal(id: string): HTMLElement {
  const found = place(id)
  found.hidden = false
  return found
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no place named ${id}`)
  return found
}
