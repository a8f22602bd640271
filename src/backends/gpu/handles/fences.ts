// Waiting for WebGL2 without blocking: what is read before it is computed stops the whole page.

/** Marks in the stream of commands of a context, to be waited for. */
export class Fences {
  private readonly context: WebGL2RenderingContext | undefined
  private last: WebGLSync | null = null

  /** Where the context is not of WebGL2 there is nothing to wait for. */
  constructor(context: unknown) {
    const isWebGl2 = typeof WebGL2RenderingContext === 'function' && context instanceof WebGL2RenderingContext
    this.context = isWebGl2 ? context : undefined
  }

  /** Waits for what was asked before the last call, so that the device has work meanwhile; others get their turn. */
  async keepPace(): Promise<void> {
    const before = this.last
    this.last = this.mark()
    if (before === null) await turn()
    else await this.reached(before)
  }

  /** Waits for all that was asked so far. */
  async settle(): Promise<void> {
    const now = this.mark()
    if (now !== null) await this.reached(now)
  }

  private mark(): WebGLSync | null {
    const { context } = this
    const fence = context?.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0) ?? null
    context?.flush()
    return fence
  }

  private async reached(fence: WebGLSync): Promise<void> {
    const { context } = this
    do await turn()
    while (context?.clientWaitSync(fence, 0, 0) === context?.TIMEOUT_EXPIRED && context?.isContextLost() === false)
    context?.deleteSync(fence)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
