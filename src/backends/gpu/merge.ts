// Launches that do not wait for one another become one: most of a train step is a few numbers for each of many weights, and a launch
// costs the same for ten numbers as for a million. The parts of a merged launch give their elements one behind the other in one slot, and
// what launches read is gathered, so that a merged one reads few arrays: constants in one slot, variables that a run changes in another.
import type { Program } from '../../graph'
import { Tensor } from '../../tensor'
import { toDevice } from './host'
import { type KernelCode, mostArrays, type Region, type Slot } from './kernels'
import { type Command, type Plan, planProgram, readBy, type SlotInfo } from './plan'

type Launch = Extract<Command, { kind: 'launch' }>

/** What gives more elements than this is launched alone, and kept where it is. */
const most = 2 ** 19
/** A merged slot stays this small. */
const mostMerged = 2 ** 21
/** A plan whose small launches are longer than this, in characters, stays as it is: each merged kernel is compiled for it alone. */
const longest = 60_000

/** The plan of a Program on WebGPU, of as few launches as there can be. */
export function mergedPlan(program: Program): Plan {
  const options = { canPut: true, canSweep: true }
  return merged(planProgram(program, { ...options, splits: true })) ?? planProgram(program, options)
}

/** The plan with fewer launches, the same results; undefined where it is too long, or too short. */
function merged(plan: Plan): Plan | undefined {
  const small = plan.commands.filter(isSmall)
  const length = small.reduce((sum, { code }) => sum + code.body.length, 0)
  return small.length < 2 || length > longest ? undefined : new Merger(plan).plan()
}

function isSmall(command: Command): command is Launch {
  return command.kind === 'launch' && !command.looped && command.threads * command.code.components <= most
}

/** Single numbers whose source is longer than this, in characters, are not worked out anew by whoever reads them. */
const mostAgain = 600

/** Whether a launch gives one number by a formula, without a loop or a choice of ways. */
function isNumber({ code, threads }: Launch): boolean {
  return threads * code.components === 1 && code.body.length <= mostAgain && !/\b(?:for|if) \(/.test(code.body)
}

/** A launch of several parts. */
interface Stage {
  readonly parts: Launch[]
  readonly reads: Set<Slot>
  /** The slot of the parts' elements. */
  readonly to: Slot
  size: number
}

class Merger {
  private readonly given: Plan
  private readonly slots: SlotInfo[]
  /** Launches of several parts, and commands that stay alone. */
  private readonly stages: (Stage | Command)[] = []
  private readonly puts: Command[] = []
  /** Where what a slot held lies now. */
  private readonly places = new Map<Slot, Region>()
  /** Launches that give one number each. */
  private readonly numbers = new Map<Slot, Launch>()
  /** The stage after which a slot is filled. */
  private readonly filled = new Map<Slot, number>()

  constructor(plan: Plan) {
    this.given = plan
    this.slots = [...plan.slots]
  }

  plan(): Plan {
    this.gatherConstants()
    this.gatherVariables()
    for (const command of this.given.commands) this.add(command)
    const { inputs, outputs, updates } = this.given
    return {
      slots: this.slots,
      commands: [...this.puts, ...this.stages.map((stage) => this.commandOf(stage))],
      inputs,
      outputs: outputs.map((port) => ({ ...port, ...this.place(port) })),
      updates: updates.map((update) => ({ ...update, from: this.place(update.from) })),
    }
  }

  private place({ slot, offset }: Region): Region {
    const place = this.places.get(slot)
    return place === undefined ? { slot, offset } : { slot: place.slot, offset: place.offset + offset }
  }

  private gatherConstants(): void {
    const parts: Float32Array[] = []
    const to = this.slots.length
    let size = 0
    this.given.slots.forEach((slot, index) => {
      if (slot.kind !== 'constant' || size + slot.size > most) return
      this.places.set(index, { slot: to, offset: size })
      parts.push(toDevice(slot.data))
      size += slot.size
    })
    if (size === 0) return
    const all = new Float32Array(size)
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    this.slots.push({ kind: 'constant', data: new Tensor(all, [size]), size })
  }

  private gatherVariables(): void {
    const to = this.slots.length
    let size = 0
    for (const { to: variable, size: own } of this.given.updates) {
      if (size + own > mostMerged) continue
      const from = { slot: variable, offset: 0 }
      this.puts.push({ kind: 'put', from, size: own, to, at: size })
      this.places.set(variable, { slot: to, offset: size })
      size += own
    }
    if (size > 0) this.slots.push({ kind: 'stack', parts: 1, size })
  }

  private readsOf(command: Command): Set<Slot> {
    return new Set(readBy(command).map((slot) => this.place({ slot, offset: 0 }).slot))
  }

  /** The first stage at which all that a command reads is there. */
  private firstStage(command: Command): number {
    return Math.max(-1, ...readBy(command).map((slot) => this.filled.get(slot) ?? -1)) + 1
  }

  /** A launch that works out itself the numbers it would have to wait for, as long as it gets earlier by that. */
  private eager(command: Launch): Launch {
    const first = this.firstStage(command)
    const late = command.slots.filter((slot) => this.filled.get(slot) === first - 1)
    const numbers = late.flatMap((slot) => this.numbers.get(slot) ?? [])
    if (first === 0 || numbers.length < late.length) return command
    const made = numbers.reduce(workedOut, command)
    if (made.code.body.length > command.code.body.length + mostAgain) return command
    return this.readsOf(made).size > mostArrays ? command : this.eager(made)
  }

  private add(given: Command): void {
    if (!isSmall(given)) {
      this.filled.set(given.to, this.stages.length)
      this.stages.push(given)
      return
    }
    const command = this.eager(given)
    const reads = this.readsOf(command)
    const first = this.firstStage(command)
    const found = this.stages.find(
      (stage, i): stage is Stage => i >= first && 'parts' in stage && takes(stage, command, reads),
    )
    const stage = found ?? this.newStage()
    stage.parts.push(command)
    if (isNumber(command)) this.numbers.set(command.to, command)
    for (const slot of reads) stage.reads.add(slot)
    this.filled.set(command.to, this.stages.indexOf(stage))
    this.places.set(command.to, { slot: stage.to, offset: stage.size })
    stage.size += command.threads * command.code.components
  }

  private newStage(): Stage {
    const stage: Stage = { parts: [], reads: new Set(), to: this.slots.length, size: 0 }
    this.stages.push(stage)
    this.slots.push({ kind: 'temporary', size: 0 })
    return stage
  }

  private commandOf(stage: Stage | Command): Command {
    if (!('parts' in stage)) return this.moved(stage)
    const { parts, to, size } = stage
    this.slots[to] = { kind: 'temporary', size }
    return join(
      parts.map((part) => this.movedLaunch(part)),
      to,
    )
  }

  /** A command that reads from where things lie now. */
  private moved(command: Command): Command {
    if (command.kind === 'put') return { ...command, from: this.place(command.from) }
    if (command.kind === 'launch') return this.movedLaunch(command)
    const { slots, read } = this.reader(command.slots)
    return { ...command, slots, code: { arrays: slots.length, wgsl: read(command.code.wgsl) } }
  }

  private movedLaunch(command: Launch): Launch {
    const { slots, read } = this.reader(command.slots)
    return { ...command, slots, code: { ...command.code, arrays: slots.length, body: read(command.code.body) } }
  }

  /** The slots in which these lie now, and source text that reads from there. */
  private reader(given: readonly Slot[]): { readonly slots: readonly Slot[]; read(text: string): string } {
    const places = given.map((slot) => this.place({ slot, offset: 0 }))
    const slots = [...new Set(places.map(({ slot }) => slot))]
    const read = (text: string): string =>
      movedReads(text, (array, index) => {
        const { slot, offset } = places[array]
        return `a${slots.indexOf(slot)}[${offset === 0 ? index : `${offset} + (${index})`}]`
      })
    return { slots, read }
  }
}

/** Whether a launch may become a part of a stage. */
function takes({ parts: [first], reads, size }: Stage, { code, threads }: Launch, own: ReadonlySet<Slot>): boolean {
  if (first.code.components !== code.components) return false
  if (size + threads * code.components > mostMerged) return false
  return new Set([...reads, ...own]).size <= mostArrays
}

/** Several launches as one, whose threads do one part each. */
function join(parts: readonly Launch[], to: Slot): Command {
  const slots = [...new Set(parts.flatMap((part) => part.slots))]
  const bounds: Record<string, number> = {}
  let threads = 0
  const body = parts.map((part, i) => {
    const start = threads
    threads += part.threads
    for (const [name, bound] of Object.entries(part.code.bounds)) bounds[`${name}${i}`] = bound
    const own = movedReads(part.code.body, (array, index) => `a${slots.indexOf(part.slots[array])}[${index}]`)
    const block = renamed(own, `p${i}`)
      .replaceAll('this.thread.x', start === 0 ? 'this.thread.x' : `(this.thread.x - ${start})`)
      .replace(/this\.constants\.(\w+)/g, `this.constants.$1${i}`)
    return i === parts.length - 1 ? block : `if (this.thread.x < ${threads}) {\n${block}\n}`
  })
  const [{ code }] = parts
  const whole: KernelCode = {
    arrays: slots.length,
    numbers: 0,
    components: code.components,
    bounds,
    body: body.join('\n'),
  }
  return { kind: 'launch', code: whole, slots, numbers: [], threads, looped: false, to }
}

/** A launch that works out a number itself instead of reading it. */
function workedOut(command: Launch, number: Launch): Launch {
  const slots = [...new Set([...command.slots.filter((slot) => slot !== number.to), ...number.slots])]
  const name = `number${number.to}`
  const own = movedReads(number.code.body, (array, index) => `a${slots.indexOf(number.slots[array])}[${index}]`)
  const formula = renamed(own, `n${number.to}`)
    // Not 0 itself: infinity is made of it at run time.
    .replaceAll('this.thread.x', '(this.thread.x * 0)')
    .replace(/return ([^;]*);\s*$/, `const ${name} = $1;`)
  const body = movedReads(command.code.body, (array, index) =>
    command.slots[array] === number.to ? name : `a${slots.indexOf(command.slots[array])}[${index}]`,
  )
  return { ...command, slots, code: { ...command.code, arrays: slots.length, body: `${formula}\n${body}` } }
}

/** A body whose own names end in something that no other body's do. */
function renamed(body: string, end: string): string {
  const names = new Set([...body.matchAll(/\b(?:const|let) (\w+)/g)].map(([, name]) => name))
  return body.replace(/(?<![.\w])[A-Za-z_]\w*/g, (word) => (names.has(word) ? `${word}${end}` : word))
}

/** Source text with each element `a0[index]` that it reads written anew. */
function movedReads(text: string, write: (array: number, index: string) => string): string {
  const head = /\ba(\d+)\[/g
  let done = ''
  let at = 0
  for (let found = head.exec(text); found !== null; found = head.exec(text)) {
    const start = head.lastIndex
    let end = start
    for (let depth = 1; depth > 0; end++) depth += text[end] === '[' ? 1 : text[end] === ']' ? -1 : 0
    done += text.slice(at, found.index) + write(Number(found[1]), movedReads(text.slice(start, end - 1), write))
    at = end
    head.lastIndex = end
  }
  return done + text.slice(at)
}
