// Spectral normalization in training: the optimizer goes on from the kernel that was divided, as in Keras on TensorFlow and PyTorch.
import { dense, lstm, OptionError, sequential, sgd, spectralNormalization, tensor } from 'hornbeam'
import { expect, test } from 'vitest'
import { expectClose } from '../support'

test.each(['cpu', 'wasm'] as const)('trains as in Keras 3.15.1, on %s', async (backend) => {
  const net = sequential([spectralNormalization(dense(2)), dense(1, { useBias: false })], { inputShape: [3] })
  net.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse', backend })
  await net.setWeights([tensor([1, 2, 3, -1, 0.5, 1], [3, 2]), [[0.3, 0.4]], [0.1, 0.2], [[1], [-1]]])
  const x = [
    [1, 2, 3],
    [0, 1, -1],
  ]
  const losses: number[] = []
  for (let step = 0; step < 3; step++) losses.push((await net.trainOnBatch(x, [[1], [2]])).loss)
  for (const [i, loss] of [0.5125097, 3.4932659, 11.7613535].entries()) expect(losses[i]).toBeCloseTo(loss, 4)
  const [kernel, vector, bias, after] = await net.getWeights()
  const near = { relative: 1e-4, absolute: 1e-5 }
  expectClose(kernel, tensor([-0.2356611, 0.6530962, -0.0715401, -0.267982, -1.552911, 0.5591571], [3, 2]), near)
  expectClose(vector, tensor([[0.9979401, -0.0641524]]), near)
  expectClose(bias, tensor([-0.296913, 0.1164284]), near)
  expectClose(after, tensor([[-0.6116773], [0.2381167]]), near)
})

test('a layer without a kernel of its own is refused', () => {
  expect(() => spectralNormalization(lstm(2)).buildFor([[4, 3]])).toThrow(OptionError)
})
