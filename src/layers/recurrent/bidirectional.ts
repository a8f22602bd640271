// Two recurrent layers over one sequence, one in each direction.

import { OptionError, requireOneOf } from '../../errors'
import type { Value } from '../../graph'
import { add, concatenate, div, mul, reverse } from '../../ops'
import type { PartialShape, Tensor, TensorLike } from '../../tensor'
import type { CallContext } from '../base/context'
import { isShapeList, Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { ownName } from '../composite/composite'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import type { Around } from '../options/ranks'
import { RecurrentLayer } from './recurrentLayer'

/** How the outputs of the two directions become one; with `null` there are two outputs. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null

/** Options of {@link bidirectional}. */
export interface BidirectionalOptions extends LayerOptions {
  /** `'concat'` by default. */
  readonly mergeMode?: MergeMode
  /** The layer of the other direction; by default one with the same options. */
  readonly backwardLayer?: Layer
}

const mergeModes = ['concat', 'sum', 'mul', 'ave'] as const

const own = {
  defaults: { mergeMode: 'concat', backwardLayer: undefined },
} satisfies OwnOptions<BidirectionalOptions>

class Bidirectional extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 3 }
  private readonly forward: RecurrentLayer
  private readonly backward: RecurrentLayer
  private readonly mergeMode: MergeMode
  private readonly options: BidirectionalOptions
  /** The layers as they were given: what they are named without their direction. */
  private readonly names: readonly [forward: string, backward: string]

  constructor(layer: Layer, options: BidirectionalOptions = {}) {
    super(options, 'bidirectional', own)
    const { mergeMode = 'concat', backwardLayer } = options
    const forward = recurrent('layer', layer)
    const backward = backwardLayer === undefined ? forward : recurrent('backwardLayer', backwardLayer)
    this.mergeMode = mergeMode === null ? null : requireOneOf('bidirectional', 'mergeMode', mergeMode, mergeModes)
    this.options = options
    // Layers of their own weights, as in Keras, which also has them give zeros at masked steps.
    const changes = {
      zeroOutputForMask: forward.returnSequences,
      ...(options.dtype === undefined ? {} : { dtype: options.dtype }),
      ...(options.trainable === undefined ? {} : { trainable: options.trainable }),
    }
    this.forward = forward.copy(changes)
    const goBackwards = backwardLayer === undefined ? !forward.goBackwards : backward.goBackwards
    this.backward = backward.copy({ ...changes, goBackwards })
    this.names = [prefixed('forward', forward), prefixed('backward', backward)]
    this.checkPair()
    this.rename(this.name)
  }

  override get stateRank(): number {
    return this.forward.stateRank
  }

  private checkPair(): void {
    const { forward, backward } = this
    if (forward.goBackwards === backward.goBackwards) {
      throw new OptionError(
        `bidirectional: backwardLayer: expected goBackwards ${!forward.goBackwards}, the other way than the layer's, got ${backward.goBackwards}`,
      )
    }
    for (const option of ['returnSequences', 'returnState', 'stateful'] as const) {
      if (forward[option] === backward[option]) continue
      throw new OptionError(
        `bidirectional: backwardLayer: expected ${option} ${forward[option]} as in the layer, got ${backward[option]}`,
      )
    }
  }

  override get innerLayers(): readonly Layer[] {
    return [this.forward, this.backward]
  }

  override rename(name: string): void {
    super.rename(name)
    this.forward.rename(`${name}/${this.names[0]}`)
    this.backward.rename(`${name}/${this.names[1]}`)
  }

  override build(inputShape: PartialShape): void {
    this.forward.buildFor([inputShape])
    this.backward.buildFor([inputShape])
  }

  override checkApplied(inputs: readonly PartialShape[], states: readonly PartialShape[], mask?: PartialShape): void {
    const { forward, backward } = this
    this.requireStates(states.length)
    forward.checkApplied(inputs, states.slice(0, forward.stateCount), mask)
    backward.checkApplied(inputs, states.slice(forward.stateCount), mask)
  }

  /** @throws OptionError for another number of initial states than both layers have, or none. */
  private requireStates(given: number): void {
    const count = this.forward.stateCount + this.backward.stateCount
    if (given === 0 || given === count) return
    throw new OptionError(
      `${this.name}: initialState: expected ${count} states, those of the forward layer first, got ${given}`,
    )
  }

  override call(x: Value, context: CallContext): Value | readonly Value[] {
    const states = context.initialState
    this.requireStates(states?.length ?? 0)
    const half = this.forward.stateCount
    const run = (layer: RecurrentLayer, initialState: readonly Value[] | undefined): readonly Value[] =>
      layer.callWith([x], context.inner({ masks: [context.mask], initialState })).outputs
    const [ahead, ...statesAhead] = run(this.forward, states?.slice(0, half))
    const [found, ...statesBack] = run(this.backward, states?.slice(half))
    const back = this.forward.returnSequences ? reverse(found, 1) : found
    const outputs = [...this.merge(ahead, back), ...statesAhead, ...statesBack]
    return outputs.length === 1 ? outputs[0] : outputs
  }

  private merge(ahead: Value, back: Value): readonly Value[] {
    switch (this.mergeMode) {
      case 'concat':
        return [concatenate([ahead, back])]
      case 'sum':
        return [add(ahead, back)]
      case 'mul':
        return [mul(ahead, back)]
      case 'ave':
        return [div(add(ahead, back), 2)]
      case null:
        return [ahead, back]
    }
  }

  override outputShape(inputShape: PartialShape): PartialShape | readonly PartialShape[] {
    const [ahead, ...statesAhead] = shapeList(this.forward.outputShape(inputShape))
    const [back, ...statesBack] = shapeList(this.backward.outputShape(inputShape))
    const merged =
      this.mergeMode === 'concat'
        ? [[...ahead.slice(0, -1), Number(ahead.at(-1)) + Number(back.at(-1))]]
        : this.mergeMode === null
          ? [ahead, back]
          : [ahead]
    const shapes = [...merged, ...statesAhead, ...statesBack]
    return shapes.length === 1 ? shapes[0] : shapes
  }

  override batchAxis(output: number): 0 | 1 {
    const outputs = this.mergeMode === null ? 2 : 1
    return this.forward.batchAxis(Math.max(0, output - outputs + 1))
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    const sequences = this.forward.returnSequences ? (this.mergeMode === null ? 2 : 1) : 0
    return outputs.map((_, i) => (i < sequences ? context.mask : undefined))
  }

  /** The states of the forward layer, then those of the backward one; undefined where nothing is carried yet. */
  override async getStates(): Promise<Tensor[] | undefined> {
    const [ahead, back] = [await this.forward.getStates(), await this.backward.getStates()]
    return ahead && back && [...ahead, ...back]
  }

  override async setStates(states: readonly TensorLike[]): Promise<void> {
    this.requireStates(states.length)
    const half = this.forward.stateCount
    await this.forward.setStates(states.slice(0, half))
    await this.backward.setStates(states.slice(half))
  }

  override overTime(): OverTime {
    return { mixed: 'it also reads the sequence from its end' }
  }

  override config(): Record<string, unknown> {
    const { backwardLayer } = this.options
    return {
      layer: this.forward,
      ...this.options,
      ...(backwardLayer === undefined ? {} : { backwardLayer: this.backward }),
    }
  }
}

function recurrent(option: string, layer: unknown): RecurrentLayer {
  if (layer instanceof RecurrentLayer) return layer
  const got = layer instanceof Layer ? `the layer ${layer.kind}` : typeof layer
  throw new OptionError(`bidirectional: ${option}: expected a recurrent layer such as lstm(8), got ${got}`)
}

/** The layer's own name with its direction in front, in place of one that it may have already. */
function prefixed(direction: string, layer: Layer): string {
  return `${direction}_${ownName(layer).replace(/^(forward|backward)_/, '')}`
}

function shapeList(shape: PartialShape | readonly PartialShape[]): readonly PartialShape[] {
  return isShapeList(shape) ? shape : [shape]
}

/**
 * Runs a recurrent layer over the sequence in both directions (Schuster and Paliwal, 1997) and merges the two outputs
 * step by step. The layer that goes backwards has the same options, or is given as `backwardLayer`, with `goBackwards`.
 *
 * Input `[batch, time, features]`; the output is that of the layer, with twice the units for `mergeMode: 'concat'`, the
 * backward output being put back in the order of time. States are those of the forward layer, then those of the
 * backward one, and so are weights. At masked steps a sequence of outputs holds zeros.
 *
 * The layer is copied: the weights of the one given are not used. With `numLayers`, each direction is a stack of its
 * own, which is not what PyTorch's `bidirectional` does (there each layer of the stack sees both directions): for that,
 * put several `bidirectional` layers one on another.
 *
 * @throws OptionError for a layer that is not recurrent, and for two layers that do not go together.
 *
 * @example
 * ```ts
 * const y = await bidirectional(lstm(4, { returnSequences: true })).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 5, 8]
 * ```
 */
export const bidirectional = /* @__PURE__ */ layerFactory(
  'bidirectional',
  ['layer'],
  <Inner extends Layer>(layer: Inner, options: BidirectionalOptions = {}): Around<'bidirectional', Inner> => {
    return new Bidirectional(layer, options) as Layer as Around<'bidirectional', Inner> // a layer, whatever is known of it
  },
  ['layer', 'backwardLayer'],
)
