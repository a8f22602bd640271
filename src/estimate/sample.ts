// Batches of made-up data that have the shapes, types and ranges of the real ones: what a step is timed on.
import { ShapeError } from '../errors'
import type { StepData } from '../feed/stepData'
import type { SymbolicTensor } from '../layers'
import type { Learner } from '../step/learner'
import type { ScratchEngine } from '../step/scratchEngine'
import { tracePrediction } from '../step/tracePrediction'
import { allocate, type DType, formatShape, isFloat, type PartialShape, type Shape, sizeOf, Tensor } from '../tensor'

/** The steps of training, and of its validation, as `fit` takes them. */
export const trains = { train: true, fresh: false, guarded: true } as const
export const tests = { train: false, fresh: false } as const

/** The shapes of one sample of each input, all lengths known. */
export type SampleShapes = readonly Shape[]

/**
 * The shapes of one sample.
 *
 * @param given - shapes in place of the model's own.
 * @param sequenceLength - the length of the axis after the batch, where it is open.
 */
export function sampleShapes(
  inputs: readonly SymbolicTensor[],
  given: readonly PartialShape[] | undefined,
  sequenceLength: number | undefined,
): SampleShapes {
  if (given !== undefined && given.length !== inputs.length) {
    throw new ShapeError(
      `estimate: inputShape: expected a shape for each of ${inputs.length} inputs, got ${given.length}`,
    )
  }
  return inputs.map((input, i) => {
    const own = given?.[i] ?? input.shape
    const where = inputs.length > 1 ? ` of ${input.name}` : ''
    const fits =
      own.length === input.shape.length &&
      input.shape.every((n, axis) => n === null || own[axis] === null || n === own[axis])
    if (!fits) {
      throw new ShapeError(
        `estimate: inputShape${where}: expected ${formatShape(input.shape)}, got ${formatShape(own)}`,
      )
    }
    return own.map((n, axis) => {
      const length = n ?? input.shape[axis] ?? (axis === 0 ? sequenceLength : undefined)
      if (length === undefined) {
        const option = axis === 0 ? 'sequenceLength (or inputShape)' : 'inputShape'
        throw new ShapeError(
          `estimate: the input${where} has shape ${formatShape([null, ...own])}: expected ${option} to say the unknown length`,
        )
      }
      if (axis === 0 && sequenceLength !== undefined && own.length > 1 && length !== sequenceLength) {
        throw new ShapeError(
          `estimate: sequenceLength: the input${where} has ${length} steps, got ${sequenceLength}; leave it out, or build the model with an open length`,
        )
      }
      return length
    })
  })
}

/** A batch of made-up data. @throws ShapeError where the model cannot take the shapes. */
export function sampleBatch(model: Learner, engine: ScratchEngine, shapes: SampleShapes, batchSize: number): StepData {
  const x = shapes.map((shape, i) => {
    const input = model.computed.inputs[i]
    return made([batchSize, ...shape], input.dtype, isFloat(input.dtype) ? undefined : vocabularyOf(model, input))
  })
  const { outputs } = tracePrediction(model, x, engine.randomState, true)
  const y = outputs.map(({ shape }, i) => {
    const loss = engine.losses[i]
    const isSparse = throws(() => loss?.checkTargets?.(shape, shape))
    return isSparse ? made(shape.slice(0, -1), 'int32', shape.at(-1)) : made(shape, 'float32')
  })
  return { x, y, weights: y.map(() => undefined) }
}

/** Numbers below `below` for whole numbers, from 0 to 1 for floats, in no order. */
function made(shape: Shape, dtype: DType, below = 2): Tensor {
  const data = allocate(dtype, sizeOf(shape))
  const scale = isFloat(dtype) ? 1 : dtype === 'bool' ? 2 : below
  // Steps of the golden ratio fill the range evenly.
  for (let i = 0; i < data.length; i++) {
    const unit = (i * 0.6180339887498949) % 1
    data[i] = isFloat(dtype) ? unit : Math.floor(unit * scale)
  }
  return new Tensor(data, shape, dtype)
}

/** How many different numbers an input of whole numbers may hold: what the embedding that reads it knows. */
function vocabularyOf(model: Learner, input: SymbolicTensor): number {
  const reader = model.computed.calls.find(
    ({ inputs, layer }) => layer.indexCount !== undefined && inputs.includes(input),
  )
  return reader?.layer.indexCount ?? 2
}

function throws(check: () => void): boolean {
  try {
    check()
    return false
  } catch {
    return true
  }
}
