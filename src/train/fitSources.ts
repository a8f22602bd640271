// Where the batches of training and of its validation come from: arrays, samples such as windows, datasets.

import { isSamples } from '../data'
import { DataError, describeValue, OptionError } from '../errors'
import { arrayBatches, type Batches, continued, samplesOf, splitEnd } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { bringsTargets, datasetBatches, type FitData, isDataset, sampleBatches, testBatches } from '../feed/dataset'
import { checkFeatureNames } from '../feed/featureNames'
import { acceptBatch, type Weighting } from '../feed/targets'
import type { Learner } from '../step/learner'
import type { Course } from './course'
import type { FitOptions } from './fitOptions'

/** Where the batches of training and validation come from. */
export interface Sources {
  readonly train: Batches
  readonly validation: Batches | undefined
}

/** The batches that fit goes over, where the data fit the model, which they build if need be. */
export function sourcesOf(
  model: Learner,
  x: FitData,
  y: FitOptions | ModelData | undefined,
  options: FitOptions,
  course: Course,
): Sources {
  const { train, validation } = wholeSources(model, x, y, options, course)
  // At once, rather than at the end of the first epoch.
  const { validationData } = options
  if (isSamples(validationData) && model.built) checkFeatureNames(model, validationData, 'fit: validationData')
  return { train: options.stepsPerEpoch === undefined ? train : continued(train, course), validation }
}

function wholeSources(
  model: Learner,
  x: FitData,
  y: FitOptions | ModelData | undefined,
  options: FitOptions,
  course: Course,
): Sources {
  const { batchSize = 32, validationData, validationSplit = 0, shuffle = true } = options
  const validationBatchSize = options.validationBatchSize ?? batchSize
  const separate =
    validationData === undefined ? undefined : validationSource(model, validationData, validationBatchSize)
  if (isDataset(x)) {
    if (validationSplit > 0)
      throw new OptionError('fit: validationSplit: expected arrays, got a dataset; give validationData')
    if (options.sampleWeight !== undefined)
      throw new OptionError('fit: sampleWeight: expected it in the batches of the dataset: { x, y, sampleWeight }')
    return { train: datasetBatches(model, x, 'fit', options.classWeight), validation: separate }
  }
  const orderOf = (count: number) => (shuffle ? course.orderOf(count) : undefined)
  if (isSamples(x)) {
    if (options.sampleWeight !== undefined)
      throw new OptionError('fit: sampleWeight: expected arrays, got samples such as windows; use toTensors()')
    const [first, last] = validationSplit > 0 && separate === undefined ? x.splitEnd(validationSplit) : [x, undefined]
    if (first.size === 0) throw new DataError(`fit: expected samples to train on, got none of ${x.size}`)
    // The first sample builds the model, and shows at once whether it fits.
    const { x: one, y: target } = first.draw([0])
    acceptBatch(model, one, target, {}, 'fit')
    return {
      train: sampleBatches(model, first, batchSize, 'fit', {
        order: orderOf(first.size),
        classWeight: options.classWeight,
      }),
      validation: separate ?? (last && testBatches(model, last, undefined, {}, validationBatchSize, 'fit')),
    }
  }
  const accept = (weighting: Weighting) => acceptBatch(model, x as ModelData, y as ModelData, weighting, 'fit') // arrays come with y, which is checked there
  const data = accept(options)
  const [train, held] =
    validationSplit > 0 && separate === undefined ? splitEnd(data, validationSplit) : [data, undefined]
  const n = samplesOf(train)
  if (n === 0) throw new DataError(`fit: expected samples to train on, got none of ${samplesOf(data)}`)
  const { classWeight, sampleWeight } = options
  // Classes weigh in training alone, as in Keras.
  const validated = held && classWeight !== undefined ? splitEnd(accept({ sampleWeight }), validationSplit)[1] : held
  return {
    train: arrayBatches(train, batchSize, orderOf(n)),
    validation: separate ?? (validated && arrayBatches(validated, validationBatchSize)),
  }
}

function validationSource(
  model: Learner,
  given: NonNullable<FitOptions['validationData']>,
  batchSize: number,
): Batches {
  const call = 'fit: validationData'
  if (bringsTargets(given)) return testBatches(model, given as FitData, undefined, {}, batchSize, call) // by that test
  if (!Array.isArray(given) || given.length < 2 || given.length > 3) {
    const got = Array.isArray(given) ? `a list of ${given.length}` : describeValue(given)
    throw new DataError(`${call}: expected [x, y], [x, y, sampleWeight] or a dataset, got ${got}`)
  }
  const [x, y, sampleWeight] = given as [ModelData, ModelData, Weighting['sampleWeight']?] // by its length
  return testBatches(model, x, y, { sampleWeight }, batchSize, call)
}
