// The page of test/browser/gpu.test.ts: the suites that Node runs on a backend, run on one in the page.
import '../../../src/names/all'
import { coveringCases } from '../../conformance/covering'
import { gpuConformance } from '../../conformance/gpu'
import { conformance } from '../../conformance/suite'
import { backendUnderTest } from '../../support/backend'
import { type Outcome, runDeclared } from './collect'

const suites = {
  conformance: async () => conformance(backendUnderTest, { ...gpuConformance, only: coveringCases() }),
  layers: () => import('../../goldens/layers.test'),
  training: () => import('../../goldens/training.test'),
} as const

/** Runs the tests of a suite: all, or those with the names given. */
export async function run(suite: keyof typeof suites, only?: readonly string[]): Promise<Outcome> {
  await suites[suite]()
  return runDeclared((name) => only === undefined || only.some((wanted) => name.endsWith(`> ${wanted}`)))
}

Object.assign(globalThis, { runSuite: run })
