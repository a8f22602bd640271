// Programs on one machine never run at once, so what they need while they run may lie in the same memory: one arena, as large as
// the largest of them needs.

/** A Program's share in an arena. */
export interface Lease<Binding> {
  readonly bytes: number
  /** What the Program was made into for the place where the arena lies; undefined once it lies elsewhere. */
  binding: Binding | undefined
}

/** Memory for all that runs on a machine; it moves when it grows or shrinks. */
export class Arena<Block, Binding> {
  private readonly allocate: (bytes: number) => Block
  private readonly free: (block: Block) => void
  private readonly leases = new Set<Lease<Binding>>()
  private size = 0
  private held: Block | undefined

  /** @param allocate - gives memory, or throws; its content is undefined. */
  constructor(allocate: (bytes: number) => Block, free: (block: Block) => void) {
    this.allocate = allocate
    this.free = free
  }

  /** Where it lies. Whoever has a lease may use all of it while it runs. */
  get block(): Block {
    this.held ??= this.allocate(this.size)
    return this.held
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.size
  }

  /** A share of so many bytes. @throws where there is no memory for it; the others keep what they have. */
  lease(bytes: number): Lease<Binding> {
    const lease: Lease<Binding> = { bytes, binding: undefined }
    if (bytes > this.size) this.resize(bytes)
    this.leases.add(lease)
    return lease
  }

  /** Ends a lease. */
  release(lease: Lease<Binding>): void {
    if (!this.leases.delete(lease) || lease.bytes < this.size) return
    let most = 0
    for (const { bytes } of this.leases) most = Math.max(most, bytes)
    if (most < this.size) this.resize(most)
  }

  private resize(bytes: number): void {
    for (const lease of this.leases) lease.binding = undefined
    if (this.held !== undefined) this.free(this.held)
    this.held = undefined
    // Where there is not as much, the next who runs gets what was enough before: that was free a moment ago.
    if (bytes > 0) this.held = this.allocate(bytes)
    this.size = bytes
  }
}
