// What each primitive is parametrised by: the one file that the declarations (src/ops) and the kernels of every backend
// both read. The types alone; what a primitive computes stands where it is declared.
import type { DType, Shape, Tensor } from '../tensor'
import type { Program } from './program'
import type { Graph } from './value'
import type { Variable } from './variable'

/** No attributes. */
export type NoAttributes = Readonly<Record<never, never>>

/** Where a graph begins. */
export interface SourceAttributes {
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType }
  constant: { readonly tensor: Tensor }
  variable: { readonly variable: Variable }
}

/** The same elements in the same order: a view in a Program, never an instruction. */
export interface ViewAttributes {
  reshape: { readonly shape: Shape }
}

/** The primitives that work element by element: the steps of the instruction `elementwise`. */
export type ElementwiseOp =
  | ('cast' | 'identity' | 'stopGradient' | 'where')
  | ('add' | 'sub' | 'mul' | 'div' | 'pow' | 'mod' | 'atan2' | 'maximum' | 'minimum')
  | ('equal' | 'notEqual' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual' | 'logicalAnd' | 'logicalOr')
  | ('neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'sqrt' | 'exp' | 'expm1' | 'log' | 'log1p')
  | ('sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'sigmoid' | 'erf')

export type ElementwiseAttributes = {
  [O in ElementwiseOp]: O extends 'cast' ? { readonly dtype: DType } : NoAttributes
}

/** Composed of others on every backend; primitives for the sake of a gradient of their own. */
export interface ComposedAttributes {
  relu: NoAttributes
  softplus: NoAttributes
  /**
   * So many inputs are the results, so many behind them the operands; `backward` gives gradients of operands (which, says `taught`) from
   * those of the results and the inputs that are left.
   */
  customGradient: {
    readonly results: number
    readonly operands: number
    readonly taught: readonly number[]
    readonly backward: Graph
  }
}

/** What nothing else can stand for: every backend has a kernel for each. */
export interface PlainAttributes {
  /** Which operands are read with their last two axes swapped. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean }
  /** Axis i of the result is axis `permutation[i]` of the operand. */
  transpose: { readonly permutation: readonly number[] }
  broadcastTo: { readonly shape: Shape }
  /** Begin, number of elements and step along every axis. */
  slice: { readonly begin: readonly number[]; readonly size: Shape; readonly stride: readonly number[] }
  /** Elements to put before, after and between (`interior`) the elements of each axis. */
  pad: {
    readonly before: readonly number[]
    readonly after: readonly number[]
    readonly interior: readonly number[]
    readonly value: number
  }
  concatenate: { readonly axis: number }
  reverse: { readonly axes: readonly number[] }
  /** The axes in ascending order; the result has them removed. */
  sum: { readonly axes: readonly number[] }
  max: { readonly axes: readonly number[] }
  min: { readonly axes: readonly number[] }
  argMax: { readonly axis: number }
  argMin: { readonly axis: number }
  /** The axis that is indexed. */
  gather: { readonly axis: number }
  takeAlongAxis: { readonly axis: number }
  /** The axis that is added into, and how long it is. */
  scatterAdd: { readonly axis: number; readonly length: number }
  scatterAlongAxis: { readonly axis: number; readonly length: number }
  /** Whether the largest come first. */
  sort: { readonly descending: boolean }
  /** The axis, whether it is walked from its end, and whether an element is left out of its own sum. */
  cumSum: { readonly axis: number; readonly reverse: boolean; readonly exclusive: boolean }
  randomUniform: RandomAttributes
  randomNormal: RandomAttributes
  /** `value` stands in the padding. */
  unfold: WindowAttributes & { readonly value: number }
  /** The size of the image the windows are added to. */
  fold: WindowAttributes & { readonly image: readonly [number, number] }
  /** In a Program `body` is one too (`InstructionAttributes`). */
  scan: ScanCounts & { readonly body: Graph }
}

/** Fused primitives: a backend has a kernel for them, or runs their decomposition. */
export interface FusedAttributes {
  prod: { readonly axes: readonly number[] }
  softmax: NoAttributes
  logSoftmax: NoAttributes
  softmaxCrossEntropy: NoAttributes
  softmaxCrossEntropyGradient: NoAttributes
  /** What is added to the variance. */
  layerNorm: { readonly epsilon: number }
  layerNormGradient: NoAttributes
  depthwise: WindowAttributes
  /** The size of the image whose gradient it is. */
  depthwiseInput: WindowAttributes & { readonly image: readonly [number, number] }
  depthwiseKernel: WindowAttributes
  attention: AttentionKind
  attentionGradient: AttentionKind
  lstm: Sweep
  lstmGradient: Sweep & SweepBack
  gru: Sweep & GruKind
  gruGradient: Sweep & GruKind & SweepBack
  simpleRnn: Sweep & SimpleRnnKind
  simpleRnnGradient: Sweep & SimpleRnnKind & SweepBack
  linearScan: ScanKind
  linearScanGradient: ScanKind
}

/** The shape to fill, the element type, and the stream to draw from. */
export type RandomAttributes = {
  readonly shape: Shape
  readonly stream: number
  readonly dtype: 'float32' | 'float64'
}

/** Where the windows of an image lie. */
export type WindowAttributes = {
  /** Rows and columns of a window. */
  readonly kernel: readonly [number, number]
  /** How far apart windows are. */
  readonly strides: readonly [number, number]
  /** How far apart the elements of one window are. */
  readonly dilation: readonly [number, number]
  /** Elements put around the image: top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number]
}

/**
 * Dot-product attention: the factor of scores, whether queries attend to no later key, whether a mask stands behind the values, and how many
 * places away a key is out of reach: 0 where none is.
 */
export type AttentionKind = {
  readonly scale: number
  readonly causal: boolean
  readonly masked: boolean
  readonly window: number
}

/** How many of a scan's inputs are carries, how many after them sequences; its steps, and whether it begins with the last. */
export type ScanCounts = {
  readonly carries: number
  readonly sequences: number
  readonly length: number
  readonly reverse: boolean
}

/** A recurrent layer over a whole sequence: whether a mask stands behind its other inputs. */
type Sweep = { readonly masked: boolean }
/** Which gradients are given: of the result of each step, then of each last state. Only these are among the inputs. */
type SweepBack = { readonly upstreams: readonly boolean[] }
/** Whether the reset gate is applied after the recurrent product, which then has a bias of its own. */
type GruKind = { readonly resetAfter: boolean }
/** Whether its numbers have an imaginary part, which stands behind the real one. */
type ScanKind = { readonly complex: boolean }
type SimpleRnnKind = { readonly activation: 'tanh' | 'relu' }

/** The attributes of every primitive by its name. */
export type PrimitiveAttributes = SourceAttributes &
  ViewAttributes &
  ElementwiseAttributes &
  ComposedAttributes &
  PlainAttributes &
  FusedAttributes

export type PrimitiveName = keyof PrimitiveAttributes
export type AttributesOf<N extends PrimitiveName> = PrimitiveAttributes[N]

// ---- in a Program ---------------------------------------------------------------------------------------------

/**
 * One operation of an `elementwise` instruction. Operands are numbered: the instruction's inputs first, then its
 * constants, then the steps in order.
 */
export interface ElementwiseStep {
  readonly op: ElementwiseOp
  readonly args: readonly number[]
  readonly dtype: DType
}

/** The attributes of every instruction by its op: JSON data, but for sub-programs, which are Programs. */
export interface InstructionAttributes extends Omit<PlainAttributes, 'scan'>, FusedAttributes {
  /**
   * A chain of element-wise operations. `results` gives for each output the number of the step it is. All outputs have
   * the same shape; inputs broadcast to it.
   */
  elementwise: {
    readonly constants: readonly number[]
    readonly steps: readonly ElementwiseStep[]
    readonly results: readonly number[]
  }
  copy: NoAttributes
  /** `workspace` is the buffer in which the body's arena lies. */
  scan: ScanCounts & { readonly body: Program; readonly workspace: number }
}

export type Op = keyof InstructionAttributes
/** The ops that have a decomposition, so that a backend can do without a kernel. */
export type FusedOp = keyof FusedAttributes
/** The ops that every backend needs a kernel for. */
export type PlainOp = Exclude<Op, FusedOp>
