// What the tables of all backends have in common: for every op of a Program a kernel that is typed by the op's attributes.
import { BackendError } from '../errors'
import type { FusedOp, InstructionAttributes, Op, PlainOp } from '../graph'

/** An instruction as a kernel is given it; `In` and `Out` are what a backend knows of an operand and of a result. */
export interface BoundTo<O extends Op, In, Out> {
  readonly inputs: readonly In[]
  readonly outputs: readonly Out[]
  readonly attributes: InstructionAttributes[O]
}

/** Stands in a table for an op that the backend runs as its decomposition. */
export const decomposed = 'decomposed'

/** The ops that tables have something of their own for, kernels or steps of element-wise chains. */
export function opsOf(...tables: readonly object[]): ReadonlySet<string> {
  const entries = tables.flatMap((table) => Object.entries(table))
  return new Set(entries.flatMap(([op, own]) => (own === decomposed ? [] : [op])))
}

/**
 * The kernel of an instruction.
 *
 * @throws BackendError where there is none: the Program was lowered for another backend.
 */
export function kernelOf<K>(table: Table, op: Op, backend: string): K {
  const kernel = Object.hasOwn(table, op) ? table[op] : decomposed
  if (kernel === decomposed) throw new BackendError(`${backend}: there is no kernel for ${op}`)
  return kernel as K // the table gives each op the kernel for its own attributes
}

type Table = { readonly [O in PlainOp]: object } & { readonly [O in FusedOp]: object | typeof decomposed }
