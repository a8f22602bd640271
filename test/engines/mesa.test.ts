// The gpu suites in a page, on a second driver, with another compiler.

import { useMesa } from '../browser/support/gpuPages'
import { gpuSuites } from '../browser/support/gpuSuites'

gpuSuites(useMesa())
