// One step on one batch, with its own logs.

import type { Logs } from '../callbacks'
import { checkOptions } from '../errors'
import type { ModelData } from '../feed/binding'
import { acceptBatch, type Weighting } from '../feed/targets'
import type { Learner } from '../step/learner'

/** Trains or tests on a batch; the loss and metrics of that batch alone. */
export async function onBatch(
  model: Learner,
  x: ModelData,
  y: ModelData | undefined,
  train: boolean,
  options: Weighting,
): Promise<Logs> {
  const call = train ? 'trainOnBatch' : 'testOnBatch'
  const engine = await model.trainingEngine(call)
  checkOptions(call, options, train ? ['sampleWeight', 'classWeight'] : ['sampleWeight'])
  const data = acceptBatch(model, x, y, options, call)
  return (await engine.step(data, { train, fresh: true })) ?? {}
}
