// Adam with weight decay.
import { type AdamOptions, adamRules, adamSlots, adamUpdate } from './adam'
import { optimizer } from './step/optimizer'

/**
 * {@link adam} with decoupled weight decay (Loshchilov and Hutter, 2019): before Adam's step w = w - weightDecay learningRate w,
 * so that weights shrink alike however large their gradients are.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adamw({ weightDecay: 0.01, excludeFromWeightDecay: ['bias'] }), loss: 'mse' })
 * ```
 */
export const adamw = /* @__PURE__ */ optimizer<AdamOptions>('adamw', {
  defaults: { learningRate: 0.001, weightDecay: 0.004, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
  rules: adamRules,
  slots: adamSlots,
  update: adamUpdate,
})
