// Layers that work on texts, or on numbers with more digits than a graph has: on the host, before there is a graph. In a model they stand
// directly behind its inputs.

import { type FlatTexts, flatTexts, type TextMode, type Texts } from '../../data'
import { OptionError } from '../../errors'
import type { Value } from '../../graph'
import { asTensor, castTensor, type DType, firstLeaf, isFloat, Tensor, type TensorLike } from '../../tensor'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import type { SymbolicTensor } from '../base/symbolic'
import { withoutFront } from './front'

/** What such a layer reads: texts with the shape they stood in, or numbers. */
export type HostData = FlatTexts | Tensor

/** Texts or numbers, in lists as deep as they are. */
export type HostInput = Texts | TensorLike

/** Data for such a layer, of a batch. @throws DataError for ragged lists. */
export function hostData(where: string, given: HostInput): HostData {
  if (given instanceof Tensor || typeof firstLeaf(given) !== 'string') {
    // Whole numbers, of which a float holds only those with few digits.
    return given instanceof Tensor && isFloat(given.dtype)
      ? castTensor(given, 'int32')
      : asTensor(given as TensorLike, 'int32')
  }
  return flatTexts(where, given as Texts) // as their first leaf is one
}

/** The base of layers that work on the host. */
export abstract class HostLayer extends Layer {
  override readonly supportsMasking: boolean = false
  override readonly splitsGraph = withoutFront

  /** What becomes of the place of a text. */
  protected abstract readonly mode: TextMode

  /** What the layer gives for a batch of data, for each input one. */
  abstract onHost(data: readonly HostData[]): Tensor

  /** Whether it takes whole numbers beside texts. */
  get takesNumbers(): boolean {
    return false
  }

  override get outputDType(): DType {
    return this.mode === 'int' ? 'int32' : 'float32'
  }

  override call(): Value {
    throw new OptionError(
      `expected to stand directly behind the inputs of a model, where texts are looked up before anything is computed; for data use run(texts)`,
    )
  }

  protected override checkRead(inputs: readonly SymbolicTensor[]): void {
    for (const { name, dtype, call } of inputs) {
      if (call !== undefined) {
        throw new OptionError(
          `${this.name}.apply: expected an input of a model, got what ${call.layer.name} gives: ${this.kind} works before anything is computed`,
        )
      }
      if (dtype === 'string' || (dtype === 'int32' && this.takesNumbers)) continue
      const wanted = this.takesNumbers ? "'string' or 'int32'" : "'string'"
      throw new OptionError(`${this.name}.apply: ${name}: expected an input with dtype ${wanted}, got '${dtype}'`)
    }
  }

  protected override fixedAxes(): readonly number[] {
    return []
  }

  override overTime(): OverTime {
    return { mixed: 'it works on texts, before there are steps' }
  }

  /**
   * What the layer gives for data, at once, as its vocabulary is now.
   *
   * @param input - texts, or a list of them for each input where it takes several.
   * @throws DataError for data that it cannot take.
   */
  override async run<R = Tensor>(input: HostInput | readonly HostInput[]): Promise<R> {
    const given = this.expects.inputs === 'list' ? (input as readonly HostInput[]) : [input as HostInput] // by what it takes
    return this.onHost(given.map((each) => hostData(this.name, each))) as R // a tensor, as it has one output
  }
}
