// Models of TensorFlow.js beside what they answer, for make_keras_files.py: `node tools/makeTfjsFiles.mjs folder`. Needs what bench/ installs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const tf = createRequire(new URL('../bench/package.json', import.meta.url))('@tensorflow/tfjs')
const [folder = 'tfjs-files'] = process.argv.slice(2)
const { layers } = tf

/** Numbers that are the same in every run. */
let state = 1
function normal(shape) {
  const size = shape.reduce((product, n) => product * n, 1)
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  const numbers = Array.from(
    { length: size },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
  return tf.tensor(numbers, shape)
}

const models = {
  mlp() {
    const regularizer = tf.regularizers.l1l2()
    return tf.sequential({
      layers: [
        layers.dense({ units: 5, activation: 'relu', inputShape: [4] }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 2, activation: 'softmax', useBias: false, kernelRegularizer: regularizer }),
      ],
    })
  },
  lstm() {
    return tf.sequential({
      layers: [
        layers.lstm({ units: 4, returnSequences: true, inputShape: [5, 3] }),
        layers.lstm({ units: 3, recurrentActivation: 'sigmoid' }),
        layers.dense({ units: 2 }),
      ],
    })
  },
  conv() {
    return tf.sequential({
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 5, 2] }),
        layers.batchNormalization(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    })
  },
  functional() {
    const [a, b] = ['a', 'b'].map((name) => tf.input({ shape: [3], name }))
    const tower = layers.dense({ units: 4, name: 'tower' })
    const inner = tf.sequential({ name: 'inner', layers: [layers.dense({ units: 3, inputShape: [4] })] })
    const joined = layers.concatenate().apply([inner.apply(tower.apply(a)), tower.apply(b)])
    const outputs = [layers.dense({ units: 1, name: 'price' }), layers.dense({ units: 2, name: 'kind' })]
    return tf.model({ inputs: [a, b], outputs: outputs.map((layer) => layer.apply(joined)) })
  },
  /** Weights of equal shapes, which only their names tell apart. */
  alike() {
    const units = { units: 3, returnSequences: true }
    return tf.sequential({
      layers: [
        layers.bidirectional({
          layer: layers.lstm({ ...units, inputShape: [5, 3] }),
          mergeMode: 'ave',
          inputShape: [5, 3],
        }),
        layers.rnn({ cell: [layers.lstmCell({ units: 3 }), layers.lstmCell({ units: 3 })], returnSequences: true }),
        layers.reshape({ targetShape: [5, 3, 1] }),
        layers.depthwiseConv2d({ kernelSize: 2 }),
        layers.batchNormalization(),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    })
  },
}
/** Models whose files list the last array first: TensorFlow.js finds each by its name. */
const backwards = ['alike']

/** The files as TensorFlow.js takes them. */
function asWritten(place) {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(place, 'model.json'), 'utf8'))
  const weightData = new Uint8Array(readFileSync(join(place, 'model.weights.bin'))).buffer
  return { modelTopology, weightSpecs: weightsManifest[0].weights, weightData }
}

const told = (tensor) => ({ shape: tensor.shape, data: Array.from(tensor.dataSync()) })

for (const [name, make] of Object.entries(models)) {
  const model = make()
  // Variances stay positive, and nothing is as it began.
  const weights = model.weights.map(({ originalName, shape }) => {
    const numbers = normal(shape).mul(0.4)
    return originalName.endsWith('variance') ? numbers.abs().add(0.3) : numbers
  })
  model.setWeights(weights)
  const inputs = model.inputs.map(({ shape }) => normal([2, ...shape.slice(1)]))
  const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat()
  const place = join(folder, name)
  mkdirSync(place, { recursive: true })
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy = null }) => {
      let at = 0
      const bytes = new Uint8Array([weightData].flat()[0])
      const arrays = weightSpecs.map((entry) => {
        const length = 4 * entry.shape.reduce((product, n) => product * n, 1)
        at += length
        return { entry, part: bytes.subarray(at - length, at) }
      })
      if (backwards.includes(name)) arrays.reverse()
      const weightsManifest = [{ paths: ['model.weights.bin'], weights: arrays.map(({ entry }) => entry) }]
      writeFileSync(
        join(place, 'model.json'),
        JSON.stringify({ modelTopology, format, generatedBy, convertedBy, weightsManifest }),
      )
      writeFileSync(join(place, 'model.weights.bin'), Buffer.concat(arrays.map(({ part }) => part)))
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    },
  })
  const again = await tf.loadLayersModel(tf.io.fromMemory(asWritten(place)))
  const same = [again.predict(inputs.length === 1 ? inputs[0] : inputs)].flat()
  if (same.some((tensor, i) => tf.max(tf.abs(tf.sub(tensor, outputs[i]))).dataSync()[0] > 1e-6))
    throw new Error(`${name} differs when it is loaded`)
  writeFileSync(join(place, 'io.json'), JSON.stringify({ inputs: inputs.map(told), outputs: outputs.map(told) }))
}
