// The sequence unrolled: what is read, what the output pointed at depends on, every gate and state, what is said against what was wanted.
import { cells, isGate, partLabels } from '../cells'
import { tasks } from '../tasks'
import type { Seen } from '../worker/protocol'
import { fresh, h, short } from './dom'
import { facts, set, when } from './store'
import { classes, dependence, frame, gauge, heat, lines, marks, symbols } from './strips'

interface Strip {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly label: HTMLElement
}

/** What a place in a strip is. */
interface Spot {
  readonly step: number
  readonly unit: number
}

let poking = false

export const isPoking = (): boolean => poking

export function setPoking(value: boolean): void {
  poking = value
}

export function inside(place: HTMLElement): void {
  const name = h('span', {})
  const trained = h('small', {})
  const title = h('h2', {}, name, trained)
  const samples = h('input', {
    type: 'number',
    id: 'sample',
    min: '0',
    max: '31',
    'aria-label': 'Which of the held-out sequences',
    onInput: () => set({ sample: Math.min(31, Math.max(0, Math.floor(Number(samples.value)))), poke: undefined }),
  })
  const steps = h('input', {
    type: 'range',
    id: 'step',
    min: '0',
    'aria-label': 'The step pointed at',
    onInput: () => set({ step: Number(steps.value) }),
  })
  const at = h('output', {})
  const tip = h('div', { className: 'tip', role: 'status', 'aria-live': 'polite' })
  const strips = h('div', { className: 'strips', id: 'strips' })
  place.append(
    title,
    h(
      'div',
      { className: 'pick' },
      h('label', {}, 'sequence ', samples),
      h('label', { className: 'step' }, 'step ', at, steps),
    ),
    strips,
    tip,
  )
  const known = new Map<string, Strip>()
  const strip = (name: string, label: string): Strip => {
    const found = known.get(name)
    if (found !== undefined) {
      if (found.label.textContent !== label) found.label.textContent = label
      return found
    }
    const canvas = h('canvas', { 'data-strip': name, role: 'img', 'aria-label': label })
    const text = h('span', { className: 'label' }, label)
    const made = { element: h('div', { className: 'strip' }, text, canvas), canvas, label: text }
    known.set(name, made)
    listen(made, name, tip)
    return made
  }
  when(['state', 'seen', 'theme'], () => {
    const { seen } = facts
    name.textContent = `Inside the ${cells[facts.state.cell].label}`
    trained.textContent = seen === undefined ? '' : `after step ${seen.trained.toLocaleString('en')} of training`
    if (document.activeElement !== samples) samples.value = String(facts.state.sample)
    if (seen === undefined) return
    steps.max = String(seen.steps - 1)
    steps.value = String(seen.at.step)
    at.textContent = String(seen.at.step)
    const used: Strip[] = []
    const draw = (
      name: string,
      label: string,
      height: number,
      paint: (c: CanvasRenderingContext2D, width: number) => void,
    ) => {
      const each = strip(name, label)
      used.push(each)
      if (!each.element.isConnected) strips.append(each.element)
      const { context, width } = fresh(each.canvas, height)
      paint(context, width)
      if (name !== 'said' || tasks[facts.state.task].everyStep) frame(context, width, height, seen.at.step, seen.steps)
    }
    drawRead(seen, draw)
    drawParts(seen, draw)
    drawSaid(seen, draw)
    for (const child of [...strips.children]) if (!used.some(({ element }) => element === child)) child.remove()
    used.forEach(({ element }, i) => {
      if (strips.children[i] !== element) strips.insertBefore(element, strips.children[i] ?? null)
    })
  })
}

type Draw = (
  name: string,
  label: string,
  height: number,
  paint: (context: CanvasRenderingContext2D, width: number) => void,
) => void

/** Whether a step reads one of several symbols. */
const readsSymbols = (): boolean => ['copy', 'brackets', 'text'].includes(facts.state.task)

function drawRead(seen: Seen, draw: Draw): void {
  const { x, steps, features } = seen
  if (readsSymbols()) {
    const read = Array.from({ length: steps }, (_, t) => x.subarray(t * features, (t + 1) * features).indexOf(1))
    draw('input', 'reads', 24, (context, width) =>
      symbols(
        context,
        width,
        24,
        read.map((i) => named(facts.inputs[i])),
      ),
    )
  } else {
    const rows = Math.min(features, 8)
    const height = Math.max(24, rows * 13)
    const largest = Math.max(...x.map(Math.abs), 1e-9)
    draw('input', features === 1 ? 'reads' : `reads ${facts.inputs.slice(0, 8).join(', ')}`, height, (context, width) =>
      heat(context, width, height, steps, rows, (t, row) => x[t * features + row] / largest, false),
    )
  }
  const label = tasks[facts.state.task].everyStep
    ? `output of step ${seen.at.step} depends on`
    : 'the output depends on'
  draw('depends', label, 30, (context, width) => dependence(context, width, 30, seen.depends))
}

function drawParts({ parts, steps, units, at }: Seen, draw: Draw): void {
  for (const { name, values } of parts) {
    const size = Math.min(13, Math.max(1.5, 88 / units))
    const height = Math.round(Math.max(26, size * units))
    const largest = isGate(name) ? 1 : Math.max(1, ...values.map(Math.abs))
    draw(name, partLabels[name] ?? name, height, (context, width) => {
      heat(context, width, height, steps, units, (t, unit) => values[unit * steps + t] / largest, isGate(name))
      marks(context, width, height, steps, units, at, facts.state.poke, name === 'hidden' || name === 'real')
    })
  }
}

function drawSaid({ target, output, outputs, steps }: Seen, draw: Draw): void {
  const task = tasks[facts.state.task]
  const first = task.everyStep ? task.counts(facts.state.length) : 0
  if (!task.everyStep) {
    const label = `says ${short(output[0])}, wanted ${short(target[0])}`
    draw('said', label, 26, (context, width) => gauge(context, width, 26, output[0], target[0], 2))
    return
  }
  if (task.says === 'number') {
    draw('said', 'wanted (line), says (dots)', 72, (context, width) =>
      lines(context, width, 72, [target, Array.from(output)]),
    )
  } else if (task.says === 'bit') {
    draw('wanted', 'wanted', 22, (context, width) => heat(context, width, 22, steps, 1, (t) => target[t], true))
    draw('said', 'says', 22, (context, width) =>
      heat(
        context,
        width,
        22,
        steps,
        1,
        (t) => output[t],
        true,
        (t) => t >= first && output[t] > 0.5 !== target[t] > 0.5,
      ),
    )
  } else {
    draw('wanted', 'wanted', 24, (context, width) =>
      symbols(
        context,
        width,
        24,
        target.map((i) => named(facts.outputs[i])),
      ),
    )
    draw('said', 'says', 24, (context, width) =>
      classes(context, width, 24, output, outputs, target, (i) => named(facts.outputs[i])),
    )
  }
}

/** A symbol in one cell of a strip. */
const named = (name: string | undefined): string =>
  name === undefined
    ? ''
    : name === 'blank' || name === 'none'
      ? '·'
      : name === ' '
        ? '␣'
        : name === '\n'
          ? '⏎'
          : name === 'go'
            ? '▸'
            : name

function listen({ canvas }: Strip, name: string, tip: HTMLElement): void {
  const spot = ({ offsetX, offsetY }: PointerEvent): Spot | undefined => {
    const { seen } = facts
    if (seen === undefined) return undefined
    const step = Math.min(seen.steps - 1, Math.max(0, Math.floor((offsetX / canvas.clientWidth) * seen.steps)))
    const isPart = seen.parts.some((part) => part.name === name)
    const unit = isPart
      ? Math.min(seen.units - 1, Math.max(0, Math.floor((offsetY / canvas.clientHeight) * seen.units)))
      : seen.at.unit
    return { step, unit }
  }
  let drag: { readonly from: number; readonly value: number; readonly spot: Spot } | undefined
  canvas.addEventListener('pointerdown', (event) => {
    const at = spot(event)
    if (at === undefined) return
    set({ step: at.step, unit: at.unit })
    if (poking && (name === 'hidden' || name === 'real')) {
      canvas.setPointerCapture(event.pointerId)
      drag = { from: event.clientY, value: valueAt(name, at), spot: at }
    }
  })
  canvas.addEventListener('pointermove', (event) => {
    const at = spot(event)
    if (drag !== undefined) {
      const value = Math.round(100 * Math.max(-2, Math.min(2, drag.value + (drag.from - event.clientY) / 60))) / 100
      set({ poke: { layer: facts.seen?.at.layer ?? 0, ...drag.spot, value } })
    } else if (event.buttons === 1 && at !== undefined && event.pointerType === 'mouse') {
      set({ step: at.step, unit: at.unit })
    }
    if (at !== undefined) tip.textContent = describe(name, at)
  })
  const end = (): void => {
    drag = undefined
  }
  canvas.addEventListener('pointerup', end)
  canvas.addEventListener('pointercancel', end)
  canvas.addEventListener('pointerleave', () => {
    tip.textContent = ''
  })
}

export function valueAt(name: string, { step, unit }: Spot): number {
  const { seen } = facts
  return seen?.parts.find((part) => part.name === name)?.values[unit * seen.steps + step] ?? 0
}

function describe(name: string, at: Spot): string {
  const { seen } = facts
  if (seen === undefined) return ''
  if (seen.parts.some((part) => part.name === name))
    return `step ${at.step}, unit ${at.unit}: ${partLabels[name] ?? name} = ${short(valueAt(name, at))}`
  if (name === 'depends')
    return `step ${at.step}: a change of the input here changes the output by ${short(seen.depends[at.step])} times as much`
  if (name === 'said' && seen.outputs === 1)
    return `step ${at.step}: says ${short(seen.output[Math.min(at.step, seen.output.length - 1)])}, wanted ${short(seen.target[Math.min(at.step, seen.target.length - 1)])}`
  return `step ${at.step}`
}
