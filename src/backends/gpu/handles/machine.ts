// The public way to run gpu.js: kernels are called one by one and give handles, which stay on the device and feed the next
// kernel. It serves every mode; WebGPU has a faster one.
import type { GPU } from 'gpu.js'
import { BackendError } from '../../../errors'
import type { Counters } from '../counters'
import { copyCode, type KernelCode } from '../kernels'
import { keyOf, narrowed, settingsOf, sourceOf } from '../source'
import { Fences } from './fences'

/** What a kernel gives: a texture, a buffer, or in the modes of the processor the numbers themselves. */
export type Handle = object

type Run = (...args: unknown[]) => Handle | Promise<Handle>

/** gpu.js in one mode, and its kernels. */
export class HandleMachine {
  readonly counters: Counters
  private gpu: GPU
  private readonly open: () => GPU
  private readonly kernels = new Map<string, Run>()
  private fenced: { readonly context: unknown; readonly fences: Fences } | undefined

  constructor(open: () => GPU, counters: Counters) {
    this.open = open
    this.gpu = open()
    this.counters = counters
  }

  /** Counts how often the device was lost: handles of before are of no use. */
  generation = 0

  /** Runs a kernel; gives its result as a handle. */
  async call(
    wide: KernelCode,
    handles: readonly Handle[],
    elements: number,
    numbers: readonly number[],
  ): Promise<Handle> {
    // Results of several components feed no other kernel in some of the modes.
    const code = narrowed(wide)
    const threads = elements * wide.components
    const sizes = handles.map((handle) => elementsOf(handle))
    const key = `${threads} ${sizes.join()} ${handles.map(typeOf).join()} ${keyOf(code)}`
    const known = this.kernels.get(key) ?? this.make(code, handles, threads)
    this.kernels.set(key, known)
    const result = await known(...handles, ...numbers)
    this.counters.launches++
    this.counters.submits++
    this.counters.bytesInUse += threads * 4
    this.checkContext()
    return relabelled(result)
  }

  private make(code: KernelCode, handles: readonly Handle[], threads: number): Run {
    const settings = settingsOf(code, threads, handles.map(typeOf), this.gpu.mode)
    this.counters.kernels++
    // Immutable: each call gives a handle of its own, which is deleted when it has been read last.
    return this.gpu.createKernel(sourceOf(code), { ...settings, pipeline: true, immutable: true }) as unknown as Run // handles are not in its types
  }

  /** Puts elements on the device. */
  async upload(data: Float32Array): Promise<Handle> {
    this.counters.bytesUp += data.byteLength
    return this.call(
      copyCode({ slot: 0, offset: 0 }),
      [data.length === 0 ? new Float32Array(1) : data],
      Math.max(1, data.length),
      [],
    )
  }

  /** The elements of a handle. */
  async download(handle: Handle): Promise<Float32Array<ArrayBuffer>> {
    const toArray: unknown = Reflect.get(handle, 'toArray')
    await this.fences().settle()
    const content: unknown = typeof toArray === 'function' ? await toArray.call(handle) : handle
    const data = Float32Array.from(content as ArrayLike<number>) // kernels with one axis give one list of numbers
    this.counters.bytesDown += data.byteLength
    return data
  }

  /** Keeps the device only a little ahead, and gives others their turn. */
  keepPace(): Promise<void> {
    return this.fences().keepPace()
  }

  /** Fences of the present context, which is there once a kernel has run. */
  private fences(): Fences {
    const context: unknown = Reflect.get(this.gpu, 'context')
    if (context !== this.fenced?.context) this.fenced = { context, fences: new Fences(context) }
    this.fenced ??= { context, fences: new Fences(context) }
    return this.fenced.fences
  }

  delete(handle: Handle): void {
    this.counters.bytesInUse -= elementsOf(handle) * 4
    const free: unknown = Reflect.get(handle, 'delete')
    if (typeof free === 'function') free.call(handle)
  }

  /** The adapter, as far as the mode tells. */
  describe(mode: string): { adapter: string; software: boolean } {
    if (mode === 'webasm' || mode === 'cpu') return { adapter: 'processor', software: true }
    const context: unknown = Reflect.get(this.gpu, 'context')
    if (typeof WebGL2RenderingContext !== 'function' || !(context instanceof WebGL2RenderingContext)) {
      return { adapter: 'unknown', software: false }
    }
    const names = context.getExtension('WEBGL_debug_renderer_info')
    const adapter = String(context.getParameter(names === null ? context.RENDERER : names.UNMASKED_RENDERER_WEBGL))
    return { adapter, software: /swiftshader|llvmpipe|software/i.test(adapter) }
  }

  /** @throws BackendError when the context is lost; then there is a new one. */
  private checkContext(): void {
    const context: unknown = Reflect.get(this.gpu, 'context')
    const isLost: unknown = Reflect.get(Object(context), 'isContextLost')
    if (typeof isLost !== 'function' || isLost.call(context) !== true) return
    this.kernels.clear()
    this.gpu = this.open()
    this.generation++
    throw new BackendError(
      'gpu: the context was lost; the next call starts on a new one, from the content that variables were last read back with',
    )
  }
}

/** The type by which gpu.js knows an argument. */
function typeOf(handle: Handle): string {
  const type: unknown = Reflect.get(handle, 'type')
  return typeof type === 'string' ? type : 'Array'
}

/** The number of elements of a handle. */
function elementsOf(handle: Handle): number {
  if (handle instanceof Float32Array) return handle.length
  const output: unknown = Reflect.get(handle, 'output')
  return Array.isArray(output) ? output.reduce((product: number, length: unknown) => product * Number(length), 1) : 0
}

/** Plain numbers as the array they are: in the processor's modes a kernel gives no handle. */
function relabelled(result: Handle): Handle {
  return Array.isArray(result) ? Float32Array.from(result as number[]) : result
}
