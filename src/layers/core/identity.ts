// Layers that hand on what they are given.

import type { Value } from '../../graph'
import { l1l2 } from '../../regularizers'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import type { OwnOptions } from '../options/ownOptions'

/**
 * Gives what it is given: a place for a name, or for a layer that comes later.
 *
 * @example
 * ```ts
 * const y = await identity().run([[1, 2]])
 * y.toArray() // [[1, 2]]
 * ```
 */
export const identity = /* @__PURE__ */ layerFactory('identity', [], (options: LayerOptions = {}): Layer => {
  return plainLayer({ kind: 'identity', overTime: 'apart', options, own: { defaults: {} }, call: (x) => x })
})

/** Options of {@link activityRegularization}. */
export interface ActivityRegularizationOptions extends LayerOptions {
  /** The price of the sum of absolute values; 0 by default. */
  readonly l1?: number
  /** The price of the sum of squares; 0 by default. */
  readonly l2?: number
}

const own = {
  defaults: { l1: 0, l2: 0 },
  rules: { l1: { from: 0 }, l2: { from: 0 } },
} satisfies OwnOptions<ActivityRegularizationOptions>

class ActivityRegularization extends Layer {
  private readonly options: ActivityRegularizationOptions

  constructor(options: ActivityRegularizationOptions = {}) {
    const { l1 = own.defaults.l1, l2 = own.defaults.l2 } = options
    super({ ...options, activityRegularizer: l1l2({ l1, l2 }) }, 'activityRegularization', own)
    this.options = options
  }

  override call(x: Value, _context: CallContext): Value {
    return x
  }

  override overTime(): OverTime {
    return 'apart'
  }

  /** The penalty follows from `l1` and `l2`. */
  override config(): Record<string, unknown> {
    return { ...this.options, activityRegularizer: undefined }
  }
}

/**
 * Adds to the loss a price on what passes through it: `l1 * sum(|x|) + l2 * sum(x²)`, divided by the number of samples.
 *
 * @throws OptionError for a price below 0.
 *
 * @example
 * ```ts
 * const model = sequential([dense(8), activityRegularization({ l2: 0.01 }), dense(1)])
 * ```
 */
export const activityRegularization = /* @__PURE__ */ layerFactory(
  'activityRegularization',
  [],
  (options?: ActivityRegularizationOptions): Layer => new ActivityRegularization(options),
)
