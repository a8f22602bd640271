// The page of this example: a card a backend with its time, its result and what it runs on, and the reason for what is not there.
import { compare, describe, distance, type Entry, type Result, type Row, truth } from './compare'

const entries: readonly Entry[] = [
  { label: 'cpu', backend: 'cpu' },
  { label: 'wasm', backend: 'wasm' },
  { label: 'gpu, webgpu', backend: { name: 'gpu', mode: 'webgpu' } },
  { label: 'gpu, webgl2', backend: { name: 'gpu', mode: 'webgl2' } },
]

const cards = new Map(entries.map(({ label }) => [label, element('section', 'card', [element('h2', '', [label])])]))
const bars = place('bars')
place('cards').append(...cards.values())
for (const [, card] of cards) card.append(element('p', 'waiting', ['waits for its turn']))

let first: Row | undefined
const rows = await compare(entries, {
  report({ label }, row) {
    const heading = element('h2', '', [label])
    const card = cards.get(label)
    if (row === undefined) card?.replaceChildren(heading, element('p', 'waiting', ['trains …']))
    else card?.replaceChildren(heading, ...contentOf(row))
    first ??= row
  },
})

const times = rows.flatMap((row) => ('result' in row ? [{ label: row.label, ...row.result }] : []))
const slowest = Math.max(...times.map(({ stepMs }) => stepMs))
for (const { label, stepMs, info } of times) {
  const bar = element('div', info.software === true ? 'bar software' : 'bar', [])
  bar.style.width = `${(100 * stepMs) / slowest}%`
  bars.append(element('div', '', [label]), bar, element('div', 'number', [milliseconds(stepMs)]))
}
const isSoftware = times.some(({ info }) => info.software === true)
place('note').textContent = isSoftware
  ? 'Striped: a software adapter computed on the processor what a GPU would have computed. Its time says nothing about the gpu backend on a GPU; its result does.'
  : 'Times are of this machine, in this browser, now.'
document.body.dataset.done = JSON.stringify(rows)

function contentOf(row: Row): Node[] {
  if (!('result' in row)) {
    cards.get(row.label)?.classList.add('absent')
    return [element('p', '', [`Not here. ${row.absent}`])]
  }
  const { result } = row
  const runsOn = element('p', 'on', [describe(result).replace(/ \(a software adapter.*/, '')])
  if (result.info.software === true) runsOn.append(' ', element('span', 'badge', ['software adapter']))
  const off = first === undefined ? undefined : distance(row, first)
  return [
    runsOn,
    element('div', 'time', [milliseconds(result.stepMs), element('small', '', [' a step'])]),
    facts({
      'first step': milliseconds(result.firstMs),
      'last loss': result.losses[result.losses.length - 1].toFixed(6),
      'forecast off cpu by': off === undefined ? '0' : off.toExponential(0),
    }),
    chart(result),
  ]
}

function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`
}

function facts(pairs: Readonly<Record<string, string>>): Node {
  const parts = Object.entries(pairs).flatMap(([name, value]) => [
    element('dt', '', [name]),
    element('dd', '', [value]),
  ])
  return element('dl', '', parts)
}

/** The forecast over what came. */
function chart({ forecast }: Result): Node {
  const [width, height] = [240, 84]
  const points = (values: readonly number[]): string =>
    values.map((v, i) => `${(i * width) / (values.length - 1)},${height / 2 - v * (height / 2 - 4)}`).join(' ')
  const shown = 120
  const template = document.createElement('template')
  template.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="the forecast over what came">
    <polyline points="${points(truth().slice(0, shown))}" fill="none" stroke="#c3ccd1" stroke-width="4"/>
    <polyline points="${points(forecast.slice(0, shown))}" fill="none" stroke="#1f6f8b" stroke-width="1.6"/></svg>`
  return template.content
}

function element(tag: string, name: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(tag)
  made.className = name
  made.append(...children)
  return made
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no place named ${id}`)
  return found
}
