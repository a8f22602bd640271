// What a page asks of its GPU, counted at the browser's own functions, alike for every library: launches, submits, bytes moved.

export interface Counts {
  /** Dispatches of WebGPU, draws of WebGL. */
  launches: number
  /** Of WebGPU; WebGL has none. */
  submits: number
  /** Written by the page to buffers and textures, parameters of kernels among them; WebGL's uniforms are not counted. */
  bytesUp: number
  bytesDown: number
}

export const counts: Counts = { launches: 0, submits: 0, bytesUp: 0, bytesDown: 0 }

/** Puts a count before a method of a class of the browser. */
function before<Method extends string>(
  owner: { readonly prototype: object } | undefined,
  method: Method,
  count: (args: readonly unknown[], self: object) => void,
): void {
  if (owner === undefined) return
  const original: unknown = Reflect.get(owner.prototype, method)
  if (typeof original !== 'function') throw new Error(`the browser has no ${method} to count`)
  Reflect.set(owner.prototype, method, function (this: object, ...args: unknown[]) {
    count(args, this)
    return original.apply(this, args)
  })
}

const bytesOf = (data: unknown): number =>
  ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data.byteLength : 0

/** Starts to count; called once, before a library is loaded. */
export function startCounting(): void {
  before(globalThis.GPUQueue, 'submit', () => {
    counts.submits++
  })
  before(globalThis.GPUQueue, 'writeBuffer', ([, , data, offset, size]) => {
    const element = ArrayBuffer.isView(data) && 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1
    counts.bytesUp += size === undefined ? bytesOf(data) - Number(offset ?? 0) * element : Number(size) * element
  })
  before(globalThis.GPUComputePassEncoder, 'dispatchWorkgroups', () => {
    counts.launches++
  })
  before(globalThis.GPUDevice, 'createBuffer', ([settings]) => {
    const { mappedAtCreation, size } = settings as GPUBufferDescriptor // what the method takes
    if (mappedAtCreation === true) counts.bytesUp += size
  })
  before(globalThis.GPUBuffer, 'mapAsync', ([mode, offset, size], buffer) => {
    if (mode === 1) counts.bytesDown += Number(size ?? Number(Reflect.get(buffer, 'size')) - Number(offset ?? 0))
    else counts.bytesUp += Number(size ?? Reflect.get(buffer, 'size'))
  })
  const webGl = globalThis.WebGL2RenderingContext
  for (const draw of ['drawArrays', 'drawElements']) {
    before(webGl, draw, () => {
      counts.launches++
    })
  }
  for (const upload of ['texImage2D', 'texSubImage2D', 'bufferData', 'bufferSubData']) {
    before(webGl, upload, (args) => {
      for (const data of args) counts.bytesUp += bytesOf(data)
    })
  }
  for (const download of ['readPixels', 'getBufferSubData']) {
    before(webGl, download, (args) => {
      for (const data of args) counts.bytesDown += bytesOf(data)
    })
  }
}
