// Which kind a class of a user's own is: the name it was registered under, which outlives code that was made small.

const kinds = new WeakMap<object, string>()

/** Ties a class to the kind it is registered under. */
export function nameClass(layerClass: object, kind: string): void {
  kinds.set(layerClass, kind)
}

/** The kind a class was registered under. */
export function kindOfClass(layerClass: object): string | undefined {
  return kinds.get(layerClass)
}
