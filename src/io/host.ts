// Where this runs: in Node, with files, or in a page, with a database and downloads.

/** Whether files can be read and written (Node, Deno, Bun). */
export function hasFiles(): boolean {
  return typeof process === 'object' && typeof process?.versions?.node === 'string'
}

/** Whether this is a page (or a worker of one). */
export function hasDatabase(): boolean {
  return typeof indexedDB === 'object' && indexedDB !== null
}

/** How many threads run at once here. */
export async function processorCount(): Promise<number> {
  if (!hasFiles()) return globalThis.navigator?.hardwareConcurrency ?? 1
  const { availableParallelism } = await import('node:os')
  return availableParallelism()
}
