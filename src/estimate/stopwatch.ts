// How long a step takes, by running it: at its own size where that is soon done, else at smaller sizes, from which the time at the
// real one is a straight line away.

/** Runs a step of some size so many times; resolves to the seconds that took, once the device has finished. */
export type TimedRun = (runs: number) => Promise<number>

/** A step that can be made smaller: shorter sequences, or a smaller batch. */
export interface Scalable {
  /** The real size. */
  readonly full: number
  /** Multiply-adds at the real size. */
  readonly multiplyAdds: number
  /** Prepares the step at a size. */
  at(size: number): Promise<TimedRun>
}

/** Seconds of a step at the real size, and the sizes that were really run. */
export interface Timing {
  readonly seconds: number
  readonly sizes: readonly number[]
}

/** Below this many multiply-adds a step is timed as it is. */
const small = 50e6
/** Seconds that one timed run may take before smaller sizes have to do. */
const patience = 0.4

/** Times a step. */
export async function timeStep({ full, multiplyAdds, at }: Scalable): Promise<Timing> {
  const sizes = multiplyAdds <= small ? [full] : [...new Set([Math.ceil(full / 16), Math.ceil(full / 4), full])]
  const points: { size: number; seconds: number }[] = []
  for (const size of sizes) {
    const last = points.at(-1)
    if (last !== undefined && (last.seconds * size) / last.size > patience) {
      const next = Math.min(size, Math.round((last.size * patience) / last.seconds))
      // One more, as large as there is time for; two sizes that are nearly the same would only tell the noise.
      if (next >= 1.5 * last.size) points.push({ size: next, seconds: await secondsPerRun(await at(next)) })
      break
    }
    points.push({ size, seconds: await secondsPerRun(await at(size)) })
  }
  return { seconds: atFull(points, full), sizes: points.map(({ size }) => size) }
}

/** The line through the last two points, at the real size; through one point and nothing where there is only one. */
function atFull(points: readonly { size: number; seconds: number }[], full: number): number {
  const [before, last] = [points.at(-2), points.at(-1)]
  if (last === undefined) return 0
  if (last.size === full) return last.seconds
  if (before === undefined) return (last.seconds * full) / last.size
  // What does not grow with the size takes between none and half of the time; anything else is noise.
  const most = last.seconds / last.size
  const slope = (last.seconds - before.seconds) / (last.size - before.size)
  return last.seconds + Math.min(most, Math.max(most / 2, slope)) * (full - last.size)
}

/** Seconds that warming up, and then timing, take at least. */
const [warming, timing] = [0.1, 0.25]

/** Seconds of one run, after the engine has had time to compile what runs often: the lower quartile of rounds, as what else a machine does only adds. */
export async function secondsPerRun(run: TimedRun): Promise<number> {
  let latest = 0
  for (let [spent, count] = [0, 0]; spent < warming || count < 2; count++) {
    latest = await run(1)
    spent += latest
  }
  // A run that takes longer than all the rounds are to take is timed once more, and that is it.
  if (latest > 2 * timing) return Math.min(latest, await run(1))
  const runs = Math.max(1, Math.ceil(0.02 / latest))
  const rounds: number[] = []
  for (let spent = 0; spent < timing || rounds.length < 3; spent += rounds[rounds.length - 1] * runs) {
    rounds.push((await run(runs)) / runs)
  }
  return rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 4)]
}
