// What the backend wants of lowering.
import type { Backend } from '../backend'
import { opsOf } from '../kernelTable'
import { kernels } from './kernels'
import { castStep, steps } from './kernels/steps'

const supported = opsOf(kernels, steps, { cast: castStep })

export const lowering: Backend['lowering'] = { supports: (name) => supported.has(name) }
