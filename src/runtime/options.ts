// What may be said of where and how programs run: the flag that names a backend, and the bytes that programs may hold.
import type { BackendOption } from '../backends/backend'
import { checkOptions, describeValue, didYouMean, OptionError } from '../errors'

const names = ['auto', 'cpu', 'wasm', 'gpu'] as const
const optionNames: Record<(typeof names)[number], readonly string[]> = {
  auto: ['name'],
  cpu: ['name'],
  wasm: ['name', 'threads', 'relaxed', 'wide'],
  gpu: ['name', 'mode'],
}
const gpuModes = ['webgpu', 'webgl2', 'headlessgl', 'webasm', 'cpu'] as const

/** Checks the flag; gives it as a record. @throws OptionError for unknown names and options. */
export function checkBackendOption(option: BackendOption): Exclude<BackendOption, string> {
  const record = typeof option === 'string' ? { name: option } : option
  const name = names.find((known) => known === record?.name)
  if (name === undefined) {
    const given = String(record?.name)
    const isMode = gpuModes.some((mode) => mode === given)
    const hint = isMode ? `; that is a mode: { name: 'gpu', mode: '${given}' }` : didYouMean(given, names)
    throw new OptionError(`backend: expected one of ${names.join(', ')}, got "${given}"${hint}`)
  }
  checkOptions(`backend ${name}`, record, optionNames[name])
  if (name === 'gpu') checkMode(record)
  return record as Exclude<BackendOption, string> // its name and option names have just been checked
}

function checkMode(record: object): void {
  const given: unknown = Reflect.get(record, 'mode')
  if (given === undefined || gpuModes.some((mode) => mode === given)) return
  throw new OptionError(
    `backend gpu: mode: expected one of ${gpuModes.join(', ')}, got "${given}"${didYouMean(String(given), gpuModes)}`,
  )
}

/** Bytes that the programs of one model, or of one function of `jit`, may hold unless another number is given. */
export const usualProgramBytes = 32 * 2 ** 20

/** Checks an option `maxProgramBytes`. @throws OptionError unless it is a number from 0 on. */
export function checkProgramBytes(where: string, given: number | undefined): number {
  if (given === undefined) return usualProgramBytes
  if (typeof given === 'number' && given >= 0) return given
  throw new OptionError(`${where}: maxProgramBytes: expected a number from 0 on, got ${describeValue(given)}`)
}
