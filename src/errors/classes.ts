// The errors hornbeam throws on purpose: one base class, and one class for each kind of mistake.

/**
 * What every error that hornbeam throws on purpose extends.
 *
 * A call that fails with one leaves the model as it was.
 *
 * @example
 * ```ts
 * import { HornbeamError, lstm } from 'hornbeam'
 *
 * try {
 *   lstm(-1)
 * } catch (error) {
 *   if (error instanceof HornbeamError) console.log(error.name, error.message)
 *   else throw error
 * }
 * ```
 */
export class HornbeamError extends Error {
  override readonly name: string = 'HornbeamError'

  /** @param message - of one that is longer than anybody reads, the beginning. */
  constructor(message: string, options?: ErrorOptions) {
    super(message.length <= longestMessage ? message : `${message.slice(0, longestMessage)}...`, options)
  }
}

/** Some fifty lines. */
const longestMessage = 4000

/**
 * A rank, a length or a number of features that does not fit where it was given.
 *
 * @example
 * ```ts
 * concatenate().apply([input({ shape: [3, 2] }), input({ shape: [4, 2] })]) // throws a ShapeError
 * ```
 */
export class ShapeError extends HornbeamError {
  override readonly name = 'ShapeError'
}

/**
 * An option, an argument or a name of a layer, loss, optimizer... that is unknown or has a value it cannot have.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'softmx' }) // throws an OptionError: ... Did you mean 'softmax'?
 * ```
 */
export class OptionError extends HornbeamError {
  override readonly name = 'OptionError'
}

/**
 * Data that cannot be learnt from or predicted on: ragged, empty, not a number, or labels outside their range.
 *
 * @example
 * ```ts
 * tensor([[1, 2], [3]]) // throws a DataError
 * ```
 */
export class DataError extends HornbeamError {
  override readonly name: string = 'DataError'
}

/** Where training met a number that is not finite. */
export interface NonFiniteDetails {
  /** The epoch, and the batch within it; both count from 0. */
  readonly epoch: number
  readonly batch: number
  /** The number of steps since `fit` was called. */
  readonly step: number
  /** The layer whose gradient grew most. */
  readonly layer: string | undefined
}

/**
 * A loss or a gradient that is NaN or infinite while a model is trained. The model keeps the weights of the last finite
 * step.
 *
 * @example
 * ```ts
 * try {
 *   await model.fit(x, y, { epochs: 10 })
 * } catch (error) {
 *   if (!(error instanceof NonFiniteError)) throw error
 *   console.log(`stopped in epoch ${error.epoch}, because of ${error.layer}`)
 * }
 * ```
 */
export class NonFiniteError extends DataError {
  override readonly name = 'NonFiniteError'
  readonly epoch: number
  readonly batch: number
  readonly step: number
  readonly layer: string | undefined

  constructor(message: string, { epoch, batch, step, layer }: NonFiniteDetails) {
    super(message)
    this.epoch = epoch
    this.batch = batch
    this.step = step
    this.layer = layer
  }
}

/**
 * A backend that is missing here, lacks what a program asks of it, or failed while it ran.
 *
 * @example
 * ```ts
 * try {
 *   await model.predict(x, { backend: 'gpu' })
 * } catch (error) {
 *   if (!(error instanceof BackendError)) throw error
 *   await model.predict(x) // 'auto'
 * }
 * ```
 */
export class BackendError extends HornbeamError {
  override readonly name = 'BackendError'
}

/**
 * A file, or bytes, or JSON that is corrupt, truncated or not hornbeam's.
 *
 * @example
 * ```ts
 * await loadModel(new Uint8Array(8)) // rejects with a FormatError
 * ```
 */
export class FormatError extends HornbeamError {
  override readonly name = 'FormatError'
}
