// What a training step of one's own is given: the batch as symbolic values, and the verbs of a step. Everything it does is traced into
// one Program.

import type { Operand, Value, Variable } from '../../graph'
import type { Layer, RandomKey } from '../../layers'
import type { Shape } from '../../tensor'

/** One value, or the list of all where there are several. */
export type StepValue = Value & Value[]

/** What can be trained: a layer or model, a variable, or a list of these. */
export type Trainable = Layer | Variable | readonly (Layer | Variable)[]

/** What gradients are taken by: what can be trained, or any value. */
export type Differentiable = Trainable | Value | readonly (Layer | Variable | Value)[]

/**
 * A step of training, or of a test, as a function of one's own sees it. Values are symbolic: the function is called once for each
 * combination of shapes, and what it does with `ops` and layers becomes one Program. Layers are used by `layer.apply(value)`; after
 * `minimize` and `assign` they compute with their new weights.
 */
export interface TrainStep {
  /** The inputs of the batch: one value, or a list where the model has several inputs. */
  readonly x: StepValue
  /** The targets of the batch as they were given: one value, or a list; an empty list where there are none. */
  readonly y: StepValue
  /** How much samples count, where that was given. */
  readonly sampleWeight: Value | undefined
  /** The model that is trained. */
  readonly model: Layer
  /** Whether this is training; false in a test. */
  readonly training: boolean
  /**
   * The compiled loss of predictions and targets, weighed, with all penalties: of regularizers, and those that layers have added so far.
   * Steps that are masked in what a layer gave do not count.
   *
   * @param yPred - the model's output, or a list of them.
   * @param yTrue - the targets; those of the batch by default.
   */
  loss(yPred: Value | readonly Value[], yTrue?: Operand | readonly Operand[]): Value
  /**
   * The gradients of a scalar, in the order of the weights; zeros where it does not depend on one. They are values like any other, so
   * that they can be differentiated again.
   *
   * @param by - the weights of layers that can be trained, variables, or any values.
   */
  gradients(of: Value, by: Differentiable): Value[]
  /**
   * Makes a scalar smaller: its gradients, clipping, one step of an optimizer, constraints. Gradients that are taken later do not go
   * through the change of the weights.
   *
   * @param by - what is changed; the whole model by default.
   * @param optimizer - the name of one of several optimizers.
   */
  minimize(loss: Value, by?: Trainable, optimizer?: string): void
  /** One step of an optimizer with given gradients, as `gradients` gives them for the same `by`. */
  applyGradients(gradients: readonly Value[], by?: Trainable, optimizer?: string): void
  /** Gives a variable a new content, from here on. */
  assign(variable: Variable, value: Operand): void
  /** Does work in which variables stand for other values, such as weights after a step that is not kept (MAML). */
  with<T>(contents: ReadonlyMap<Variable, Value>, work: () => T): T
  /** The variables of layers that can be trained, in the order of `gradients`. */
  variables(of: Trainable): Variable[]
  /** The compiled metrics count these predictions and targets (those of the batch by default). */
  observe(yPred: Value | readonly Value[], yTrue?: Operand | readonly Operand[]): void
  /** Numbers from the normal distribution, new in each step. */
  randomNormal(shape: Shape, options?: { readonly mean?: number; readonly deviation?: number }): Value
  /** Numbers from the uniform distribution over [minimum, maximum), new in each step. */
  randomUniform(shape: Shape, options?: { readonly minimum?: number; readonly maximum?: number }): Value
  /** A source of random numbers, new in each step, for the random ops. */
  random(seed?: number): RandomKey
}

/** What a step comes to: scalars by name, which the logs and the history carry as means over the samples. */
export type StepResults = Readonly<Record<string, Value>>

/** A training step, or a test step, of one's own. */
export type TrainStepFunction = (step: TrainStep) => StepResults
