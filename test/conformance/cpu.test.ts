// The cpu backend, in both float types: the reference the other backends are tested against.
import { conformance } from './suite'

conformance('cpu', { dtypes: ['float32', 'float64'] })
