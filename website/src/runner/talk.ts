// What the page and the worker that runs a program say to each other.

export type ToWorker =
  | {
      readonly kind: 'run'
      readonly parts: readonly string[]
      readonly files: readonly (readonly [string, Uint8Array])[]
    }
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly given: unknown }

export type FromWorker =
  | { readonly kind: 'log' | 'warn' | 'error'; readonly part: number; readonly text: string }
  | { readonly kind: 'value'; readonly part: number; readonly words: string; readonly text: string }
  | { readonly kind: 'picture'; readonly part: number; readonly svg: string }
  | { readonly kind: 'file'; readonly part: number; readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly part: number; readonly text: string }
  | { readonly kind: 'done'; readonly ms: number; readonly exported: readonly Exported[] }
  | { readonly kind: 'answer'; readonly id: number; readonly text?: string; readonly svg?: string }

/** A function that a program exports, and the name of what it takes. */
export interface Exported {
  readonly name: string
  readonly takes: string
}
