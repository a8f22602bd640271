// A straight rise at the beginning of another schedule.
import { add, div, less, mul, where } from '../ops'
import { shorthand } from '../registry'
import { resolveSchedule, type Schedule, type ScheduleOption, schedule } from './schedule'

interface WarmupOptions {
  readonly schedule: ScheduleOption | number
  readonly steps: number
}

const declared = /* @__PURE__ */ schedule<WarmupOptions>('warmup', {
  defaults: { schedule: undefined, steps: undefined },
  required: ['schedule', 'steps'],
  rules: { steps: { integer: true, from: 1 } },
  check({ schedule: after }) {
    if (typeof after !== 'number') resolveSchedule(after)
  },
  call(step, { schedule: after, steps }) {
    const rate = typeof after === 'number' ? after : resolveSchedule(after).call(step)
    return where(less(step, steps), mul(rate, div(add(step, 1), steps)), rate)
  },
})

/**
 * Another schedule (or a number) whose rate is multiplied by 1/steps, 2/steps, ... in the first steps.
 *
 * @example
 * ```ts
 * adam({ learningRate: schedules.warmup(schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 1000 }), 100) })
 * ```
 */
export const warmup = /* @__PURE__ */ shorthand(
  declared,
  (after: ScheduleOption | number, steps: number): Schedule => declared({ schedule: after, steps }),
)
