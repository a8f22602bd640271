// A kernel's code as gpu.js takes it: the source of a function, and its settings.
import type { IGPUKernelSettings } from 'gpu.js'
import { functionsOf } from './functions'
import type { KernelCode } from './kernels'

/** The settings with which a kernel is created, whatever the mode. */
export function settingsOf(code: KernelCode, threads: number): IGPUKernelSettings {
  const settings = {
    output: [threads],
    // By position, and declared, so that nothing is guessed from what a call happens to pass.
    argumentTypes: argumentTypesOf(code),
    constants: { ...code.bounds },
    constantTypes: Object.fromEntries(Object.keys(code.bounds).map((name) => [name, 'Integer'])),
    precision: 'single',
    // Loops that gpu.js cannot prove to end stop here, silently.
    loopMaxIterations: Math.max(1000, ...Object.values(code.bounds)),
    functions: functionsOf(code.body).map(({ name, source, whole }) => {
      const type = whole ? 'Integer' : 'Number'
      return { name, source, argumentTypes: parametersOf(source).map(() => type), returnType: type }
    }),
  }
  return settings as unknown as IGPUKernelSettings // its types leave out half of what its code and its manual take
}

function argumentTypesOf({ arrays, numbers }: KernelCode): string[] {
  return [...Array.from({ length: arrays }, () => 'Array'), ...Array.from({ length: numbers }, () => 'Integer')]
}

function parametersOf(source: string): string[] {
  return source.slice(source.indexOf('(') + 1, source.indexOf(')')).split(',')
}

/** The source of the kernel's function. */
export function sourceOf({ arrays, numbers, body }: KernelCode): string {
  const names = [
    ...Array.from({ length: arrays }, (_, i) => `a${i}`),
    ...Array.from({ length: numbers }, (_, i) => `n${i}`),
  ]
  return `function (${names.join(', ')}) {\n${body}\n}`
}

/** Arguments that stand for the kernel's own when it is built before it is called. */
export function exampleArguments({ arrays, numbers }: KernelCode): (Float32Array | number)[] {
  return [...Array.from({ length: arrays }, () => new Float32Array(1)), ...Array.from({ length: numbers }, () => 0)]
}

/** What makes two kernels the same. */
export function keyOf({ arrays, numbers, body, components, bounds }: KernelCode): string {
  return `${arrays} ${numbers} ${components} ${JSON.stringify(bounds)} ${body}`
}
