// A kernel's code as gpu.js takes it: the source of a function, and its settings.
import type { IGPUKernelSettings } from 'gpu.js'
import { functionsOf, type KernelFunction } from './functions'
import type { KernelCode } from './kernels'

/** The settings with which a kernel is created, whatever the mode. */
export function settingsOf(
  code: KernelCode,
  threads: number,
  arrayTypes: readonly string[] = Array.from({ length: code.arrays }, () => 'Array'),
  mode?: string,
): IGPUKernelSettings {
  const functions = functionsOf(code.body)
  const isNative = ({ glsl }: KernelFunction): boolean => mode === 'webgl2' && glsl !== undefined
  const translated = functions.filter((each) => !isNative(each)).map(typed)
  const settings = {
    output: [threads],
    // By position, and declared, so that nothing is guessed from what a call happens to pass.
    argumentTypes: [...arrayTypes, ...Array.from({ length: code.numbers }, () => 'Integer')],
    constants: { ...code.bounds },
    constantTypes: Object.fromEntries(Object.keys(code.bounds).map((name) => [name, 'Integer'])),
    precision: 'single',
    // Loops that gpu.js cannot prove to end stop here, silently.
    loopMaxIterations: Math.max(1000, ...Object.values(code.bounds)),
    functions: translated,
    injectedNative: mode === 'webgl2' ? translated.map(prototypeOf).join('\n') : '',
    nativeFunctions: functions.filter(isNative).map(({ name, glsl }) => ({ name, source: glsl })),
  }
  return settings as unknown as IGPUKernelSettings // its types leave out half of what its code and its manual take
}

/** What gpu.js is told of a function. */
interface TypedFunction {
  readonly name: string
  readonly source: string
  readonly argumentTypes: readonly ('Integer' | 'Number')[]
  readonly returnType: 'Integer' | 'Number'
}

function typed({ name, source, whole, givesNumber }: KernelFunction): TypedFunction {
  const type = whole ? 'Integer' : 'Number'
  const argumentTypes = parametersOf(source).map(() => type)
  return { name, source, argumentTypes, returnType: givesNumber ? 'Number' : type } as const
}

/** The function declared in GLSL: gpu.js may put one that two others call behind its callers. */
function prototypeOf({ name, argumentTypes, returnType }: TypedFunction): string {
  const glsl = { Integer: 'int', Number: 'float' } as const
  return `${glsl[returnType]} ${name}(${argumentTypes.map((type) => glsl[type]).join(', ')});`
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

/** The same kernel with one element a thread: each thread computes all that one did before, and returns its own part. */
export function narrowed(code: KernelCode): KernelCode {
  const { components } = code
  if (components === 1) return code
  const list = /return \[([^\]]*)\];\s*$/.exec(code.body)
  if (list === null) throw new Error('a kernel with several elements a thread must end by returning a list of names')
  const names = list[1].split(',')
  const body = [
    `const element = wholeQuotient(this.thread.x, ${components});`,
    `const part = this.thread.x - element * ${components};`,
    code.body.slice(0, list.index).replaceAll('this.thread.x', 'element'),
    ...names.slice(0, -1).map((name, i) => `if (part === ${i}) { return ${name.trim()}; }`),
    `return ${names[names.length - 1].trim()};`,
  ]
  return { ...code, components: 1, body: body.join('\n') }
}
