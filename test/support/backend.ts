// Which backend a test runs on that is run on several of them: HORNBEAM_BACKEND, or cpu; `gpu/webgl2` is the gpu in a mode.
// vitest.config.ts says which tests these are.
import type { BackendOption } from '../../src/backends/backend'

const [name, mode] = (process.env.HORNBEAM_BACKEND ?? 'cpu').split('/')

export const backendUnderTest = (mode === undefined ? name : { name, mode }) as BackendOption // a wrong one is an error of its own
