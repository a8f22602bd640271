// The entry `hornbeam/gpu`, for bundles made by webpack: imported once, it makes gpu.js a part of the bundle, which is loaded when the
// backend is first asked for. Everywhere else hornbeam finds gpu.js by itself.
import { useLibrary } from './backends/gpu/library'

useLibrary(() => import('gpu.js'))
