// The wasm backend, on one thread and on three.
import { conformance } from './suite'

conformance({ name: 'wasm', threads: 1 })
conformance({ name: 'wasm', threads: 3 })
