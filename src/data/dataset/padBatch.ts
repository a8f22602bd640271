// Batches of sequences of different lengths: padded, with the mask that says which steps there are.

import { DataError, requireNumber, requireOneOf, requirePositiveInteger } from '../../errors'
import { asTensor, type Tensor, type TensorLike } from '../../tensor'
import { ends, padded, sequenceTensors } from '../sequences/padSequences'
import { isRecord, stacked } from './collate'

/** How batches of sequences are padded. */
export interface PadBatchOptions {
  /** The length of all batches; that of the longest sequence in each by default. Longer ones lose their end. */
  readonly length?: number
  /** Where sequences are filled up: at the end (`'post'`, the default) or at the front. */
  readonly padding?: 'pre' | 'post'
  /** What x is filled up with; 0 by default. y is filled up with 0. */
  readonly value?: number
  /** Whether y and sampleWeight have an entry for every step, and are padded too; `false` by default. */
  readonly perStep?: boolean
}

/** The names of all options in {@link PadBatchOptions}. */
export const padBatchNames = ['length', 'padding', 'value', 'perStep'] as const

/** A batch of sequences. */
export interface PaddedBatch {
  /** `[batch, time, ...]` */
  readonly x: Tensor
  /** `[batch, ...]`; `[batch, time, ...]` where there are targets for every step. */
  readonly y?: Tensor
  readonly sampleWeight?: Tensor
  /** Which steps there are: `bool`, `[batch, time]`. */
  readonly mask: Tensor
}

/** Joins elements `{ x, y, sampleWeight }`. @throws DataError for elements of another kind. */
export function padBatch(elements: readonly unknown[], options: PadBatchOptions, where: string): PaddedBatch {
  const { length } = options
  const padding = requireOneOf(where, 'padding', options.padding ?? 'post', ends)
  const value = requireNumber(where, 'value', options.value ?? 0)
  if (length !== undefined) requirePositiveInteger(where, 'length', length)
  const x = sequenceTensors(partsOf(elements, 'x', where), `${where}: x`)
  const { sequences, mask } = padded(x, { length, padding, value })
  const along = (name: 'y' | 'sampleWeight'): { [part in typeof name]?: Tensor } => {
    if (!elements.some((element) => isRecord(element) && element[name] !== undefined)) return {}
    const parts = partsOf(elements, name, where).map((part) => asTensor(part))
    const follows = parts.every(({ shape }, i) => shape.length > 0 && shape[0] === x[i].shape[0])
    if (options.perStep === true && !follows) {
      throw new DataError(`${where}: ${name}: expected as many steps as x has in each element, since perStep is true`)
    }
    if (options.perStep !== true) {
      if (parts.every(({ shape }) => shape[0] === parts[0].shape[0]))
        return { [name]: stacked(parts, `${where}: ${name}`) }
      throw new DataError(
        `${where}: ${name}: expected one for each sequence; with perStep: true there is one for each step`,
      )
    }
    return { [name]: padded(parts, { length: mask.shape[1], padding }).sequences }
  }
  return { x: sequences, ...along('y'), ...along('sampleWeight'), mask }
}

function partsOf(elements: readonly unknown[], name: 'x' | 'y' | 'sampleWeight', where: string): TensorLike[] {
  return elements.map((element, i) => {
    const part = isRecord(element) ? element[name] : undefined
    if (part !== undefined) return part as TensorLike // checked where it is made a tensor
    throw new DataError(
      `${where}: expected elements { x, y, sampleWeight }, found no ${name} in number ${i} of a batch`,
    )
  })
}
