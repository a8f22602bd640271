// Writes every kind of layer as an ONNX file, with open and with known lengths and with states in and out, and odd models, and beside each what it answers:
// `npx tsx tools/writeOnnx.ts folder`. tools/check_onnx.py holds them to ONNX' own checker and runtime.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import '../src'
import { encodeSafetensors } from '../src/io'
import { Tensor } from '../src/tensor'
import { cases, modelOf, needLengths } from '../test/formats/layerModels'
import { oddModels } from '../test/formats/odd/models'

const [folder = 'onnx-files'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
let count = 0

type Made = ReturnType<(typeof oddModels)[number]['make']>

/** Writes a model, what it is asked and what it answers; stateful ones have states as further inputs, which check_onnx.py begins with zeros. */
async function write(says: string, made: Made, data: readonly Tensor[], streaming = false): Promise<void> {
  const given = await made.predict(data.length === 1 ? data[0] : [...data], { backend: 'cpu' })
  const answers = given instanceof Tensor ? [given] : (Object.values(given) as readonly Tensor[])
  await made.resetStates()
  const tensors = new Map<string, Tensor>([
    ...made.inputs.map(({ name }, i) => [`input ${name}`, data[i]] as const),
    ...answers.map((answer, i) => [`output ${i}`, answer] as const),
  ])
  const place = join(folder, `${String(count).padStart(3, '0')}-${says.replace(/\W+/g, '-')}`)
  writeFileSync(`${place}.onnx`, await made.toBytes({ format: 'onnx', streaming }))
  writeFileSync(`${place}.safetensors`, encodeSafetensors({ tensors, metadata: {} }))
  count++
}

function streams(made: Made): boolean {
  try {
    made.stream({ batchSize: 1 })
    return true
  } catch {
    return false
  }
}

for (const layerCase of cases) {
  for (const open of [false, true]) {
    if (open && (needLengths.has(layerCase.says) || layerCase.inputs[0].rank < 3)) continue
    const { made, data } = modelOf(layerCase, open)
    await write(`${layerCase.says}${open ? '-open' : ''}`, made, data)
    if (open && streams(made)) await write(`${layerCase.says}-streaming`, made, data, true)
  }
}
for (const { says, make, data } of oddModels) {
  const made = make(() => null)
  await write(says, made, data)
  if (streams(made)) await write(`${says}-streaming`, made, data, true)
}
console.log(`${count} files in ${folder}`)
