// What a format of model files is: how its content is told, what is read from it and what is written.

import type { Source } from '../io'
import type { OptimizerState } from '../optimizers'
import type { Json } from '../registry'
import type { Tensor } from '../tensor'
import type { SavedModel } from './savedModel'

/** A format of files. It has those of the calls that make sense for it; what is heavy is imported when called. */
export interface Format {
  /** Its name, as in `toBytes({ format })`. */
  readonly name: string
  /** What a file of it is, for messages: 'a Keras model (.keras)'. */
  readonly what: string
  /** Whether this is a file of the format, by its content. Never throws. */
  matches(source: Source): boolean
  /** Whether this file of it holds a whole model; left out where each does that `readModel` reads. */
  holdsModel?(source: Source): boolean | Promise<boolean>
  /** Reads a whole model. @throws FormatError that says what is wrong, and what to do. */
  readModel?(source: Source): Promise<ModelFile>
  /** Reads all tensors by name. @throws FormatError that says what is wrong. */
  readTensors?(source: Source): Promise<ReadonlyMap<string, Tensor>>
  /**
   * Reads the weights of a model by their paths, for a format that knows hornbeam's or Keras' layers; undefined where this file
   * of it holds tensors of other names. Optimizer state is left out.
   *
   * @param skipMismatch - leaves out layers of which the file has another number of weights, or weights of other shapes.
   * @throws FormatError that says what is wrong.
   */
  readWeights?(source: Source, model: SavedModel, skipMismatch: boolean): Promise<FoundWeights | undefined>
  /** The endings by which `save` and `writeTensors` choose it, such as `.keras`. */
  readonly endings?: readonly string[]
  /**
   * Writes a whole model.
   *
   * @param parts - reads the model's weights and state from wherever they are.
   * @throws FormatError that names what the format cannot say.
   */
  writeModel?(model: SavedModel, parts: () => Promise<ModelParts>, options: WriteOptions): Promise<Written>
  /** Writes tensors by name. */
  writeTensors?(tensors: ReadonlyMap<string, Tensor>): Promise<Uint8Array<ArrayBuffer>>
}

/** Weights that a file has for a model that is there. */
export interface FoundWeights {
  /** By their paths in the model. */
  readonly contents: ReadonlyMap<string, Tensor>
  /** What the file has for layers that the model has not, as the file names it. */
  readonly unused: readonly string[]
}

/** What a saved model is made of. */
export interface ModelParts {
  /** The layers and how they are connected. */
  readonly architecture: Json
  /** What `compile` was told; left out where the model was not compiled. */
  readonly compile?: Json | undefined
  /** Where the last run of training stands; left out where there was none. */
  readonly run?: Json | undefined
  /** Weights and optimizer state by name. */
  readonly tensors: ReadonlyMap<string, Tensor>
}

/** A model as a file has it. */
export interface ModelFile {
  /** The layers and how they are connected, as `modelFromJSON` takes them. */
  readonly architecture: Json
  /**
   * The options of `compile`; left out where the model was not compiled.
   *
   * @throws FormatError for a loss, metric or optimizer that is not known here.
   */
  compile?(): Json
  /**
   * The content of every weight by its path. The model is the one made of the architecture: its weights have shapes, and
   * nothing in them yet, so whoever reads can check a shape before it takes memory. A weight without a tensor stays as it begins.
   */
  weights(model: SavedModel): ReadonlyMap<string, Tensor | undefined>
  /** The content of the optimizer's variables by their names, those that the file has. */
  optimizer?(state: OptimizerState): ReadonlyMap<string, Tensor>
  /** The random state of training: what dropout draws from. */
  readonly random?: Tensor | undefined
  /** What stateful layers carry and what a run of training goes on from, for a format that has such. */
  readonly training?: TrainingFile
}

/** What a file keeps of a run of training. */
export interface TrainingFile {
  /** Where the run stands; undefined where the model was not trained. */
  readonly run: Json | undefined
  /** By the names of `src/step/kept`. */
  readonly tensors: ReadonlyMap<string, Tensor>
}

/** How a model is written. */
export interface WriteOptions {
  /** The name of the file, without folders, for what is to lie beside it; empty where there is none. */
  readonly fileName: string
  /** How weights are stored; optimizer state stays as it is. */
  readonly dtype?: 'float32' | 'float16' | 'int8' | undefined
  /** Whether a graph goes on from run to run: its states go in and come out. */
  readonly streaming?: boolean | undefined
}

/** What was written: the file, and those that belong beside it. */
export interface Written {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly beside?: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]
}
