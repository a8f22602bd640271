// Going over data in batches with graphs that are not kept: what is seen is seen once.

import { DataError } from '../errors'
import { arrayBatches, samplesOf } from '../feed/batches'
import { inputsOf, type StepData } from '../feed/stepData'
import type { Graph } from '../graph'
import type { Compiled } from '../runtime'
import { breathe } from '../step/breathe'
import type { Engine } from '../step/engine'
import type { Tensor } from '../tensor'

/** A graph with what is known of its outputs. */
export interface Traced {
  readonly graph: Graph
}

/**
 * Runs a graph on every batch. It is traced once for each batch size (of the last batch it may be another).
 *
 * @param visit - is given the outputs of each batch, and its number of samples.
 */
export async function walkBatches<T extends Traced>(
  where: string,
  engine: Engine,
  data: StepData,
  batchSize: number,
  trace: (batch: StepData) => T,
  visit: (outputs: readonly Tensor[], traced: T, samples: number) => void,
): Promise<void> {
  if (samplesOf(data) === 0) throw new DataError(`${where}: expected at least one sample, got none`)
  const known = new Map<number, { readonly traced: T; readonly program: Compiled }>()
  const programFor = async (batch: StepData) => {
    const traced = trace(batch)
    return { traced, program: await engine.make(() => traced.graph) }
  }
  try {
    for await (const batch of arrayBatches(data, batchSize).walk(0)) {
      const samples = samplesOf(batch)
      const { traced, program } = known.get(samples) ?? (await programFor(batch))
      known.set(samples, { traced, program })
      visit(await program.run(inputsOf(batch)), traced, samples)
      await breathe()
    }
  } finally {
    for (const { program } of known.values()) program.dispose()
  }
}
