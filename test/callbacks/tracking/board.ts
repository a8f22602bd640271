// A board with something of every kind on it: what the tests write, and what tools/check_tensorboard.py has the real TensorBoard read.
import { tensorBoard } from '../../../src/callbacks'
import { Tensor } from '../../../src/tensor'
import { FakeModel, train } from '../host'

/** A PNG of one red pixel. */
export const redPixel = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'),
  (letter) => letter.charCodeAt(0),
)

/** A stand-in for a model with two layers, which shows a graph, weights and steps. */
class DrawnModel extends FakeModel {
  get calls() {
    const start = { name: 'series', shape: [null, 3], call: undefined }
    const lstm = call('lstm', 'lstm', [start], [8])
    const dense = call('head', 'dense', lstm.outputs, [1])
    return [lstm, dense]
  }

  async namedWeights() {
    return { 'head/kernel': new Tensor(Float32Array.of(-1, 0, 0.5, 1), [4, 1]) }
  }

  async getIterations() {
    return 6
  }
}

/** Writes it. */
export async function writeBoard(folder: string): Promise<void> {
  const board = tensorBoard(folder, {
    updateFreq: 2,
    histogramFreq: 1,
    hyperparameters: { units: 32, optimizer: 'adam', shuffle: true },
  })
  await train(
    new DrawnModel(),
    [board],
    [
      { loss: 0.5, val_loss: 0.75 },
      { loss: 0.25, val_loss: 0.625 },
    ],
    3,
  )
  await board.onTestEnd?.({ loss: 0.125 })
  await board.text('notes', 'A *first* run: größer', 3)
  await board.image('picture', redPixel, 4)
  await board.histogram('gates', [0, 0, 0, 1], 5)
  await board.scalar('norm', 2.5, 2 ** 40, 'train')
  await board.flush()
}

function call(name: string, kind: string, inputs: Seen['inputs'], shape: readonly number[]): Seen {
  const made: { layer: Seen['layer']; inputs: Seen['inputs']; initialState: []; outputs: Seen['inputs'][number][] } = {
    layer: { name, kind },
    inputs,
    initialState: [],
    outputs: [],
  }
  made.outputs.push({ name, shape, call: made })
  return made
}

type Seen = import('../../../src/callbacks').CallSeen
