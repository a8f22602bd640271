// Weights that were stored smaller, as they are computed with.
import { FormatError } from '../../errors'
import { type Stored, widen } from '../../io'
import { sizeOf, Tensor } from '../../tensor'

/** Behind the name of an int8 tensor stands the tensor of its scales: weight = number * scale, which is broadcast. */
export const scaleSuffix = ':scale'

/**
 * Tensors as they are computed with.
 *
 * @param isShrunk - whether int8 tensors may have scales, as `shrink` gives them.
 */
export function widenAll(
  where: string,
  stored: ReadonlyMap<string, Stored>,
  isShrunk: boolean,
): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const [name, content] of stored) {
    if (isShrunk && name.endsWith(scaleSuffix) && stored.get(name.slice(0, -scaleSuffix.length))?.type === 'int8')
      continue
    const tensor = widen(`${where}: tensor '${name}'`, content)
    const scales = isShrunk && content.type === 'int8' ? stored.get(`${name}${scaleSuffix}`) : undefined
    tensors.set(
      name,
      scales === undefined
        ? tensor
        : scaled(`${where}: tensor '${name}'`, tensor, widen(`${where}: tensor '${name}'`, scales)),
    )
  }
  return tensors
}

/** Axes that the output channels of a kernel lie along: the last, and before axes of one place (of depthwise kernels) the one before. */
export function channelsOf(shape: readonly number[]): number {
  const last = shape[shape.length - 1]
  return last === 1 && shape.length > 2 ? shape[shape.length - 2] : last
}

function scaled(where: string, numbers: Tensor, scales: Tensor): Tensor {
  const channels = channelsOf(numbers.shape)
  if (sizeOf(scales.shape) !== channels) {
    throw new FormatError(`${where}: expected ${channels} scales, got ${sizeOf(scales.shape)}: the file is corrupt`)
  }
  const data = new Float32Array(numbers.size)
  for (let i = 0; i < data.length; i++) data[i] = numbers.data[i] * scales.data[i % channels]
  return new Tensor(data, numbers.shape)
}
