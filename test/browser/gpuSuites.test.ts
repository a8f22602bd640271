// The gpu suites in a page, on the software adapter that the browser brings.
import { swiftShader } from './support/gpuPages'
import { gpuSuites } from './support/gpuSuites'

gpuSuites(swiftShader)
