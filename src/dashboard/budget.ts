// What looking may cost: of each kind of look a share of the time for which a model has trained. What would cost more is put off.

/** What a kind of look may cost. */
export interface Allowance {
  /** Of the time of training, from 0 to 1. */
  readonly share: number
  /** What one may cost, in milliseconds, as long as that is not known: what the first one costs, for which much is made, tells nothing. */
  readonly guess: number
}

/** Says whether there is time for a look, by what the last one of its kind cost. */
export class Budget<Kind extends string> {
  private readonly allowances: Readonly<Record<Kind, Allowance>>
  private readonly now: () => number
  private readonly costs = new Map<Kind, number>()
  private readonly spent = new Map<Kind, number>()
  private began = 0
  private idle = 0

  /** @param now - a clock, in milliseconds. */
  constructor(allowances: Readonly<Record<Kind, Allowance>>, now: () => number) {
    this.allowances = allowances
    this.now = now
  }

  begin(): void {
    this.began = this.now()
    this.idle = 0
    this.spent.clear()
  }

  /** How long training went on, without pauses, in milliseconds. */
  get elapsed(): number {
    return this.now() - this.began - this.idle
  }

  /** Time in which nothing was trained does not count. */
  rest(milliseconds: number): void {
    this.idle += milliseconds
  }

  allows(kind: Kind): boolean {
    const { share, guess } = this.allowances[kind]
    return (this.spent.get(kind) ?? 0) + (this.costs.get(kind) ?? guess) <= share * this.elapsed
  }

  /** Does it, and counts what it costs. */
  async spend(kind: Kind, work: () => Promise<void>): Promise<void> {
    const began = this.now()
    try {
      await work()
    } finally {
      const cost = this.now() - began
      if (this.spent.has(kind)) this.costs.set(kind, cost)
      this.spent.set(kind, (this.spent.get(kind) ?? 0) + cost)
    }
  }
}
