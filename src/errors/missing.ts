// What webpack takes in place of an optional package (`imports` in package.json): it would warn of one that is not installed.

/** Tells it from the package. */
export const isMissing = true
