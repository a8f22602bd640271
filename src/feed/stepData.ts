// A batch as a step takes it, and what of it the step's program is traced for.

import type { DType, Shape, Tensor } from '../tensor'

/** A batch in the model's order. */
export interface StepData {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
  /** A weight a sample for each output; undefined where all count the same. */
  readonly weights: readonly (Tensor | undefined)[]
  /** Which steps of each input there are, where sequences were padded: `bool`, `[samples, time]`. */
  readonly masks?: Masks
  /** Which outputs' targets were padded along with the inputs: their loss must know which steps there are. */
  readonly paddedTargets?: readonly boolean[]
}

/** A mask for each input that has one. */
export type Masks = readonly (Tensor | undefined)[]

/** Shapes and types of a batch: what a program is specialised to. */
export interface Signature {
  readonly x: readonly { readonly shape: Shape; readonly dtype: DType }[]
  readonly y: readonly { readonly shape: Shape; readonly dtype: DType }[]
  /** The shape of each output's sample weights; undefined where all count the same. */
  readonly weighted: readonly (Shape | undefined)[]
  /** The shape of each input's mask, where it has one. */
  readonly masked: readonly (Shape | undefined)[]
  /** Which outputs' targets were padded along with the inputs. */
  readonly paddedTargets?: readonly boolean[] | undefined
}

/** What a step's program is given, in its order. */
export function inputsOf({ x, y, weights, masks }: StepData): Tensor[] {
  return [...x, ...y, ...present(weights), ...present(masks)]
}

/** What a step's program is traced for. */
export function signatureOf({ x, y, weights, masks, paddedTargets }: StepData): Signature {
  return { x, y, weighted: shapesOf(weights), masked: shapesOf(masks), paddedTargets }
}

/** Those that there are. */
export function present(tensors: Masks = []): Tensor[] {
  return tensors.filter((tensor) => tensor !== undefined)
}

/** Their shapes, each in its place. */
export function shapesOf(tensors: Masks = []): (Shape | undefined)[] {
  return tensors.map((tensor) => tensor?.shape)
}

/** Their shapes as a part of a program's key. */
export function shapesKey(tensors: Masks = []): string {
  return tensors.map((tensor) => tensor?.shape.join('x')).join()
}

/** Shapes and types as a part of a program's key. */
export function signatureKey(tensors: readonly { shape: readonly number[]; dtype: string }[]): string {
  return tensors.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(' ')
}
