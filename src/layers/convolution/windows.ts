// Windows that move over time or over images: how many there are, for convolution and pooling alike.

import { ShapeError } from '../../errors'
import { windowCount } from '../../ops'
import type { PartialShape } from '../../tensor'

export type Padding = 'valid' | 'same' | 'causal'

/** Windows over the axes between batch and channels: one number for each axis. */
export interface Windows {
  readonly size: readonly number[]
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
  readonly padding: Padding
}

/** The names of an input's axes, as messages say them, by the number of axes that windows move over. */
export const axesOf = {
  1: ['batch', 'time', 'channels'],
  2: ['batch', 'height', 'width', 'channels'],
  3: ['batch', 'depth', 'height', 'width', 'channels'],
} as const

/** Over how many axes windows move. */
export type SpaceRank = keyof typeof axesOf

/** The number of axes that a list has an element for. */
export function rankOf({ length }: readonly unknown[]): SpaceRank {
  return length === 1 ? 1 : length === 2 ? 2 : 3
}

/**
 * The shape of one sample when windows have moved over it.
 *
 * @throws ShapeError where not one window fits.
 */
export function movedOver(
  shape: PartialShape,
  windows: Windows,
  channels: number | null,
  where: string,
): readonly (number | null)[] {
  return [...shape.slice(0, -1).map((length, axis) => countWindows(length, windows, axis, where)), channels]
}

function countWindows(length: number | null, windows: Windows, axis: number, where: string): number | null {
  if (length === null) return null
  const [size, stride, dilation] = [windows.size[axis], windows.strides[axis], windows.dilation[axis]]
  if (windows.padding !== 'valid') return Math.ceil(length / stride)
  const count = windowCount(length, size, stride, dilation, 0)
  if (count > 0) return count
  const name = axesOf[rankOf(windows.size)][axis + 1]
  throw new ShapeError(
    `${where}: expected a ${name} of at least ${(size - 1) * dilation + 1}, which one window takes, got ${length}`,
  )
}

/** The two numbers of a list for the axes of an image. */
export function pairOf([down, right]: readonly number[]): readonly [number, number] {
  return [down, right]
}

/** The three of one for the axes of a volume. */
export function tripleOf([deep, down, right]: readonly number[]): readonly [number, number, number] {
  return [deep, down, right]
}
