// The kernel of a layer divided by its spectral norm, its largest singular value (Miyato and others, 2018, "Spectral normalization for
// generative adversarial networks").

import { OptionError } from '../../errors'
import { rebuildNode, substitute, type Value, type Variable } from '../../graph'
import { truncatedNormal } from '../../initializers'
import { all, div, equal, matmul, maximum, mul, reshape, rsqrt, sum, transpose, where } from '../../ops'
import type { PartialShape } from '../../tensor'
import { type CallContext, inPlaceOf } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { Weight } from '../base/weights'
import { nameInside } from '../composite/composite'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link spectralNormalization}. */
export interface SpectralNormalizationOptions extends LayerOptions {
  /** How often the estimate of the norm is brought closer, in each call in training; 1 by default. */
  readonly powerIterations?: number
}

const own = {
  defaults: { powerIterations: 1 },
  rules: { powerIterations: { from: 1, to: 1000, integer: true } },
} satisfies OwnOptions<SpectralNormalizationOptions>

class SpectralNormalization extends Layer {
  private readonly layer: Layer
  private readonly options: SpectralNormalizationOptions
  private readonly powerIterations: number
  declare private kernel: Weight
  declare private vectorU: Variable

  constructor(layer: Layer, options: SpectralNormalizationOptions = {}) {
    super(options, 'spectralNormalization', own)
    if (!(layer instanceof Layer)) {
      throw new OptionError(`spectralNormalization: layer: expected a layer such as dense(8), got ${typeof layer}`)
    }
    this.layer = layer
    this.options = options
    this.powerIterations = options.powerIterations ?? own.defaults.powerIterations
    this.rename(this.name)
    if (options.dtype !== undefined) layer.adoptDType(options.dtype)
    if (options.trainable === false) layer.trainable = false
  }

  override get innerLayers(): readonly Layer[] {
    return [this.layer]
  }

  /** In Keras' order: the kernel, then the estimate, then what else the layer has. */
  override get weights(): readonly Weight[] {
    const [estimate, ...inner] = super.weights
    if (estimate === undefined || !this.built) return super.weights
    return [this.kernel, estimate, ...inner.filter((weight) => weight !== this.kernel)]
  }

  override rename(name: string): void {
    super.rename(name)
    nameInside(name, [this.layer])
  }

  override build(inputShape: PartialShape): void {
    this.layer.buildFor([inputShape])
    const found = this.layer.weights.find(({ name }) => name === 'kernel' || name === 'embeddings')
    if (found === undefined || this.layer.innerLayers.length > 0) {
      throw new OptionError(
        `${this.name}: layer: expected one with a kernel or embeddings of its own, such as dense(8), got ${this.layer.kind}`,
      )
    }
    this.kernel = found
    const { shape } = found.variable
    this.vectorU = this.addWeight('vectorU', [1, shape[shape.length - 1]], {
      initializer: truncatedNormal({ stddev: 0.02 }),
      trainable: false,
    })
  }

  override call(x: Value, context: CallContext): Value {
    const { variable } = this.kernel
    const before = variable.value
    const [output] = this.layer.callWith([x], context.inner({ masks: context.masks })).outputs
    if (!context.training) return output
    const [kernel, vector] = this.normalized(context.current(variable), context.current(this.vectorU))
    context.update(variable, kernel)
    context.update(this.vectorU, vector)
    // The layer goes on with the new kernel, and the gradient is that by it, as if it had been assigned before.
    const kept: readonly [Value, Value][] = [
      [x, x],
      [before, inPlaceOf(before, kernel)],
    ]
    return substitute({ inputs: [], outputs: [output], updates: [] }, rebuildNode, new Map(kept)).outputs[0]
  }

  /** The kernel divided by its norm, and the vector that the next estimate begins with; a kernel of zeros stays. */
  private normalized(kernel: Value, before: Value): readonly [Value, Value] {
    const matrix = reshape(kernel, [-1, kernel.shape[kernel.rank - 1]])
    let u = before
    let v = before
    for (let i = 0; i < this.powerIterations; i++) {
      v = toLengthOne(matmul(u, transpose(matrix)))
      u = toLengthOne(matmul(v, matrix))
    }
    const sigma = reshape(matmul(matmul(v, matrix), transpose(u)), [])
    const isZero = all(equal(kernel, 0))
    return [where(isZero, kernel, div(kernel, where(isZero, 1, sigma))), where(isZero, before, u)]
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return this.layer.outputShapes([inputShape])[0]
  }

  /** As in Keras, a mask ends here, whatever the layer inside does with it. */
  override computeMask(_: readonly Value[], __: CallContext, outputs: readonly Value[]) {
    return outputs.map(() => undefined)
  }

  override get indexCount(): number | undefined {
    return this.layer.indexCount
  }

  override overTime(ranks: readonly number[]): OverTime {
    return this.layer.overTime(ranks)
  }

  override givesSteps(output: number): boolean {
    return this.layer.givesSteps(output)
  }

  override config(): Record<string, unknown> {
    return { layer: this.layer, ...this.options }
  }
}

/** As Keras does it: what is shorter than the smallest step of float32 stays short. */
function toLengthOne(x: Value): Value {
  return mul(x, rsqrt(maximum(sum(mul(x, x)), 1e-12)))
}

/**
 * Divides the kernel of a layer by its spectral norm in every call in training, so that the layer stretches no input by more than 1; the
 * norm is estimated by power iteration, which goes on from call to call. Weights: kernel, vectorU `[1, last axis of the kernel]`, and
 * those of the layer.
 *
 * @param layer - one with a kernel or embeddings: `dense`, a convolution, `embedding`.
 * @throws OptionError for another layer, when it is built.
 *
 * @example
 * ```ts
 * const layer = spectralNormalization(dense(8))
 * await layer.run(randomNormal([4, 3]), { training: true })
 * ```
 */
export const spectralNormalization = /* @__PURE__ */ layerFactory(
  'spectralNormalization',
  ['layer'],
  (layer: Layer, options?: SpectralNormalizationOptions): Layer => new SpectralNormalization(layer, options),
  ['layer'],
)
