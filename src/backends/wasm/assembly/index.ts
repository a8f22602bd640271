// The module's entry: a walk over a list of instructions in memory, in which every thread does its share of each.
import { address, word } from './arguments';
import { chain } from './elementwise/chain';
import { GEMM_SCRATCH, multiplyBatch } from './gemm/gemm';
import { gather, scatterAdd, scatterAlong, takeAlong } from './movement/indexing';
import { copyBox, fill } from './movement/strided';
import { fold, unfold } from './movement/windows';
import { ALONE, Opcode } from './opcodes';
import { gruBackward, gruBackwardWorkspace } from './recurrent/gru-backward';
import { gruForward, gruForwardWorkspace } from './recurrent/gru-forward';
import { lstmBackward, lstmBackwardWorkspace } from './recurrent/lstm-backward';
import { lstmForward, lstmForwardWorkspace } from './recurrent/lstm-forward';
import { simpleBackward, simpleBackwardWorkspace, simpleForward, simpleForwardWorkspace } from './recurrent/simple';
import { cumulativeSum } from './reduce/cumulative';
import { extremePlaces } from './reduce/extremes';
import { reduce, reduceWorkspace } from './reduce/reduce';
import { sort, sortWorkspace } from './reduce/sort';
import { layerNorm, layerNormGradient } from './rows/layer-norm';
import { random } from './rows/random';
import { crossEntropy, crossEntropyGradient, softmax } from './rows/softmax';
import { barrier } from './sync';

export {
  gruBackwardWorkspace, gruForwardWorkspace, lstmBackwardWorkspace, lstmForwardWorkspace, reduceWorkspace,
  simpleBackwardWorkspace, simpleForwardWorkspace, sortWorkspace,
};

/** Bytes of scratch every thread needs. */
export function scratchBytes(): usize {
  return GEMM_SCRATCH;
}

/**
 * Runs the instructions at `code` up to the first `halt`. All of `threads` threads call it, each with a number of its own from
 * 0 on and scratch of its own. A `barrier` stands wherever an instruction needs what another thread may have written.
 */
export function run(code: usize, thread: i32, threads: i32, scratch: usize): void {
  while (true) {
    const opcode = load<i32>(code);
    const words = load<i32>(code, 4);
    const at = code + 8;
    if ((opcode & ALONE) == 0) execute(opcode, at, thread, threads, scratch);
    else if (thread == 0) execute(opcode & ~ALONE, at, 0, 1, scratch);
    if (opcode == Opcode.halt) return;
    code = at + (<usize>words << 2);
  }
}

function execute(opcode: i32, at: usize, thread: i32, threads: i32, scratch: usize): void {
  switch (opcode) {
    case Opcode.barrier: {
      barrier(threads);
      break;
    }
    case Opcode.multiply: {
      // Words: batch, batch steps of A, B and C, rows, columns, depth, A, its row step, transposed?, B, its row step,
      // transposed?, C, its row step, start, bias. Steps in bytes.
      multiplyBatch(
        word(at, 0), word(at, 1), word(at, 2), word(at, 3), word(at, 4), word(at, 5), word(at, 6),
        address(at, 7), word(at, 8), word(at, 9) != 0, address(at, 10), word(at, 11), word(at, 12) != 0,
        address(at, 13), word(at, 14), word(at, 15), address(at, 16), thread, threads, scratch,
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
      softmax(at, thread, threads);
      break;
    }
    case Opcode.crossEntropy: {
      crossEntropy(at, thread, threads);
      break;
    }
    case Opcode.crossEntropyGradient: {
      crossEntropyGradient(at, thread, threads);
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
    case Opcode.random: {
      random(at, thread, threads);
      break;
    }
  }
}
