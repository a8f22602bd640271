// Sequences of different lengths straight into a model: padded at the end to the longest, with a mask of the steps that
// are there. They count as such where the model takes sequences of any length; elsewhere they are ragged data.

import { isRagged, padded, sequenceTensors } from '../data'
import { DataError, didYouMean, type HornbeamError } from '../errors'
import { asTensor, formatShape, isTensorJSON, type PartialShape, sameShape, Tensor, type TensorLike } from '../tensor'
import { isRecord, type ModelData, type Part, requireArrays, type Slots } from './binding'
import type { Masks } from './stepData'

/** Data without sequences of different lengths, and a mask for each slot where there were some. */
export interface Padded {
  readonly data: ModelData
  readonly masks: Masks
}

/**
 * Pads what is ragged along time.
 *
 * @throws DataError where the model takes one length only, or sequences differ in more than their length.
 */
export function padSequencesOf(data: ModelData, slots: Slots): Padded {
  return mapSlots(data, slots, (part, name, shape) => {
    if (!isRagged(part))
      return { part: isTensorList(part) ? padded(sequenceTensors(part, slots.where)).sequences : part }
    const where = slots.names.length > 1 ? `${slots.where} (${name})` : slots.where
    if (shape !== undefined && shape[0] !== null) throw notForSequences(where, undefined, shape)
    const { sequences, mask } = padded(sequenceTensors(part, where))
    return { part: sequences, mask }
  })
}

/**
 * Pads targets (or weights) that go with the steps of sequences, to the length of these.
 *
 * @param masks - those of the inputs.
 * @throws DataError where they have other lengths than the sequences.
 */
export function padTargets(data: ModelData, slots: Slots, masks: Masks): Padded {
  if (data instanceof Tensor && slots.names.length === 1) return { data, masks: [undefined] }
  const present = masks.filter((mask) => mask !== undefined)
  return mapSlots(data, slots, (part, name) => {
    if (!isRagged(part) || present.length === 0) return { part }
    const where = slots.names.length > 1 ? `${slots.where} (${name})` : slots.where
    const { sequences, mask } = padded(sequenceTensors(part, where), { length: present[0].shape[1] })
    if (!present.some((input) => sameSteps(input, mask, part))) {
      throw new DataError(`${where}: expected as many steps as x in every sequence, or one target for each sequence`)
    }
    return { part: sequences, mask }
  })
}

/** The error for sequences of different lengths where a model cannot take them. */
export function notForSequences(where: string, cause?: HornbeamError, shape?: PartialShape): DataError {
  const why =
    shape === undefined
      ? `this model takes no sequences of any length${cause === undefined ? '' : ` (${cause.message})`}`
      : `the model takes the shape ${formatShape([null, ...shape])}`
  return new DataError(`${where}: ragged array: ${why}; bring all to one length with data.padSequences`, { cause })
}

/** Whether these are tensors, of which a single input takes each for a sequence. */
function isTensorList(data: TensorLike | readonly TensorLike[]): data is readonly Tensor[] {
  return Array.isArray(data) && data.length > 1 && data[0] instanceof Tensor
}

/**
 * Masks that came along with a batch, for the inputs they are for: one for a model with one input, or by name.
 *
 * @throws DataError for names that are not inputs, and for other shapes than `[samples, time]`.
 */
export function bindMasks(
  given: TensorLike | Readonly<Record<string, TensorLike>>,
  inputs: readonly Tensor[],
  { names, texts }: Slots,
): Masks {
  if (texts?.includes(true)) throw new DataError('mask: expected none, since the model reads texts')
  const byName = isRecord(given) ? given : { [names[0]]: given }
  const unknown = Object.keys(byName).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new DataError(`mask: nothing is named '${unknown}'.${didYouMean(unknown, names)}`)
  return names.map((name, i) => {
    if (byName[name] === undefined) return undefined
    const mask = asTensor(byName[name], 'bool')
    const expected = inputs[i].shape.slice(0, 2)
    if (sameShape(mask.shape, expected)) return mask
    throw new DataError(`mask: expected shape ${formatShape(expected)} as x has it, got ${formatShape(mask.shape)}`)
  })
}

/** Whether two masks are the same, and no sequence was cut for the second. */
function sameSteps(mask: Tensor, other: Tensor, sequences: readonly TensorLike[]): boolean {
  const [count, length] = mask.shape
  return (
    other.shape[0] === count &&
    sequences.every((sequence) => lengthOf(sequence) <= length) &&
    mask.data.every((value, i) => value === other.data[i])
  )
}

function lengthOf(sequence: TensorLike): number {
  if (sequence instanceof Tensor || isTensorJSON(sequence)) return sequence.shape[0]
  return typeof sequence === 'object' ? sequence.length : 0
}

/** The data with each slot's part replaced. */
function mapSlots(
  data: ModelData,
  { where, names, shapes, texts }: Slots,
  change: (
    part: TensorLike | readonly TensorLike[],
    name: string,
    shape: PartialShape | undefined,
  ) => { part: TensorLike | readonly TensorLike[]; mask?: Tensor },
): Padded {
  const one = (given: Part | readonly Part[], i: number): { part: Part; mask?: Tensor | undefined } => {
    if (texts?.[i] === true) return { part: given as Part }
    const part = given as TensorLike | readonly TensorLike[] // texts in their place are seen when they are bound
    const changed = change(part, names[i], shapes?.[i])
    // What is left in plain form is checked when it is bound.
    return { part: changed.part as TensorLike, mask: changed.mask }
  }
  requireArrays(data, where)
  if (isRecord(data)) {
    const masks: (Tensor | undefined)[] = names.map(() => undefined)
    const entries = Object.entries(data).map(([name, part]) => {
      const i = names.indexOf(name)
      if (i < 0) return [name, part]
      const changed = one(part, i)
      masks[i] = changed.mask
      return [name, changed.part]
    })
    return { data: Object.fromEntries(entries), masks }
  }
  if (names.length === 1) {
    const { part, mask } = one(data, 0)
    return { data: part, masks: [mask] }
  }
  if (!Array.isArray(data) || data.length !== names.length) return { data, masks: names.map(() => undefined) }
  const parts = data.map(one)
  return { data: parts.map(({ part }) => part), masks: parts.map(({ mask }) => mask) }
}
