// Runs saved modules.
/** What a saved module exports; `R` is what it gives. */
export interface SavedModule<R> {
  readonly inputShape: unknown
  readonly outputShape: unknown
  predict(x: unknown): R
  resetStates(): void
  stream(): { push(step: unknown): R; reset(): void }
}

/** The exports of a model as a module. */
export async function moduleOf<R = Float32Array>(model: {
  toBytes(options: object): Promise<Uint8Array>
}): Promise<SavedModule<R>> {
  const bytes = await model.toBytes({ format: 'module' })
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(bytes).toString('base64')}`)
}
