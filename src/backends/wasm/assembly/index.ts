// The module's entry: a walk over a list of instructions in memory, in which every thread does its share of each.
import { address, aligned, behind, word } from './arguments';
import { attentionGradient, attentionGradientWorkspace } from './attention/backward';
import { attention, attentionWorkspace } from './attention/forward';
import { depthwise, depthwiseInput, depthwiseKernel } from './windows/depthwise';
import { chain } from './elementwise/chain';
import { GEMM_SCRATCH, multiplyBatch } from './gemm/gemm';
import { gather, scatterAdd, scatterAlong, takeAlong } from './movement/indexing';
import { copyBox, fill } from './movement/strided';
import { fold, unfold } from './movement/windows';
import { ALONE, Opcode } from './opcodes';
import { complexScan, complexScanBack } from './recurrent/complexScan';
import { gruBackward, gruBackwardWorkspace } from './recurrent/gruBackward';
import { gruForward, gruForwardWorkspace } from './recurrent/gruForward';
import { linearScan, linearScanBack, linearScanWorkspace } from './recurrent/linearScan';
import { lstmBackward, lstmBackwardWorkspace } from './recurrent/lstmBackward';
import { lstmForward, lstmForwardWorkspace } from './recurrent/lstmForward';
import { longestRow } from './recurrent/panels';
import { simpleBackward, simpleBackwardWorkspace, simpleForward, simpleForwardWorkspace } from './recurrent/simple';
import { cumulativeSum } from './reduce/cumulative';
import { extremePlaces } from './reduce/extremes';
import { reduce, reduceWorkspace } from './reduce/reduce';
import { sort, sortWorkspace } from './reduce/sort';
import { layerNorm, layerNormGradient } from './rows/layerNorm';
import { random } from './rows/random';
import { crossEntropy, crossEntropyGradient, softmax } from './rows/softmax';
import { shareStart } from './simd';
import { awaitJob, barrier, breakOff, forgetThreads, isBroken, jobCode, jobThreads, publish } from './sync';
import { CopyStepWords, LoopWords, MultiplyWords } from './words';

export { breakOff, forgetThreads, isBroken };

export {
  attentionGradientWorkspace, attentionWorkspace, gruBackwardWorkspace, gruForwardWorkspace, linearScanWorkspace, longestRow,
  lstmBackwardWorkspace, lstmForwardWorkspace, reduceWorkspace,
  simpleBackwardWorkspace, simpleForwardWorkspace, sortWorkspace,
};

/** Bytes of scratch every thread needs. */
export function scratchBytes(): usize {
  return GEMM_SCRATCH;
}

/** Where memory is free to be used: behind the module's own data. */
export function heapStart(): usize {
  return aligned(__heap_base);
}

/**
 * Runs the instructions at `code` up to their `halt`, as one of `threads` threads, each with a number from 0 on and scratch of its
 * own. A `barrier` stands wherever an instruction needs what another thread may have written.
 */
export function run(code: usize, thread: i32, threads: i32, scratch: usize): void {
  walk(code, thread, threads, scratch);
  barrier(threads);
}

/** As `run`, on all threads: those that `serve` join in. */
export function runOnAll(code: usize, threads: i32, scratch: usize): void {
  publish(code, threads);
  run(code, 0, threads, scratch);
}

/** What a thread other than the first does all its life: it waits for jobs and does its share. */
export function serve(thread: i32, scratch: usize): void {
  for (let seen = 0; ; seen++) {
    awaitJob(seen);
    run(jobCode(), thread, jobThreads(), scratch);
  }
}

function walk(code: usize, thread: i32, threads: i32, scratch: usize): void {
  while (true) {
    const opcode = load<i32>(code);
    if (opcode == Opcode.halt) return;
    const words = load<i32>(code, 4);
    const at = code + 8;
    if ((opcode & ALONE) == 0) execute(opcode, at, thread, threads, scratch);
    else if (thread == 0) execute(opcode & ~ALONE, at, 0, 1, scratch);
    code = at + (<usize>words << 2);
  }
}

/** The step that the innermost loop is at. */
let step: i32 = 0;

function loop(at: usize, thread: i32, threads: i32, scratch: usize): void {
  const outer = step;
  const steps = word(at, LoopWords.steps);
  for (let i = 0; i < steps; i++) {
    step = word(at, LoopWords.fromLast) == 0 ? i : steps - 1 - i;
    walk(behind(at, LoopWords.fromLast), thread, threads, scratch);
  }
  step = outer;
}

function copyStep(at: usize, thread: i32, threads: i32): void {
  const count = word(at, CopyStepWords.count);
  const first = <usize>shareStart(count, 64, thread, threads) << 2;
  const last = <usize>shareStart(count, 64, thread + 1, threads) << 2;
  const source = address(at, CopyStepWords.source) + <usize>(step * word(at, CopyStepWords.sourceStep));
  const target = address(at, CopyStepWords.target) + <usize>(step * word(at, CopyStepWords.targetStep));
  memory.copy(target + first, source + first, last - first);
}

function execute(opcode: i32, at: usize, thread: i32, threads: i32, scratch: usize): void {
  switch (opcode) {
    case Opcode.barrier: {
      barrier(threads);
      break;
    }
    case Opcode.loop: {
      loop(at, thread, threads, scratch);
      break;
    }
    case Opcode.copyStep: {
      copyStep(at, thread, threads);
      break;
    }
    case Opcode.multiply: {
      multiplyBatch(
        word(at, MultiplyWords.batch),
        word(at, MultiplyWords.stepA), word(at, MultiplyWords.stepB), word(at, MultiplyWords.stepC),
        word(at, MultiplyWords.rows), word(at, MultiplyWords.columns), word(at, MultiplyWords.depth),
        address(at, MultiplyWords.a), word(at, MultiplyWords.rowA), word(at, MultiplyWords.transposedA) != 0,
        address(at, MultiplyWords.b), word(at, MultiplyWords.rowB), word(at, MultiplyWords.transposedB) != 0,
        address(at, MultiplyWords.c), word(at, MultiplyWords.rowC), word(at, MultiplyWords.start),
        address(at, MultiplyWords.bias), thread, threads, scratch,
      );
      break;
    }
    case Opcode.lstmForward: {
      lstmForward(at, thread, threads, scratch);
      break;
    }
    case Opcode.lstmBackward: {
      lstmBackward(at, thread, threads, scratch);
      break;
    }
    case Opcode.gruForward: {
      gruForward(at, thread, threads, scratch);
      break;
    }
    case Opcode.gruBackward: {
      gruBackward(at, thread, threads, scratch);
      break;
    }
    case Opcode.simpleForward: {
      simpleForward(at, thread, threads, scratch);
      break;
    }
    case Opcode.simpleBackward: {
      simpleBackward(at, thread, threads, scratch);
      break;
    }
    case Opcode.linearScan: {
      linearScan(at, thread, threads);
      break;
    }
    case Opcode.linearScanBack: {
      linearScanBack(at, thread, threads);
      break;
    }
    case Opcode.complexScan: {
      complexScan(at, thread, threads);
      break;
    }
    case Opcode.complexScanBack: {
      complexScanBack(at, thread, threads);
      break;
    }
    case Opcode.chain: {
      chain(at, thread, threads, scratch);
      break;
    }
    case Opcode.reduce: {
      reduce(at, thread, threads);
      break;
    }
    case Opcode.extremePlaces: {
      extremePlaces(at, thread, threads);
      break;
    }
    case Opcode.cumulativeSum: {
      cumulativeSum(at, thread, threads);
      break;
    }
    case Opcode.sort: {
      sort(at, thread, threads);
      break;
    }
    case Opcode.softmax: {
      softmax(at, thread, threads, scratch);
      break;
    }
    case Opcode.crossEntropy: {
      crossEntropy(at, thread, threads, scratch);
      break;
    }
    case Opcode.crossEntropyGradient: {
      crossEntropyGradient(at, thread, threads, scratch);
      break;
    }
    case Opcode.layerNorm: {
      layerNorm(at, thread, threads);
      break;
    }
    case Opcode.layerNormGradient: {
      layerNormGradient(at, thread, threads);
      break;
    }
    case Opcode.attention: {
      attention(at, thread, threads);
      break;
    }
    case Opcode.attentionGradient: {
      attentionGradient(at, thread, threads);
      break;
    }
    case Opcode.copyBox: {
      copyBox(at, thread, threads);
      break;
    }
    case Opcode.fill: {
      fill(at, thread, threads);
      break;
    }
    case Opcode.gather: {
      gather(at, thread, threads);
      break;
    }
    case Opcode.scatterAdd: {
      scatterAdd(at, thread, threads);
      break;
    }
    case Opcode.takeAlong: {
      takeAlong(at, thread, threads);
      break;
    }
    case Opcode.scatterAlong: {
      scatterAlong(at, thread, threads);
      break;
    }
    case Opcode.unfold: {
      unfold(at, thread, threads);
      break;
    }
    case Opcode.fold: {
      fold(at, thread, threads);
      break;
    }
    case Opcode.depthwise: {
      depthwise(at, thread, threads);
      break;
    }
    case Opcode.depthwiseInput: {
      depthwiseInput(at, thread, threads);
      break;
    }
    case Opcode.depthwiseKernel: {
      depthwiseKernel(at, thread, threads);
      break;
    }
    case Opcode.random: {
      random(at, thread, threads);
      break;
    }
  }
}
