// Loads the models that tools/writeTfjs.ts wrote with the real TensorFlow.js, and holds its answers to ours: `node bench/check-tfjs.mjs folder`.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'

const [folder = 'tfjs-files'] = process.argv.slice(2)
let [worst, failed, count] = [0, 0, 0]
for (const name of readdirSync(folder)) {
  const place = join(folder, name)
  if (!existsSync(join(place, 'io.json'))) continue
  count++
  try {
    const json = JSON.parse(readFileSync(join(place, 'model.json'), 'utf8'))
    const [{ paths, weights }] = json.weightsManifest
    const { buffer, byteOffset, length } = readFileSync(join(place, paths[0]))
    const weightData = buffer.slice(byteOffset, byteOffset + length)
    const artifacts = { format: json.format, modelTopology: json.modelTopology, weightSpecs: weights, weightData }
    const model = await tf.loadLayersModel({ load: async () => artifacts })
    const { inputs, outputs } = JSON.parse(readFileSync(join(place, 'io.json'), 'utf8'))
    const tensors = inputs.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype))
    const got = [model.predict(tensors.length === 1 ? tensors[0] : tensors)].flat()
    for (const [i, tensor] of got.entries()) {
      for (const [k, value] of tensor.dataSync().entries()) {
        const error = Math.abs(value - outputs[i].data[k]) / Math.max(1, Math.abs(value))
        worst = Math.max(worst, error)
        if (!(error < 1e-4)) throw new Error(`output ${i} is ${error} off`)
      }
    }
  } catch (error) {
    failed++
    console.log(`${name}: ${String(error).slice(0, 200)}`)
  }
}
console.log(`${count - failed} of ${count} models are right, the largest difference is ${worst.toExponential(1)}`)
process.exitCode = failed > 0 ? 1 : 0
