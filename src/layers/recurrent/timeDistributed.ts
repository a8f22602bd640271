// One layer for every step of a sequence.

import { OptionError } from '../../errors'
import type { Value } from '../../graph'
import { concatenate, expandDims, reshape, slice } from '../../ops'
import type { PartialShape, Shape, Tensor } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { nameInside } from '../composite/composite'
import type { CallSettings } from '../options/callOptions'
import type { Expected } from '../options/expected'

/** Options of {@link timeDistributed}. */
export interface TimeDistributedOptions extends LayerOptions {}

class TimeDistributed extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 3 }
  private readonly layer: Layer
  private readonly options: TimeDistributedOptions

  constructor(layer: Layer, options: TimeDistributedOptions = {}) {
    super(options, 'timeDistributed')
    if (!(layer instanceof Layer)) {
      throw new OptionError(`timeDistributed: layer: expected a layer such as dense(8), got ${typeof layer}`)
    }
    this.layer = layer
    this.options = options
    this.rename(this.name)
    if (options.dtype !== undefined) layer.adoptDType(options.dtype)
    if (options.trainable === false) layer.trainable = false
  }

  override get innerLayers(): readonly Layer[] {
    return [this.layer]
  }

  override rename(name: string): void {
    super.rename(name)
    nameInside(name, [this.layer])
  }

  override build(inputShape: PartialShape): void {
    this.layer.buildFor([inputShape.slice(1)])
  }

  override checkData(data: Tensor, settings?: CallSettings): void {
    this.layer.checkData(data, settings)
  }

  override get indexCount(): number | undefined {
    return this.layer.indexCount
  }

  override call(x: Value, context: CallContext): Value | readonly Value[] {
    const [batch, steps, ...rest] = x.shape
    if (context.training && this.layer.mixesSamples) return this.stepByStep(x, context)
    const { outputs } = this.layer.callWith([reshape(x, [batch * steps, ...rest])], context.inner({ masks: [] }))
    const apart = outputs.map((output) => reshape(output, [batch, steps, ...output.shape.slice(1)]))
    return apart.length === 1 ? apart[0] : apart
  }

  /** As Keras does it: each step is a batch of its own, of the samples that are not masked there. */
  private stepByStep(x: Value, context: CallContext): Value | readonly Value[] {
    const [batch, steps, ...rest] = x.shape
    const at = (value: Value, step: number, shape: Shape): Value =>
      reshape(
        slice(value, [0, step, ...rest.slice(0, value.rank - 2).map(() => 0)], [batch, 1, ...value.shape.slice(2)]),
        shape,
      )
    const called = Array.from({ length: steps }, (_, step) => {
      const mask = context.mask && at(context.mask, step, [batch])
      return this.layer.callWith([at(x, step, [batch, ...rest])], context.inner({ masks: [mask] })).outputs
    })
    const outputs = called[0].map((_, i) =>
      concatenate(
        called.map((each) => expandDims(each[i], 1)),
        1,
      ),
    )
    return outputs.length === 1 ? outputs[0] : outputs
  }

  override outputShape([steps, ...rest]: PartialShape): PartialShape | readonly PartialShape[] {
    const shapes = this.layer.outputShapes([rest]).map((shape) => [steps, ...shape])
    return shapes.length === 1 ? shapes[0] : shapes
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map(() => context.mask)
  }

  override overTime(): OverTime {
    // Each step is a sample to the layer inside, which may do as it likes with axes of its own.
    return this.layer.isStateful ? { mixed: 'a stateful layer inside it goes through each step by itself' } : 'apart'
  }

  override config(): Record<string, unknown> {
    return { layer: this.layer, ...this.options }
  }
}

/**
 * Applies a layer to every step of a sequence, with the same weights: all steps of all samples as one large batch.
 *
 * Input `[batch, time, ...]`, output `[batch, time, ...]`, where the dots stand for what the layer takes and gives. The
 * layer is given no mask, but the mask passes on to what follows. In training a batch normalisation inside takes each step
 * by itself, with the samples that are not masked there, as in Keras.
 *
 * @example
 * ```ts
 * const y = await timeDistributed(dense(4)).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 5, 4]
 * ```
 */
export const timeDistributed = /* @__PURE__ */ layerFactory(
  'timeDistributed',
  ['layer'],
  (layer: Layer, options?: TimeDistributedOptions): Layer => {
    return new TimeDistributed(layer, options)
  },
  ['layer'],
)
