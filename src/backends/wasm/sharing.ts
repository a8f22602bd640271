// Whether threads can share memory here, found out by trying it: flags of the host may say one thing and do another.

/** Why there is one thread where the host does not share memory as it said it would. */
export function notShared(error: unknown): string {
  return `one thread: this host does not share memory with workers (${error instanceof Error ? error.message : String(error)})`
}

/** Why memory cannot be shared with a worker; undefined where it can be made and sent. */
export function whyNotShared(): string | undefined {
  const { crossOriginIsolated } = globalThis
  try {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    if (typeof SharedArrayBuffer !== 'function' || !(buffer instanceof SharedArrayBuffer)) {
      throw new Error('there is no SharedArrayBuffer')
    }
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(buffer)
    port1.close()
    port2.close()
    return undefined
  } catch (error) {
    if (crossOriginIsolated === false) {
      return 'one thread: the page is not cross-origin isolated, so it has no shared memory'
    }
    return notShared(error)
  }
}
