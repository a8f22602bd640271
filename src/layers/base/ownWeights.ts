// The weights that a layer has made, without those of the layers inside it; low-rank matrices may stand beside its kernels.

import { OptionError } from '../../errors'
import type { Variable } from '../../graph'
import type { DType, Shape } from '../../tensor'
import { type Adapted, adapt, type LoraOptions, merge } from '../lowRank/lora'
import { makeWeight, type Weight, type WeightOptions } from './weights'

/** Adds a weight to a layer. */
type Add = (name: string, shape: Shape, options: WeightOptions) => Variable

export class OwnWeights {
  private list: readonly Weight[] = []
  private adapted: readonly Adapted[] = []

  get isEmpty(): boolean {
    return this.list.length === 0
  }

  get trainable(): readonly Weight[] {
    return this.list.filter(({ trainable }) => trainable)
  }

  /** In Keras' order: the trainable ones first. */
  get inOrder(): readonly Weight[] {
    return [...this.trainable, ...this.list.filter(({ trainable }) => !trainable)]
  }

  /** Whether there are kernels that can be adapted. */
  get hasKernels(): boolean {
    return this.list.some(({ adapts }) => adapts)
  }

  get isAdapted(): boolean {
    return this.adapted.length > 0
  }

  /** @throws OptionError where there is one of that name; ShapeError for lengths that are not positive. */
  add(layer: string, name: string, shape: Shape, options: WeightOptions & { readonly dtype: DType }): Variable {
    if (this.list.some((weight) => weight.name === name)) {
      throw new OptionError(`${layer}: weight ${name}: expected another name than that of a weight before it`)
    }
    const weight = makeWeight(layer, name, shape, options)
    this.list = [...this.list, weight]
    return weight.variable
  }

  /** Says that the layer has another name. */
  rename(layer: string): void {
    for (const { name, variable } of this.list) variable.name = `${layer}/${name}`
  }

  /** Has two low-rank matrices trained in the place of each kernel, once. */
  adapt(options: LoraOptions, add: Add): void {
    if (this.isAdapted) return
    const kernels = this.list.filter(({ adapts }) => adapts)
    this.adapted = kernels.map(({ name, variable }) => adapt(name, variable, options, add))
    this.train(new Set(kernels.map(({ variable }) => variable)), false)
  }

  /** Adds what was trained beside the kernels to them, and has them trained again. */
  async merge(): Promise<void> {
    for (const each of this.adapted) await merge(each)
    const beside = new Set(this.adapted.flatMap(({ a, b }) => [a, b]))
    const kernels = new Set(this.adapted.map(({ kernel }) => kernel))
    this.adapted = []
    this.list = this.list.filter(({ variable }) => !beside.has(variable))
    this.train(kernels, true)
  }

  private train(variables: ReadonlySet<Variable>, trainable: boolean): void {
    for (const variable of variables) variable.trainable = trainable
    this.list = this.list.map((weight) => (variables.has(weight.variable) ? { ...weight, trainable } : weight))
  }

  /** Remembers what there is; what is returned goes back to that. */
  remember(): () => void {
    const { list, adapted } = this
    return () => {
      this.list = list
      this.adapted = adapted
    }
  }
}
