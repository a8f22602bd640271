// Weights: how one is made, what is known of it, and how all are written.

import { type Constraint, type ConstraintOption, resolveConstraint } from '../../constraints'
import { DataError, describeValue, OptionError, ShapeError } from '../../errors'
import { Variable } from '../../graph'
import { type Fans, glorotUniform, type InitializerOption, resolveInitializer } from '../../initializers'
import { type Regularizer, type RegularizerOption, resolveRegularizer } from '../../regularizers'
import {
  asTensor,
  type DType,
  floatOf,
  formatShape,
  getSeed,
  isFloat,
  nextStream,
  type Shape,
  sameShape,
  type Tensor,
  type TensorLike,
} from '../../tensor'
import { type Adapted, adapt, type LoraOptions, merge } from '../lowRank/lora'

/** How a weight is made and kept. */
export interface WeightOptions {
  /** What it begins with; `'glorotUniform'` by default. */
  readonly initializer?: InitializerOption
  /** A penalty on it, added to the loss. */
  readonly regularizer?: RegularizerOption | undefined
  /** Applied to it after each update. */
  readonly constraint?: ConstraintOption | undefined
  /** Whether training changes it; `true` by default. */
  readonly trainable?: boolean
  /** That of the layer by default. */
  readonly dtype?: DType
  /** Whether it is a kernel, beside which low-rank matrices may be trained in its place; `false` by default. */
  readonly adapts?: boolean
  /** Whether it is one of two low-rank matrices that are trained in the place of a kernel. @internal */
  readonly lowRank?: boolean
  /** How many inputs and outputs it joins, where its shape does not say so. */
  readonly fans?: Fans
}

/** A weight with what an optimizer and a loss have to know of it. */
export interface Weight {
  /** Its own name, such as `kernel`. */
  readonly name: string
  readonly variable: Variable
  readonly trainable: boolean
  /** Whether low-rank matrices may be trained in its place. */
  readonly adapts: boolean
  /** Whether it is trained in the place of a kernel. */
  readonly lowRank: boolean
  readonly regularizer?: Regularizer | undefined
  readonly constraint?: Constraint | undefined
}

let deferring = false

/**
 * Makes layers whose weights get their content from elsewhere: what they would begin with is made only where it is asked
 * for after all.
 */
export function deferInitial<T>(work: () => T): T {
  const before = deferring
  deferring = true
  try {
    return work()
  } finally {
    deferring = before
  }
}

/** Makes a weight of a layer. @throws ShapeError for lengths that are not positive. */
export function makeWeight(
  layer: string,
  name: string,
  shape: Shape,
  options: WeightOptions & { readonly dtype: DType },
): Weight {
  const { dtype, trainable = true, initializer = glorotUniform(), fans } = options
  if (shape.some((length) => !Number.isInteger(length) || length < 1)) {
    throw new ShapeError(`${layer}: weight ${name}: expected positive lengths, got ${formatShape(shape)}`)
  }
  if (trainable && !isFloat(dtype)) {
    throw new OptionError(`${layer}: dtype: expected 'float32' or 'float64' for the weight ${name}, got '${dtype}'`)
  }
  const random = { seed: getSeed(), stream: nextStream() }
  const resolved = resolveInitializer(initializer)
  const make = (): Tensor => asTensor(resolved.initialize(shape, floatOf(dtype), random, fans), dtype)
  const faster = resolved.faster?.(shape)
  // Often such a weight is replaced before anybody has asked for it: then nothing is loaded, and nothing made.
  const isLater = deferring || faster !== undefined
  const initial = isLater ? { shape, dtype, make, load: () => faster?.() } : make()
  return {
    name,
    variable: new Variable(`${layer}/${name}`, initial, { trainable }),
    trainable,
    adapts: options.adapts === true,
    lowRank: options.lowRank === true,
    regularizer: options.regularizer == null ? undefined : resolveRegularizer(options.regularizer),
    constraint: options.constraint == null ? undefined : resolveConstraint(options.constraint),
  }
}

/** Writes tensors to weights, all or none: everything is checked first. */
export async function writeWeights(
  where: string,
  weights: readonly Weight[],
  tensors: readonly TensorLike[],
): Promise<void> {
  if (!Array.isArray(tensors) || tensors.length !== weights.length) {
    throw new DataError(
      `${where}: expected ${weights.length} weights, got ${Array.isArray(tensors) ? tensors.length : describeValue(tensors)}`,
    )
  }
  const checked = weights.map(({ variable }, i) => {
    const data = asTensor(tensors[i], variable.dtype)
    if (!sameShape(data.shape, variable.shape)) {
      throw new ShapeError(
        `${variable.name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(data.shape)}`,
      )
    }
    return data
  })
  for (const [i, { variable }] of weights.entries()) await variable.write(checked[i])
}

/** Adds a weight to a layer. */
type Add = (name: string, shape: Shape, options: WeightOptions) => Variable

/** The weights that a layer has made, without those of the layers inside it; low-rank matrices may stand beside its kernels. */
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
