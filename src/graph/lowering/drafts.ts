// The buffers and storages of a Program while it is made: storages may still become part of one another.
import { sizeOf } from '../../tensor'
import { type Buffer, bytesOf, type Storage } from '../program'
import type { Spec } from '../value'

/** A storage while the plan is made; `joined` names the storage it has become part of. */
export type Draft = { kind: 'arena'; bytes: number; joined?: number } | Exclude<Storage, { kind: 'arena' }>

/** Bytes of all elements of a value. */
export function bytesFor({ shape, dtype }: Spec): number {
  return sizeOf(shape) * bytesOf(dtype)
}

export class Drafts {
  readonly storages: Draft[] = []
  readonly buffers: Buffer[] = []

  newStorage(draft: Draft): number {
    this.storages.push(draft)
    return this.storages.length - 1
  }

  newBuffer({ shape, dtype }: Spec, storage: number): number {
    this.buffers.push({ shape, dtype, storage })
    return this.buffers.length - 1
  }

  /** A buffer with a storage of its own in the arena. */
  newTemporary(spec: Spec): number {
    return this.newBuffer(spec, this.newStorage({ kind: 'arena', bytes: bytesFor(spec) }))
  }

  /** The storage in which a buffer lies in the end. */
  homeOf(buffer: number): number {
    return this.home(this.buffers[buffer].storage)
  }

  /** Makes the storage of a buffer, which lies in the arena, part of another one. */
  join(buffer: number, into: number): void {
    const draft = this.storages[this.homeOf(buffer)]
    if (draft.kind === 'arena') draft.joined = into
  }

  /** The storage of a buffer, if it lies in the arena. */
  temporary(buffer: number): Extract<Draft, { kind: 'arena' }> | undefined {
    const draft = this.storages[this.homeOf(buffer)]
    return draft.kind === 'arena' ? draft : undefined
  }

  private home(storage: number): number {
    const draft = this.storages[storage]
    return draft.kind === 'arena' && draft.joined !== undefined ? this.home(draft.joined) : storage
  }
}
