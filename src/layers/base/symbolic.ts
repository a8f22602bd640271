// The graph of layers a functional model is made of: symbolic tensors, and the calls that produce them.

import { checkOptions, isList, OptionError, requirePositiveInteger } from '../../errors'
import type { DType, PartialShape } from '../../tensor'
import type { CallArguments } from '../options/callOptions'
import { checkCommon } from '../options/commonOptions'
import type { Layer } from './layer'

/** One use of a layer in a graph of layers. */
export interface LayerCall {
  readonly layer: Layer
  readonly inputs: readonly SymbolicTensor[]
  readonly initialState: readonly SymbolicTensor[]
  readonly mask?: SymbolicTensor | undefined
  /** What else the call was given: tensors such as `attentionMask`, settings such as `useCausalMask`. */
  readonly given: CallArguments<SymbolicTensor>
  readonly outputs: readonly SymbolicTensor[]
}

/** What flows between layers before there is data: a shape without the batch, and the call it comes from. */
export class SymbolicTensor {
  /** The shape of one sample; unknown lengths are `null`. */
  readonly shape: PartialShape
  /** `'string'` for texts, which only layers directly behind an input read. */
  readonly dtype: DType | 'string'
  /** The call that makes it; undefined for an input of a model. */
  readonly call: LayerCall | undefined
  readonly name: string
  /** How many samples batches are meant to have, where the input says so. */
  readonly batchSize: number | undefined

  constructor(
    shape: PartialShape,
    dtype: DType | 'string',
    details: { call?: LayerCall; name: string; batchSize?: number | undefined },
  ) {
    this.shape = shape
    this.dtype = dtype
    this.call = details.call
    this.name = details.name
    this.batchSize = details.batchSize
  }
}

/** A list of symbolic tensors, also where one is given alone. @throws OptionError for anything else. */
export function symbolicList(where: string, given: unknown): readonly SymbolicTensor[] {
  const list: readonly unknown[] = isList(given) ? given : [given]
  const isSymbolic = (item: unknown): item is SymbolicTensor => item instanceof SymbolicTensor
  if (list.every(isSymbolic)) return list
  throw new OptionError(`${where}: expected symbolic tensors, as input() gives them; for data use run()`)
}

/** @throws OptionError where a second tensor stands in the place of the options. */
export function checkNotSpread(where: string, options: unknown): void {
  if (!(options instanceof SymbolicTensor) && !Array.isArray(options)) return
  throw new OptionError(
    `${where}: expected several symbolic tensors as a list, apply([a, b]), got them one after another`,
  )
}

/** Options of {@link input}. */
export interface InputOptions {
  /** The shape of one sample; an unknown length is `null`. */
  readonly shape: PartialShape
  readonly name?: string
  /** `float32` by default; `'string'` for texts, which go into `textVectorization`, `stringLookup` or `hashing`. */
  readonly dtype?: DType | 'string'
  /** How many samples batches are meant to have. As in Keras it is kept with the model, and batches of other sizes are taken too. */
  readonly batchSize?: number
}

let inputs = 0

/**
 * An input of a functional model.
 *
 * @example
 * ```ts
 * const x = input({ shape: [null, 8] })
 * const y = dense(1).apply(lstm(16).apply(x))
 * ```
 */
export function input(options: InputOptions): SymbolicTensor {
  checkOptions('input', options, ['shape', 'name', 'dtype', 'batchSize'])
  const { shape, name, dtype = 'float32', batchSize } = options ?? {}
  if (shape === undefined) throw new OptionError('input: shape: expected one, got none')
  checkCommon('input', { inputShape: shape, name, ...(dtype === 'string' ? {} : { dtype }) }, 'shape')
  if (batchSize !== undefined) requirePositiveInteger('input', 'batchSize', batchSize)
  inputs++
  return new SymbolicTensor(shape, dtype, { name: name ?? `input_${inputs}`, batchSize })
}
