// Weights and gates: how their numbers spread over time, and, as pictures, what they are now.
import type { InsideSeen, RunSeen } from '../board'
import type { Inside } from '../events'
import { shortly } from './chart'
import { colorOf } from './colors'
import { h, Keyed, say } from './dom'
import { drawPicture, drawSpreads, heatCanvas } from './heat'
import { Frame, type GroundNow, runLine, type Section } from './section'

const words: Readonly<Record<Inside, { title: string; over: string }>> = {
  weights: { title: 'Weights', over: 'inputs down, units across' },
  gates: { title: 'Gates and states', over: 'mean over samples: units down, time across' },
}

/** What one run has of one name. */
class Part {
  readonly element: HTMLElement
  private readonly ends = h('div', { class: 'ends' })
  private readonly spread: HTMLCanvasElement
  private readonly says: string
  private picture: HTMLCanvasElement | undefined
  private readonly range = h('div', { class: 'ends' })
  private drawn: InsideSeen | undefined

  constructor(name: string, run: RunSeen, isOneOfMany: boolean) {
    this.says = `${name}${isOneOfMany ? ` of ${run.name}` : ''}`
    this.spread = heatCanvas(`how ${this.says} spreads over epochs`, 90)
    this.element = h('div', {}, runLine(run, colorOf(run.run), isOneOfMany), this.spread, this.ends)
  }

  show(seen: InsideSeen, color: string, ground: ReturnType<GroundNow>, anew: boolean): void {
    if (seen === this.drawn && !anew) return
    this.drawn = seen
    const { least, greatest } = drawSpreads(this.spread, seen, color, ground)
    const [from, to] = [seen.at[0], seen.at[seen.at.length - 1]]
    say(this.ends, `${shortly(least)} to ${shortly(greatest)}, epochs ${shortly(from)} to ${shortly(to)}`)
    if (seen.picture === undefined) return
    if (this.picture === undefined) {
      const { rows } = seen.picture
      this.picture = heatCanvas(`${this.says}, ${words[seen.of].over}`, Math.max(36, Math.min(160, rows * 6)))
      this.element.append(h('div', { class: 'of' }, words[seen.of].over), this.picture, this.range)
    }
    drawPicture(this.picture, seen.picture, ground)
    const { signed, least: low, greatest: high } = seen.picture
    say(this.range, signed ? `blue ${shortly(low)}, orange ${shortly(high)}` : `${shortly(low)} to ${shortly(high)}`)
  }
}

/** A card for each name, and in it a part for each run. */
export function inside(of: Inside, ground: GroundNow): Section {
  const frame = new Frame(words[of].title)
  const parts = new Map<HTMLElement, { readonly keyed: Keyed<HTMLElement>; readonly byRun: Map<string, Part> }>()
  let runs: readonly RunSeen[] = []
  const show = (given: readonly RunSeen[], anew = false): void => {
    runs = given
    const names = [
      ...new Set(runs.flatMap(({ inside }) => Object.keys(inside).filter((name) => inside[name].of === of))),
    ]
    frame.isThere = names.length > 0
    frame.cards.show(
      names,
      (name) => {
        const list = h('div')
        const card = h('figure', { class: 'card' }, h('h3', {}, name), list)
        parts.set(card, { keyed: new Keyed(list), byRun: new Map() })
        return card
      },
      (card) => parts.delete(card),
    )
    for (const name of names) {
      const card = parts.get(frame.cards.get(name) ?? frame.element)
      if (card === undefined) continue
      const those = runs.filter(({ inside }) => inside[name]?.of === of)
      const isMany = runs.length > 1
      const key = ({ run }: RunSeen): string => `${run} ${isMany}`
      const byKey = new Map(those.map((run) => [key(run), run]))
      card.keyed.show([...byKey.keys()], (each) => {
        const part = new Part(name, byKey.get(each) ?? those[0], isMany)
        card.byRun.set(each, part)
        return part.element
      })
      for (const [each, run] of byKey) card.byRun.get(each)?.show(run.inside[name], colorOf(run.run), ground(), anew)
    }
  }
  return { element: frame.element, show, recolor: () => show(runs, true) }
}
