// Layers against the real Keras, and recurrent ones against PyTorch too: outputs, masks, gradients, running averages.
import { describe, test } from 'vitest'
import { expectGolden, named, readFixture } from './fixtures'
import { type LayerCase, runCase } from './layerCase'

const files = {
  layers: 'a layer gives what Keras gives',
  activations: 'an activation gives what Keras gives',
  attention: 'a layer of attention gives what Keras gives',
  convolution: 'a layer over space gives what Keras gives',
  resize: 'an image made larger is what Keras on TensorFlow makes of it',
  space: 'a layer over space gives what Keras gives, transposed, by channel, over volumes',
  preprocessing: 'a layer that prepares data gives what Keras gives',
  films: 'a recurrent layer over images gives what Keras gives',
  recurrent: 'a recurrent layer gives what Keras gives',
  'beyond-keras': 'a recurrent layer that Keras lacks gives what its paper says',
  'torch-recurrent': 'a stack of recurrent layers gives what PyTorch gives',
}

for (const [file, claim] of Object.entries(files)) {
  describe(claim, () => {
    test.for(named(readFixture<LayerCase>(file)))('%s', async ([, golden]) => {
      const result = await runCase(golden)
      result.outputs.forEach((output, i) => {
        expectGolden(output, golden.outputs[i], `output ${i}`)
      })
      expectGradients(file, result.inputGradients, golden.inputGradients, (i) => `gradient of input ${i}`)
      expectGradients(file, result.stateGradients, golden.stateGradients ?? [], (i) => `gradient of initial state ${i}`)
      expectGradients(
        file,
        result.weightGradients,
        golden.weightGradients,
        (i) => `gradient of ${golden.weights[i].name}`,
      )
      if (golden.outputMask !== undefined && golden.outputMask !== null) {
        if (result.outputMask === undefined) throw new Error('expected a mask, got none')
        expectGolden(result.outputMask, golden.outputMask, 'mask')
      }
      for (const [i, weight] of (await result.layer.getWeights()).entries()) {
        expectGolden(
          weight,
          (golden.weightsAfter ?? golden.weights.map(({ value }) => value))[i],
          golden.weights[i].name,
        )
      }
    })
  })
}

type Expected = LayerCase['weightGradients']

function expectGradients(
  file: string,
  found: readonly (Parameters<typeof expectGolden>[0] | undefined)[],
  expected: Expected,
  what: (index: number) => string,
): void {
  // What cancels out, as the gradient by the bias of keys does, is as uncertain as what it is made of.
  const least = file === 'attention' ? 0.3 : 1e-3
  expected.forEach((wanted, i) => {
    const gradient = found[i]
    if (wanted === null) {
      if (gradient !== undefined) throw new Error(`${what(i)}: expected none`)
    } else if (gradient === undefined) {
      throw new Error(`${what(i)}: expected one, got none`)
    } else {
      expectGolden(gradient, wanted, what(i), 1e-4, least)
    }
  })
}
