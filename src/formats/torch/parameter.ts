// What a module of PyTorch is to a layer: its parameters, and which weights they hold.

import type { Weight } from '../../layers'
import type { Shape, Tensor } from '../../tensor'

/** A weight of a layer, and the parameters of a module that hold the same. */
export interface Parameter {
  readonly weight: Weight
  /** The names in the module, such as `weight_ih_l0`. */
  readonly names: readonly string[]
  /** The shape of each of them. */
  readonly shape: Shape
  /** Whether the weight is but some rows of it: weights of the same name lie below one another. */
  readonly isJoined?: boolean
  /** From the module's parameters, in the order of `names`. */
  toWeight(tensors: readonly Tensor[]): Tensor
  /** To the module's parameters. */
  fromWeight(weight: Tensor): readonly Tensor[]
}

/** A module of PyTorch that is the same as a layer. */
export interface TorchModule {
  /** Its class, such as `nn.Linear`. */
  readonly name: string
  readonly parameters: readonly Parameter[]
}
