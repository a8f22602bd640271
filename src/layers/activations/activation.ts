// An activation function as a layer of its own.

import { type ActivationOption, resolveActivation } from '../../activations'
import type { LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { anActivation } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'
import { activatedShape } from './activatedShape'

/**
 * Applies an activation function; the shape stays, unless the function changes it as `glu` does.
 *
 * @param name - its name such as `'relu'`, a function of `activations`, or a function of one's own.
 * @throws OptionError for an unknown name.
 *
 * @example
 * ```ts
 * const y = await activation('relu').run([[-1, 2]])
 * y.toArray() // [[0, 2]]
 * ```
 */
export const activation = /* @__PURE__ */ layerFactory(
  'activation',
  ['activation'],
  (name: ActivationOption, options: LayerOptions = {}): Ranked<'activation', number, 'same'> => {
    const resolved = resolveActivation(name)
    return plainLayer({
      kind: 'activation',
      overTime: 'apart',
      options: { ...options, activation: name },
      own: { defaults: { activation: undefined }, rules: { activation: anActivation } },
      call: (x) => resolved.call(x),
      outputShape: (shape) => activatedShape(resolved, shape, options.dtype ?? 'float32'),
    })
  },
)
