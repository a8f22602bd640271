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
}

/** A rank, a length or a number of features that does not fit where it was given. */
export class ShapeError extends HornbeamError {
  override readonly name = 'ShapeError'
}

/** An option, an argument or a name of a layer, loss, optimizer... that is unknown or has a value it cannot have. */
export class OptionError extends HornbeamError {
  override readonly name = 'OptionError'
}

/** Data that cannot be learnt from or predicted on: ragged, empty, not a number, or labels outside their range. */
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

/** A backend that is missing here, lacks what a program asks of it, or failed while it ran. */
export class BackendError extends HornbeamError {
  override readonly name = 'BackendError'
}

/** A file, or bytes, or JSON that is corrupt, truncated or not hornbeam's. */
export class FormatError extends HornbeamError {
  override readonly name = 'FormatError'
}
