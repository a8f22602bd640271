// Writes every kind of layer that TensorFlow.js has as its model.json, and beside each what it answers: `npx tsx tools/writeTfjs.ts folder`.
// `node bench/check-tfjs.mjs folder` (after `npm ci --prefix bench`) loads them with the real TensorFlow.js.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FormatError } from '../src'
import { cases, modelOf } from '../test/formats/layerModels'

const [folder = 'tfjs-files'] = process.argv.slice(2)
let written = 0
const refused: string[] = []
for (const [i, layerCase] of cases.entries()) {
  const { made, data } = modelOf(layerCase, false)
  const place = join(folder, `${String(i).padStart(3, '0')}-${layerCase.says.replace(/\W+/g, '-')}`)
  mkdirSync(place, { recursive: true })
  try {
    await made.save(join(place, 'model.json'))
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    refused.push(`${layerCase.says}: ${error.message}`)
    continue
  }
  const answers = [await made.predict([...data], { backend: 'cpu' })].flat()
  writeFileSync(join(place, 'io.json'), JSON.stringify({ inputs: data, outputs: answers }))
  written++
}
console.log(refused.join('\n'))
console.log(`${written} models in ${folder}, ${refused.length} refused`)
