// Primitives: the few operations everything is composed of. Each is declared once: name, shape rule, gradient.
import type {
  AttributesOf,
  ComposedAttributes,
  ElementwiseOp,
  FusedOp,
  Op,
  PrimitiveName,
  SourceAttributes,
  ViewAttributes,
} from './attributes'
import { type Attributes, makeNode, type Spec, type Value } from './value'

/** What a gradient rule is given. */
export interface GradientContext<A extends Attributes> {
  readonly inputs: readonly Value[]
  readonly attributes: A
  readonly outputs: readonly Value[]
  /** The first output: the only one of most primitives. */
  readonly output: Value
  /** The gradient of the result with respect to each output; undefined where the result does not depend on it. */
  readonly upstreams: readonly (Value | undefined)[]
  /** The gradient for the first output, of a primitive with one output. */
  readonly upstream: Value
  /** For each input, whether its gradient is wanted: costly ones can be left out. */
  readonly wanted: readonly boolean[]
}

/** The declaration of a primitive. */
export interface PrimitiveDefinition<A extends Attributes> {
  /** Shapes and types of the outputs; throws ShapeError for inputs that do not fit. */
  infer(inputs: readonly Spec[], attributes: A): readonly Spec[]
  /** The gradient for each input (undefined: none flows there), written in primitives. */
  gradient?(context: GradientContext<A>): readonly (Value | undefined)[]
  /**
   * The same in plainer primitives. Backends without a kernel of their own run this, tests compare the kernel with it,
   * and it is differentiated where no `gradient` is given.
   */
  decompose?(inputs: readonly Value[], attributes: A): readonly Value[]
  /** The same where lengths stand for open ones, if what `decompose` makes depends on how long its inputs are. */
  decomposeOpen?(inputs: readonly Value[], attributes: A): readonly Value[]
  /** For element-wise primitives: the function of one element. It marks the primitive as element-wise. */
  scalar?: (...elements: number[]) => number
  /** For the sources of a graph (inputs, variables, constants): never merged, never moved. */
  source?: boolean
  /** The result has the elements of the first input in their order: lowered to a view of it, not to an instruction. */
  view?: boolean
  /**
   * What a use of it can be replaced by, of the same shape and type; undefined for nothing simpler. Folding of constants
   * and the dropping of stretches before element-wise primitives need no rule.
   */
  simplify?(use: Use<A>): Value | undefined
  /** What a use has to do, for estimates. */
  work?(use: SpecifiedUse<A>): Work
}

/** A use of a primitive. */
export interface Use<A extends Attributes> {
  readonly inputs: readonly Value[]
  readonly attributes: A
}

/** A use as shapes and types; undefined for a result that nobody wants. */
export interface SpecifiedUse<A extends Attributes> {
  readonly inputs: readonly Spec[]
  readonly outputs: readonly (Spec | undefined)[]
  readonly attributes: A
}

/** What a use of a primitive has to do. */
export interface Work {
  /** Multiplications with an addition. */
  readonly multiplyAdds: number
  /** What else takes time, in units of about a multiply-add; left out: reading and writing each number once. */
  readonly beside?: number
}

/** The work of what reads and writes each number about once: moving elements, reducing them, softmax ... */
export const onceEach = (): Work => ({ multiplyAdds: 0 })

/** A declared primitive. */
export class Primitive<A extends Attributes = Attributes> {
  readonly name: PrimitiveName
  readonly definition: PrimitiveDefinition<A>

  constructor(name: PrimitiveName, definition: PrimitiveDefinition<A>) {
    this.name = name
    this.definition = definition
  }

  /** Uses the primitive: a new node's outputs. */
  apply(inputs: readonly Value[], attributes: A): readonly Value[] {
    const outputs = this.definition.infer(inputs, attributes)
    // A node forgets the attribute type of its primitive; rules get it back through the primitive they belong to.
    return makeNode(this as unknown as Primitive, inputs, attributes, outputs).outputs
  }

  /** The use whose result a value is, if it is one of this primitive. */
  useIn({ node }: Value): Use<A> | undefined {
    if (node.primitive.name !== this.name) return undefined
    return { inputs: node.inputs, attributes: node.attributes as A } // given by `apply`
  }

  /** The same for primitives with one output. */
  one(inputs: readonly Value[], attributes: A): Value {
    return this.apply(inputs, attributes)[0]
  }
}

const registry = new Map<string, Primitive>()

/** A primitive by the name it is declared under. */
export type PrimitiveNamed<N extends PrimitiveName> = Primitive<AttributesOf<N>>

/**
 * What a declaration cannot leave out: fused primitives have a decomposition, element-wise ones a function of one
 * element, and what becomes an instruction says what work it is.
 */
type Needed<N extends PrimitiveName> =
  | (N extends FusedOp | keyof ComposedAttributes ? 'decompose' : never)
  | (N extends ElementwiseOp ? 'scalar' : never)
  | (N extends keyof SourceAttributes ? 'source' : never)
  | (N extends keyof ViewAttributes ? 'view' : never)
  // The work of a loop is that of its body.
  | (N extends Exclude<Op, 'scan'> ? 'work' : never)

/** Declares a primitive, once; its attributes stand in attributes.ts. */
export function primitive<N extends PrimitiveName>(
  name: N,
  definition: PrimitiveDefinition<AttributesOf<N>> & Required<Pick<PrimitiveDefinition<AttributesOf<N>>, Needed<N>>>,
): PrimitiveNamed<N> {
  if (registry.has(name)) throw new Error(`primitive ${name} is declared twice`)
  const made = new Primitive<AttributesOf<N>>(name, definition)
  registry.set(name, made as unknown as Primitive)
  return made
}

/** The primitive of that name. */
export function findPrimitive(name: string): Primitive {
  const found = registry.get(name)
  if (found === undefined) throw new Error(`no primitive is named ${name}`)
  return found
}

/** Whether a primitive works element by element. */
export function isElementwise(name: string): boolean {
  return findPrimitive(name).definition.scalar !== undefined
}

/** All declared primitives, in the order of their declaration. */
export function allPrimitives(): readonly Primitive[] {
  return [...registry.values()]
}
