// Which backend a test runs on that is run on several of them: HORNBEAM_BACKEND, or cpu. vitest.config.ts says which tests these are.
import type { BackendName } from '../../src/backends/backend'

export const backendUnderTest = (process.env.HORNBEAM_BACKEND ?? 'cpu') as BackendName // a wrong name is an error of its own
