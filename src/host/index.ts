// What this host can do. It is found out by asking for the thing itself: no version, no name of an engine and no user agent is looked at,
// so that Deno, Bun and whatever comes pass as what they can do. Imports nothing.

/** Whether there are the modules of Node: files, threads, paths (Node, Deno, Bun). */
export function hasNode(): boolean {
  // Bundles for pages may have a `process` that is a toy.
  if (typeof process !== 'object' || process === null) return false
  if (typeof process.getBuiltinModule === 'function') return process.getBuiltinModule('node:fs') !== undefined
  // Before 20.16 Node cannot be asked at once.
  return typeof process.versions?.node === 'string'
}

/** Whether there is a database of the page (or of the worker's page). */
export function hasDatabase(): boolean {
  return typeof indexedDB === 'object' && indexedDB !== null
}

/** How many threads run at once here; 1 where the host does not tell. */
export async function processorCount(): Promise<number> {
  if (!hasNode()) return globalThis.navigator?.hardwareConcurrency ?? 1
  const { availableParallelism } = await import('node:os')
  return availableParallelism()
}
