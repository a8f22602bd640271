// Variables: named state that lives on between runs (weights, optimizer slots, metrics, recurrent states, counters).
import { ShapeError } from '../errors'
import { castTensor, type DType, formatShape, type Shape, sameShape, sizeOf, type Tensor } from '../tensor'
import { primitive } from './primitive'
import type { Value } from './value'

/** Where the content of a variable is kept: on the host, or in a buffer of a backend. */
export interface VariableStorage {
  /** The backend that keeps it; undefined for the host. */
  readonly owner?: object
  read(): Tensor | Promise<Tensor>
  write(data: Tensor): void | Promise<void>
}

/**
 * Named state. In a graph it is one value, the same in every graph, so ops take a variable wherever they take a value.
 * Its content has one place at a time: the backend that last used it, or the host.
 */
export class Variable {
  /** A path such as `lstm/kernel`. */
  name: string
  readonly shape: Shape
  readonly dtype: DType
  /** Whether an optimizer may change it. */
  trainable: boolean
  /** The variable in a graph: its content when the graph starts to run, and what an update writes to. */
  readonly source: Value
  /** What stands in its place where it is read in a graph: undefined for itself. */
  standIn: ((own: Value) => Value) | undefined
  /** Where the content is now. */
  storage: VariableStorage

  /** @param initial - what it begins with, or its type and how to make it when it is first asked for. */
  constructor(name: string, initial: Tensor | Deferred, options: { trainable?: boolean } = {}) {
    this.name = name
    this.shape = initial.shape
    this.dtype = initial.dtype
    this.trainable = options.trainable ?? true
    this.storage = hostStorage(initial)
    this.source = variablePrimitive.one([], { variable: this })
  }

  /** Its content in a graph: as the graph starts to run, or as it has become by then, see `withContents`. */
  get value(): Value {
    const own = contents?.get(this) ?? this.source
    return this.standIn === undefined ? own : this.standIn(own)
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The present content. */
  async read(): Promise<Tensor> {
    return this.storage.read()
  }

  /** Replaces the content. @throws ShapeError when the shape is another. */
  async write(data: Tensor): Promise<void> {
    if (!sameShape(data.shape, this.shape)) {
      throw new ShapeError(`${this.name}: expected shape ${formatShape(this.shape)}, got ${formatShape(data.shape)}`)
    }
    await this.storage.write(castTensor(data, this.dtype))
  }

  /** Makes the host the place of the content. */
  moveToHost(content: Tensor): void {
    this.storage = hostStorage(content)
  }
}

let contents: Map<Variable, Value> | undefined

/**
 * Traces what comes after updates within one graph: variables stand for what they have become, as the map says, and what `become` tells
 * is taken down in it.
 */
export function withContents<T>(given: Map<Variable, Value>, work: () => T): T {
  const outer = contents
  contents = given
  try {
    return work()
  } finally {
    contents = outer
  }
}

/**
 * Tells what a variable has become, where a graph goes on after updates.
 *
 * @param from - what gradients by the variable are taken by from here on: the content that this one goes on from, rather than itself.
 */
export function become(variable: Variable, value: Value, from?: Value): void {
  if (contents === undefined) return
  contents.set(variable, value)
  if (from !== undefined) origins.set(value, from)
}

/** What a variable has become in the graph that is traced; undefined where it is as the graph found it. */
export function contentOf(variable: Variable): Value | undefined {
  return contents?.get(variable)
}

/** What gradients by a content of a variable are taken by. */
export function originOf(value: Value): Value {
  return origins.get(value) ?? value
}

const origins = new WeakMap<Value, Value>()

/** Content that is made when it is first asked for. */
export interface Deferred {
  readonly shape: Shape
  readonly dtype: DType
  make(): Tensor
  /** Loads what is waited for before; it is made without where that fails, or there is nothing to load. */
  load?(): Promise<unknown> | undefined
}

/** Content kept on the host. */
export function hostStorage(initial: Tensor | Deferred): VariableStorage {
  let content: Tensor | Deferred | Promise<Tensor> = initial
  return {
    read: () => {
      if ('make' in content) content = made(content)
      return content
    },
    write: (data) => {
      content = data
    },
  }
}

function made({ make, load }: Deferred): Tensor | Promise<Tensor> {
  return load?.()?.then(make, make) ?? make()
}

const variablePrimitive = /* @__PURE__ */ primitive('variable', {
  source: true,
  infer: (_, { variable }) => [{ shape: variable.shape, dtype: variable.dtype }],
})

/** The variable behind a value; undefined for any other value. */
export function variableOf(value: Value): Variable | undefined {
  const { variable } = value.node.attributes
  return value.node.primitive.name === 'variable' && variable instanceof Variable ? variable : undefined
}
