// Sequences of different lengths as one tensor: cut or filled up at one end.

import {
  checkOptions,
  DataError,
  OptionError,
  requireNumber,
  requireOneOf,
  requirePositiveInteger,
  requireWalkable,
  textOf,
} from '../../errors'
import {
  allocate,
  asTensor,
  castTensor,
  commonDType,
  type DType,
  dtypes,
  formatShape,
  sameShape,
  Tensor,
  type TensorLike,
} from '../../tensor'

/** The two ends at which a sequence can be filled up or cut. */
export const ends = ['pre', 'post'] as const

/** Sequences, each `[time, ...]` with a time of its own. */
export type Sequences = readonly TensorLike[]

/** Options of {@link padSequences}. */
export interface PadSequencesOptions {
  /** The length all get; that of the longest by default. */
  readonly maxLength?: number
  /** Where short ones are filled up: at the front (`'pre'`, the default, as in Keras) or at the end. */
  readonly padding?: 'pre' | 'post'
  /** Where long ones lose steps: at the front (`'pre'`, the default, as in Keras) or at the end. */
  readonly truncating?: 'pre' | 'post'
  /** What they are filled up with; 0 by default. */
  readonly value?: number
  /** One that holds the numbers of all sequences by default: `float32` for plain arrays. */
  readonly dtype?: DType
}

/**
 * Brings sequences to one length: `[samples, maxLength, ...]`.
 *
 * Models mask what was filled in where their first layer is told how to know it: `masking({ maskValue: value })` for
 * features, `embedding(..., { maskZero: true })` for tokens. Given to `fit` as they are, sequences of different lengths
 * are padded and masked without either.
 *
 * @param sequences - each an array of numbers, of vectors, or a tensor.
 * @throws DataError where they differ in more than their length.
 *
 * @example
 * ```ts
 * data.padSequences([[1, 2, 3], [4]]).toArray() // [[1, 2, 3], [0, 0, 4]]
 * data.padSequences([[1, 2, 3], [4]], { maxLength: 2, padding: 'post' }).toArray() // [[2, 3], [4, 0]]
 * ```
 */
export function padSequences(sequences: Sequences, options: PadSequencesOptions = {}): Tensor {
  requireWalkable('padSequences', sequences)
  checkOptions('padSequences', options, ['maxLength', 'padding', 'truncating', 'value', 'dtype'])
  const { dtype } = options
  if (dtype !== undefined) requireOneOf('padSequences', 'dtype', dtype, dtypes)
  if (options.maxLength !== undefined) requirePositiveInteger('padSequences', 'maxLength', options.maxLength)
  if (!Array.isArray(sequences)) {
    throw new OptionError(`padSequences: sequences: expected an array of sequences, got ${typeof sequences}`)
  }
  return padded(sequenceTensors(sequences, 'padSequences', dtype), {
    length: options.maxLength,
    padding: requireOneOf('padSequences', 'padding', options.padding ?? 'pre', ends),
    truncating: requireOneOf('padSequences', 'truncating', options.truncating ?? 'pre', ends),
    value: requireNumber('padSequences', 'value', options.value ?? 0),
  }).sequences
}

/** How {@link padded} pads. */
export interface Padding {
  /** That of the longest by default. */
  readonly length?: number | undefined
  /** `'post'` by default. */
  readonly padding?: 'pre' | 'post'
  /** `'post'` by default. */
  readonly truncating?: 'pre' | 'post'
  readonly value?: number
}

/** Sequences as tensors that differ in nothing but their first length. @throws DataError where they differ in more. */
export function sequenceTensors(sequences: Sequences, where: string, dtype?: DType): Tensor[] {
  if (sequences.length === 0) throw new DataError(`${where}: expected at least one sequence, got none`)
  const tensors = Array.from(sequences, (sequence, i) => oneSequence(sequence, `${where}: sequence ${i}`, dtype))
  const first = tensors.find(({ size }) => size > 0) ?? tensors[0]
  const step = first.shape.slice(1)
  // Those without steps are made from empty arrays, which say nothing of a type.
  const common = tensors.reduce(
    (type, tensor) => (tensor.size > 0 ? commonDType(type, tensor.dtype) : type),
    first.dtype,
  )
  return tensors.map((tensor, i) => {
    if (tensor.size === 0) return new Tensor(allocate(common, 0), [0, ...step], common)
    if (sameShape(tensor.shape.slice(1), step)) return castTensor(tensor, common)
    throw new DataError(
      `${where}: sequence ${i}: expected steps of shape ${formatShape(step)} as in the others, got ${formatShape(tensor.shape.slice(1))}`,
    )
  })
}

function oneSequence(sequence: TensorLike, where: string, dtype: DType | undefined): Tensor {
  try {
    const tensor = asTensor(sequence, dtype)
    if (tensor.rank > 0) return tensor
  } catch (error) {
    if (error instanceof DataError) throw new DataError(error.message.replace(/^tensor/, where), { cause: error })
    throw error
  }
  throw new DataError(`${where}: expected an array or a tensor, got the number ${textOf(sequence)}`)
}

/** One tensor of sequences, and which of its steps there are: `bool`, `[samples, length]`. */
export function padded(
  tensors: readonly Tensor[],
  { length, padding = 'post', truncating = 'post', value = 0 }: Padding = {},
): { readonly sequences: Tensor; readonly mask: Tensor } {
  const longest = length ?? tensors.reduce((most, { shape }) => Math.max(most, shape[0]), 1)
  const { dtype, shape } = tensors.find(({ size }) => size > 0) ?? tensors[0]
  const step = shape.slice(1).reduce((product, n) => product * n, 1)
  const out = allocate(dtype, tensors.length * longest * step)
  if (value !== 0) out.fill(value)
  const mask = allocate('bool', tensors.length * longest)
  for (const [i, { data, shape: own }] of tensors.entries()) {
    const kept = Math.min(own[0], longest)
    const from = truncating === 'pre' ? own[0] - kept : 0
    const to = i * longest + (padding === 'pre' ? longest - kept : 0)
    out.set(data.subarray(from * step, (from + kept) * step), to * step)
    mask.fill(1, to, to + kept)
  }
  return {
    sequences: new Tensor(out, [tensors.length, longest, ...shape.slice(1)], dtype),
    mask: new Tensor(mask, [tensors.length, longest], 'bool'),
  }
}
