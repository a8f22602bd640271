// The words of each instruction by name, in their order. Read by both sides, like opcodes.ts: kernels name the word they
// want, and what writes instructions names each word that it gives. A word is a number or an address; 0 is the address of
// what is not there.

/** `loop`. Behind these two stand the instructions of one step, up to a `halt` of their own. */
export const enum LoopWords {
  steps = 0,
  fromLast,
}

/** `copyStep`. Steps are bytes from one step of the loop to the next. */
export const enum CopyStepWords {
  count = 0,
  source,
  sourceStep,
  target,
  targetStep,
}

/** `multiply`. Steps of the batch and of rows in bytes. */
export const enum MultiplyWords {
  batch = 0,
  stepA,
  stepB,
  stepC,
  rows,
  columns,
  depth,
  a,
  rowA,
  transposedA,
  b,
  rowB,
  transposedB,
  c,
  rowC,
  start,
  bias,
}

/** `lstmForward`. */
export const enum LstmForwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  c0,
  kernel,
  recurrentKernel,
  bias,
  mask,
  ys,
  hn,
  cn,
  gates,
  cells,
  workspace,
}

/** `lstmBackward`. */
export const enum LstmBackwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  c0,
  kernel,
  recurrentKernel,
  mask,
  ys,
  gates,
  cells,
  dys,
  dhn,
  dcn,
  dx,
  dh0,
  dc0,
  dkernel,
  drecurrent,
  dbias,
  workspace,
}

/** `gruForward`. */
export const enum GruForwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  kernel,
  recurrentKernel,
  bias,
  mask,
  ys,
  hn,
  gates,
  inner,
  resetAfter,
  workspace,
}

/** `gruBackward`. */
export const enum GruBackwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  kernel,
  recurrentKernel,
  mask,
  ys,
  gates,
  inner,
  dys,
  dhn,
  dx,
  dh0,
  dkernel,
  drecurrent,
  dbias,
  resetAfter,
  workspace,
}

/** `simpleForward`. */
export const enum SimpleForwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  kernel,
  recurrentKernel,
  bias,
  mask,
  ys,
  hn,
  relu,
  workspace,
}

/** `simpleBackward`. */
export const enum SimpleBackwardWords {
  steps = 0,
  batch,
  features,
  units,
  x,
  h0,
  kernel,
  recurrentKernel,
  mask,
  ys,
  dys,
  dhn,
  dx,
  dh0,
  dkernel,
  drecurrent,
  dbias,
  relu,
  workspace,
}

/** `linearScan`. */
export const enum LinearScanWords {
  steps = 0,
  width,
  blocks,
  factorStep,
  a,
  b,
  h0,
  h,
  workspace,
}

/** `linearScanBack`. */
export const enum LinearScanBackWords {
  steps = 0,
  width,
  blocks,
  factorStep,
  a,
  h0,
  h,
  g,
  da,
  db,
  dh0,
  workspace,
}

/** `complexScan`. */
export const enum ComplexScanWords {
  steps = 0,
  width,
  factorStep,
  ar,
  ai,
  br,
  bi,
  h0r,
  h0i,
  hr,
  hi,
}

/** `complexScanBack`. */
export const enum ComplexScanBackWords {
  steps = 0,
  width,
  factorStep,
  ar,
  ai,
  h0r,
  h0i,
  hr,
  hi,
  gr,
  gi,
  dar,
  dai,
  dbr,
  dbi,
  dh0r,
  dh0i,
}

/** `chain`. Behind these stand the lists of fills, loads and steps, so many of each. */
export const enum ChainWords {
  count = 0,
  block,
  fills,
  loads,
  steps,
}

/** A fill of a chain: a register is filled with a value, or with the one at an address. */
export const enum ChainFill {
  register = 0,
  value,
  isAddress,
}

/** A load: an operand that is stretched; behind it stand the lengths of its axes, then the steps along each. */
export const enum ChainLoad {
  register = 0,
  source,
  rank,
}

/** A step: an operation from places to a place; an address, or twice a register's number plus 1. */
export const enum ChainStep {
  operation = 0,
  to,
  a,
  b,
  c,
}

/** `reduce`. */
export const enum ReduceWords {
  kind = 0,
  outer,
  length,
  inner,
  from,
  to,
  workspace,
}

/** `extremePlaces`. */
export const enum ExtremePlacesWords {
  minimum = 0,
  whole,
  outer,
  length,
  inner,
  from,
  to,
}

/** `cumulativeSum`. */
export const enum CumulativeSumWords {
  outer = 0,
  length,
  inner,
  from,
  to,
  reverse,
  exclusive,
  whole,
}

/** `sort`. */
export const enum SortWords {
  rows = 0,
  length,
  from,
  values,
  places,
  descending,
  whole,
  workspace,
}

/** `softmax`. */
export const enum SoftmaxWords {
  logarithm = 0,
  rows,
  length,
  from,
  to,
}

/** `crossEntropy`. */
export const enum CrossEntropyWords {
  rows = 0,
  length,
  logits,
  labels,
  to,
}

/** `crossEntropyGradient`. */
export const enum CrossEntropyGradientWords {
  rows = 0,
  length,
  logits,
  labels,
  upstream,
  to,
}

/** `layerNorm`. */
export const enum LayerNormWords {
  rows = 0,
  length,
  epsilon,
  x,
  y,
  inverse,
}

/** `layerNormGradient`. */
export const enum LayerNormGradientWords {
  rows = 0,
  length,
  y,
  inverse,
  upstream,
  to,
}

/**
 * `attention` and `attentionGradient`. Steps of the mask and of workspaces in bytes; a step of 0 repeats the mask along that axis. The
 * words from `upstream` on are those of the gradient.
 */
export const enum AttentionWords {
  batch = 0,
  heads,
  queries,
  keys,
  length,
  width,
  scale,
  causal,
  window,
  query,
  key,
  value,
  mask,
  maskBatch,
  maskHead,
  maskQuery,
  maskKey,
  output,
  logSums,
  workspace,
  workspaceStep,
  upstream,
  delta,
  toQuery,
  toKey,
  toValue,
}

/** `copyBox`. Behind these stand the lengths of the axes, then the steps of the source and those of the target along each. */
export const enum CopyBoxWords {
  rank = 0,
  source,
  target,
}

/** `fill`. */
export const enum FillWords {
  count = 0,
  value,
  target,
}

/** `gather` and `takeAlong`. */
export const enum GatherWords {
  outer = 0,
  length,
  inner,
  count,
  from,
  indices,
  to,
}

/** `scatterAdd` and `scatterAlong`. */
export const enum ScatterWords {
  outer = 0,
  length,
  inner,
  count,
  updates,
  indices,
  to,
  whole,
}

/** `unfold` and `fold`. The last word is what stands in the padding, of `unfold`, or whether elements are whole numbers, of `fold`. */
export const enum WindowsWords {
  batch = 0,
  height,
  width,
  channels,
  rows,
  columns,
  kernelRows,
  kernelColumns,
  strideRows,
  strideColumns,
  dilationRows,
  dilationColumns,
  top,
  left,
  image,
  windows,
  valueOrWhole,
}

/** `depthwise`, `depthwiseInput` and `depthwiseKernel`: the image, the kernel and what lies at the places; one of them is written. */
export const enum DepthwiseWords {
  batch = 0,
  height,
  width,
  channels,
  multiplier,
  rows,
  columns,
  kernelRows,
  kernelColumns,
  strideRows,
  strideColumns,
  dilationRows,
  dilationColumns,
  top,
  left,
  image,
  kernel,
  places,
}

/** `random`. */
export const enum RandomWords {
  normal = 0,
  count,
  state,
  stream,
  to,
}
