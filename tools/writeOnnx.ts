// Writes every kind of layer as an ONNX file, with open and with known lengths, and beside each what it answers:
// `npx tsx tools/writeOnnx.ts folder`. tools/check_onnx.py holds them to ONNX' own checker and runtime.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import '../src'
import { encodeSafetensors } from '../src/io'
import type { Tensor } from '../src/tensor'
import { cases, modelOf, needLengths } from '../test/formats/layerModels'

const [folder = 'onnx-files'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
let count = 0
for (const layerCase of cases) {
  for (const open of [false, true]) {
    if (open && (needLengths.has(layerCase.says) || layerCase.inputs[0].rank < 3)) continue
    const { made, data } = modelOf(layerCase, open)
    const answers = [await made.predict([...data], { backend: 'cpu' })].flat()
    const tensors = new Map<string, Tensor>([
      ...made.inputs.map(({ name }, i) => [`input ${name}`, data[i]] as const),
      ...answers.map((answer, i) => [`output ${made.outputNames[i]}`, answer] as const),
    ])
    const place = join(
      folder,
      `${String(count).padStart(3, '0')}-${layerCase.says.replace(/\W+/g, '-')}${open ? '-open' : ''}`,
    )
    writeFileSync(`${place}.onnx`, await made.toBytes({ format: 'onnx' }))
    writeFileSync(`${place}.safetensors`, encodeSafetensors({ tensors, metadata: {} }))
    count++
  }
}
console.log(`${count} files in ${folder}`)
