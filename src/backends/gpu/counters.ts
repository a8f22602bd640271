// What was asked of the device, counted: tests hold a train step to one submit, its batch up and nothing down.

/** Counts since the backend was made; `bytesInUse` is what is held now. */
export interface Counters {
  bytesInUse: number
  bytesUp: number
  bytesDown: number
  launches: number
  submits: number
  /** Kernels compiled. */
  kernels: number
}

export function newCounters(): Counters {
  return { bytesInUse: 0, bytesUp: 0, bytesDown: 0, launches: 0, submits: 0, kernels: 0 }
}
