// The instructions of the wasm backend. Read by both sides: this file is AssemblyScript and TypeScript at once.
// An instruction is [opcode, number of words after these two, words...]; what the words are stands at each kernel.

export const enum Opcode {
  halt = 0,
  barrier,
  loop,
  copyStep,
  multiply,
  lstmForward,
  lstmBackward,
  gruForward,
  gruBackward,
  simpleForward,
  simpleBackward,
  chain,
  reduce,
  extremePlaces,
  cumulativeSum,
  sort,
  softmax,
  crossEntropy,
  crossEntropyGradient,
  layerNorm,
  layerNormGradient,
  copyBox,
  fill,
  gather,
  scatterAdd,
  takeAlong,
  scatterAlong,
  unfold,
  fold,
  depthwise,
  depthwiseInput,
  depthwiseKernel,
  random,
}

/** Added to an opcode: the instruction is so small that the first thread does it alone. */
export const ALONE = 256;
