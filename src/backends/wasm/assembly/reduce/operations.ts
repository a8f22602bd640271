// The reductions by number, read by both sides, like opcodes.ts.

export const enum Reduction {
  sum = 0,
  product,
  maximum,
  minimum,
  sumInt,
  productInt,
  maximumInt,
  minimumInt,
}
