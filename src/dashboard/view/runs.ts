// The runs: how far each is, and what can be done with it.
import type { RunSeen } from '../board'
import type { Command } from '../events'
import { shortly } from './chart'
import { colorOf } from './colors'
import { h, Keyed, say } from './dom'

/** Sends a command. Rejects with what came of it where it cannot be done. */
export type Send = (command: Command) => Promise<void>

/** The row of a run. */
interface Row {
  update(run: RunSeen): void
}

/** A list with a row for each run. */
export class RunList {
  readonly element = h('ul', { class: 'runs' })
  private readonly keyed = new Keyed<HTMLLIElement>(this.element)
  private readonly rows = new Map<string, Row>()
  private readonly hidden = new Set<number>()
  private readonly send: Send
  private readonly changed: () => void

  /** @param changed - is called when other runs are to be seen. */
  constructor(send: Send, changed: () => void) {
    this.send = send
    this.changed = changed
  }

  /** The runs that are to be seen. */
  chosen(runs: readonly RunSeen[]): readonly RunSeen[] {
    return runs.filter(({ run }) => !this.hidden.has(run))
  }

  show(runs: readonly RunSeen[]): void {
    const byKey = new Map(runs.map((run) => [String(run.run), run]))
    this.keyed.show([...byKey.keys()], (key) => this.make(key, Number(key), byKey.get(key)?.isElsewhere === true))
    for (const [key, run] of byKey) this.rows.get(key)?.update(run)
  }

  private make(key: string, run: number, isElsewhere: boolean): HTMLLIElement {
    const name = h('span')
    const state = h('span')
    const problem = h('span', { class: 'bad', role: 'status' })
    const bar = h('progress', { max: '1', value: '0' })
    const ask = async (command: Command): Promise<void> => {
      say(problem, '')
      try {
        await this.send(command)
      } catch (error) {
        say(problem, error instanceof Error ? error.message : String(error))
      }
    }
    const seen = h('input', {
      type: 'checkbox',
      checked: true,
      change: () => {
        if (seen.checked) this.hidden.delete(run)
        else this.hidden.add(run)
        this.changed()
      },
    })
    let isPaused = false
    const pause = h('button', { type: 'button', click: () => ask({ run, do: isPaused ? 'resume' : 'pause' }) }, 'Pause')
    const stop = h('button', { type: 'button', click: () => ask({ run, do: 'stop' }) }, 'Stop')
    const rate = h('input', { name: 'rate', inputmode: 'decimal', 'aria-label': 'learning rate', size: '8' })
    const set = h('button', { type: 'submit' }, 'Set rate')
    const send = (event: Event): void => {
      event.preventDefault()
      const given = Number(rate.value.replace(',', '.'))
      if (rate.value.trim() === '' || !(given >= 0)) {
        say(problem, 'The rate is a number of at least 0.')
        return
      }
      isTouched = false
      void ask({ run, do: 'rate', rate: given })
    }
    let isTouched = false
    rate.addEventListener('input', () => {
      isTouched = true
    })
    const swatch = h('span', { class: 'swatch' })
    swatch.style.background = colorOf(run)
    bar.style.setProperty('--swatch', colorOf(run))
    this.rows.set(key, {
      update(seen) {
        const isOpen = seen.state === 'training' || seen.state === 'paused'
        isPaused = seen.state === 'paused'
        say(name, seen.name)
        say(state, progressOf(seen))
        bar.value = seen.epochs === 0 ? 0 : seen.at / seen.epochs
        bar.setAttribute('aria-label', `epochs of ${seen.name}`)
        say(pause, isPaused ? 'Go on' : 'Pause')
        for (const control of [pause, stop, rate, set]) control.disabled = !isOpen
        // What is being typed is not overwritten.
        if (!isTouched && seen.rate !== null) rate.value = String(Number(seen.rate.toPrecision(6)))
      },
    })
    const controls = [h('form', { submit: send }, rate, set), h('div', { class: 'does' }, pause, stop)]
    return h(
      'li',
      { class: 'run' },
      h('label', {}, seen, swatch, name),
      h('div', { class: 'far' }, state, bar),
      ...(isElsewhere ? [] : controls),
      problem,
    )
  }
}

function progressOf({ state, at, epochs, seconds, batches }: RunSeen): string {
  const speed = seconds > 0 && batches > 0 ? `, ${shortly(Number((batches / seconds).toPrecision(3)))} steps/s` : ''
  // Who trains elsewhere may not say how many there will be.
  if (epochs === 0) return `${state}: ${Math.floor(at)} epochs, ${inWords(seconds)}${speed}`
  const far = `${state}: epoch ${Math.min(epochs, Math.floor(at) + (at < epochs && state === 'training' ? 1 : 0))} of ${epochs}`
  return `${far}, ${inWords(seconds)}${speed}`
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 100 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`
}
