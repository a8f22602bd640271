// Functions of tensors without a model: jit runs a function of symbolic values on a backend; grad and valueAndGrad
// make functions of derivatives.

import type { BackendOption } from '../backends/backend'
import { checkOptions, describeValue, OptionError, ShapeError } from '../errors'
import { constant, gradients, type Operand, placeholder, toValue, Value, Variable } from '../graph'
import { fullLike, zerosLike } from '../ops'
import { asTensor, formatShape, isFloat, Tensor, type TensorLike } from '../tensor'
import { type Compiled, compile } from './compiled'
import { checkProgramBytes } from './options'
import { Programs } from './programs'
import { backendFor } from './select'

/** What a traced function returns: a value, or an array of them. */
export type Traced = Operand | readonly Operand[]

/** The tensors for what a traced function returns. */
export type Computed<R extends Traced> = R extends readonly Operand[] ? Tensor[] : Tensor

/** Options of `jit`. */
export interface JitOptions {
  /** Where to compute; `'auto'` by default. */
  readonly backend?: BackendOption
  /** Bytes that its programs, one for each combination of shapes, may hold; the least recently used ones go first. 32 MB by default. */
  readonly maxProgramBytes?: number
}

/**
 * Compiles a function written with `ops`: it is traced once for every combination of shapes and types it meets.
 *
 * @example
 * ```ts
 * const product = jit((a: Value, b: Value) => ops.matmul(a, b))
 * const c = await product([[1, 2]], [[3], [4]]) // 11
 * ```
 */
export function jit<S extends Traced>(
  fn: Differentiated<S>,
  options?: JitOptions,
): (...args: TensorLike[]) => Promise<Computed<S>>
export function jit<A extends readonly Value[], R extends Traced>(
  fn: (...args: A) => R,
  options?: JitOptions,
): (...args: { [K in keyof A]: TensorLike }) => Promise<Computed<R>>
export function jit<A extends readonly Value[], R extends Traced>(
  fn: (...args: A) => R,
  options: JitOptions = {},
): (...args: { [K in keyof A]: TensorLike }) => Promise<Computed<R>> {
  checkOptions('jit', options, ['backend', 'maxProgramBytes'])
  requireFunction('jit', fn)
  const programs = new Programs<{ compiled: Compiled; isList: boolean }>(
    checkProgramBytes('jit', options.maxProgramBytes),
  )
  let queue: Promise<unknown> = Promise.resolve()
  const prepare = async (tensors: readonly Tensor[]) => {
    const inputs = tensors.map(({ shape, dtype }, i) => placeholder(shape, dtype, `argument${i}`))
    const result = fn(...(inputs as unknown as A)) // as many values as the caller gave tensors
    const isList = Array.isArray(result) && result.some(isSingle)
    const outputs = (isList ? (result as readonly Operand[]) : [result as Operand]).map((item) => toValue(item))
    const graph = { inputs, outputs, updates: [] }
    return { compiled: await compile(graph, await backendFor(graph, options.backend)), isList }
  }
  return async (...args) => {
    const tensors = args.map((arg) => asTensor(arg))
    const key = tensors.map(({ shape, dtype }) => `${dtype}${formatShape(shape)}`).join(';')
    const { compiled, isList } = await programs.get(key, () => prepare(tensors))
    const turn = queue.then(() => compiled.run(tensors))
    queue = turn.catch(() => undefined)
    const outputs = await turn
    return (isList ? outputs : outputs[0]) as Computed<R> // by the way R was traced
  }
}

/** Whether this is one result in a list of them, rather than a number in a nested array. */
function isSingle(item: unknown): boolean {
  return item instanceof Value || item instanceof Variable || item instanceof Tensor
}

/** Options of `grad` and `valueAndGrad`. */
export interface GradOptions {
  /** By which arguments to differentiate: one index (0 by default) or several. */
  readonly argnums?: number | readonly number[]
}

/** A function of values that also takes plain data: with values it is symbolic, with data it computes on `'auto'`. */
export interface Differentiated<S extends Traced> {
  (...args: Value[]): S
  (...args: TensorLike[]): Promise<Computed<S>>
}

/**
 * The function of the derivatives of a scalar function: with one index in `argnums` it gives one value, with several an
 * array. Give it to `jit`, use it inside another traced function (also to differentiate again), or call it with data.
 *
 * @throws ShapeError where the function's result is more than one number; OptionError for an argument that is no float, or is not there.
 *
 * @example
 * ```ts
 * const slope = grad((x: Value) => ops.mul(x, x))
 * console.log((await slope(3)).item()) // 6
 * ```
 */
export function grad(
  fn: (...args: Value[]) => Operand,
  options: GradOptions & { argnums: readonly number[] },
): Differentiated<Value[]>
export function grad(
  fn: (...args: Value[]) => Operand,
  options?: GradOptions & { argnums?: number },
): Differentiated<Value>
export function grad(
  fn: (...args: Value[]) => Operand,
  options: GradOptions = {},
): Differentiated<Value> | Differentiated<Value[]> {
  const both = derive(fn, options)
  const single = typeof (options.argnums ?? 0) === 'number'
  return single
    ? callable((...args) => both(args).derivatives[0])
    : callable<Value[]>((...args) => both(args).derivatives)
}

/**
 * As `grad`, with the function's value first: `[value, ...derivatives]`.
 *
 * @example
 * ```ts
 * const both = valueAndGrad((x: Value) => ops.mul(x, x))
 * const [value, slope] = await both(3)
 * console.log(value.item(), slope.item()) // 9, 6
 * ```
 */
export function valueAndGrad(fn: (...args: Value[]) => Operand, options: GradOptions = {}): Differentiated<Value[]> {
  const both = derive(fn, options)
  return callable<Value[]>((...args) => {
    const { value, derivatives } = both(args)
    return [value, ...derivatives]
  })
}

function requireFunction(where: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new OptionError(`${where}: expected a function, got ${describeValue(fn)}`)
}

function derive(fn: (...args: Value[]) => Operand, options: GradOptions) {
  checkOptions('grad', options, ['argnums'])
  requireFunction('grad', fn)
  const { argnums = 0 } = options
  const indices = typeof argnums === 'number' ? [argnums] : argnums
  return (args: readonly Value[]): { value: Value; derivatives: Value[] } => {
    const value = toValue(fn(...args))
    if (value.shape.some((length) => length !== 1)) {
      throw new ShapeError(`grad: expected a function with a scalar result, got shape ${formatShape(value.shape)}`)
    }
    const wrt = indices.map((index) => {
      const arg = args[index]
      if (arg === undefined) {
        throw new OptionError(`grad: argnums: expected indices below ${args.length}, got ${index}`)
      }
      if (!isFloat(arg.dtype))
        throw new OptionError(`grad: argument ${index} is ${arg.dtype}; only floats have derivatives`)
      return arg
    })
    const one = constant(1, value.dtype)
    const upstream = value.rank === 0 ? one : fullLike(value, 1)
    const derivatives = gradients([value], [upstream], wrt).map((found, i) => found ?? zerosLike(wrt[i]))
    return { value, derivatives }
  }
}

function callable<S extends Traced>(symbolic: (...args: Value[]) => S): Differentiated<S> {
  const computed = jit(symbolic)
  const call = (...args: readonly (Value | TensorLike)[]) => {
    if (args.some((arg) => arg instanceof Value)) return symbolic(...args.map((arg) => toValue(arg)))
    return computed(...(args as readonly TensorLike[])) // none is a Value
  }
  return call as Differentiated<S> // the two cases of its overloads
}
