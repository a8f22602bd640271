// Tensors by name, from files of any kind and to files of two kinds, without a model.

import { FormatError, OptionError } from '../errors'
import { openPlace, type Place, placeText, writePlace } from '../io'
import { asTensor, hasNames, type Tensor, type TensorLike } from '../tensor'
import { folderFiles, formatOf, readGuarded } from './formatOf'

/**
 * Reads all tensors of a file by name: safetensors, NumPy's `.npz` and `.npy` (whose one array is `arr_0`), PyTorch's `.pt` (nested dicts
 * are joined by dots), the initializers and constants of an ONNX model, and the weights of Keras' files. Halves become float32, whole
 * numbers int32, or float64 where they are larger. Nothing in a file is run.
 *
 * @param place - a path in Node; a URL; a `File`, `Blob` or `Response`; or the bytes. The format is told by the content.
 * @throws FormatError for a file that is corrupt or holds something else; OptionError for a place that is not there.
 *
 * @example
 * ```ts
 * await writeTensors('weights.safetensors', { 'head.weight': tensor([[1, 2], [3, 4]]) })
 * const { 'head.weight': weight } = await readTensors('weights.safetensors')
 * weight.shape // [2, 2]
 * ```
 */
export async function readTensors(place: Place): Promise<Record<string, Tensor>> {
  const source = await openPlace(place, folderFiles)
  const format = await formatOf(source)
  const { readTensors: read } = format
  if (read !== undefined) return readGuarded(source, async () => Object.fromEntries(await read(source)))
  throw new FormatError(
    `${source.where}: expected a file of tensors, got ${format.what}, of which tensors are not read by name`,
  )
}

/**
 * Writes tensors by name, which `readTensors` reads again: as safetensors, or, where the place ends in `.npz`, for NumPy.
 *
 * @param place - a path in Node (written as a whole or not at all); in a page `indexeddb://name` or `download://name`.
 * @throws OptionError for a place of another ending, and for what is no record of tensors.
 *
 * @example
 * ```ts
 * await writeTensors('weights.npz', await model.namedWeights()) // numpy.load('weights.npz') in Python
 * ```
 */
export async function writeTensors(
  place: string | URL,
  tensors: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike>,
): Promise<void> {
  if (!hasNames(tensors)) throw new OptionError('writeTensors: expected a record of tensors by name')
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors)
  const named = new Map(entries.map(([name, data]: [string, TensorLike]) => [name, asTensor(data)] as const))
  const { tensorFormatForPlace } = await import('./formats')
  const { writeTensors: write } = tensorFormatForPlace(placeText(place))
  await writePlace(place, await write(named))
}
