// Masked sequences without their masked steps: for what looks at several steps at once, such as a convolution, which is to see none of them.

import type { Value } from '../../../graph'
import {
  add,
  broadcastTo,
  cast,
  cumSum,
  expandDims,
  iota,
  less,
  reshape,
  scatterAlongAxis,
  sub,
  takeAlongAxis,
  where,
} from '../../../ops'
import { lastStep } from './linearCell'

/** Where the steps of sequences lie once the masked ones are left out. */
export class Packing {
  private readonly mask: Value
  /** How many steps count up to each, itself included: [time, batch], int32. */
  private readonly counted: Value

  /** @param mask - [time, batch] */
  constructor(mask: Value) {
    this.mask = mask
    this.counted = cumSum(cast(mask, 'int32'), { axis: 0 })
  }

  /** The steps that count of [time, batch, features], one behind the other, then zeros. */
  pack(x: Value): Value {
    const places = where(this.mask, sub(this.counted, 1), -1)
    return scatterAlongAxis(x, across(places, x), x.shape[0], 0)
  }

  /** What packed steps gave, at the steps they came from; at masked ones that of the step before, zeros before the first. */
  unpack(y: Value): Value {
    return takeAlongAxis(y, across(sub(this.counted, 1), y), 0)
  }

  /** What packed steps have, and 0 behind the last of each sequence. */
  nothingBehind(x: Value): Value {
    const [steps] = this.mask.shape
    return where(expandDims(less(reshape(iota(steps), [steps, 1]), this.count), -1), x, 0)
  }

  /** So many steps of [time + steps, batch, features] as there are behind those that count, sequence by sequence. */
  behind(x: Value, steps: number): Value {
    return takeAlongAxis(x, across(add(this.count, reshape(iota(steps), [steps, 1])), x), 0)
  }

  /** How many steps of each sequence count, [batch]. */
  private get count(): Value {
    return lastStep(this.counted)
  }
}

/** Indices [time, batch] for all features. */
function across(indices: Value, x: Value): Value {
  return broadcastTo(expandDims(indices, -1), [...indices.shape, x.shape[2]])
}
