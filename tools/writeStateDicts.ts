// Writes models as state dicts for tools/check_torch.py, each with data and what the model answers: weights are those that it begins with.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setSeed, tensor, writeTensors } from 'hornbeam'
import { torchModels } from '../test/formats/torchModels'

const [folder] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const [name, { make, inputShape, map, channelsFirst }] of Object.entries(torchModels)) {
  // A cell's names are those of a layer: PyTorch's modules for single steps are read, not written.
  if (name === 'lstm-cell') continue
  setSeed(name.length)
  const net = make()
  const size = inputShape.reduce((product, n) => product * n, 1)
  const numbers = Float32Array.from({ length: size }, (_, i) =>
    name === 'classifier' ? (i * 5) % 7 : Math.sin(1 + 3 * i),
  )
  const x = tensor(numbers, inputShape)
  writeFileSync(join(folder, `${name}.safetensors`), await net.toTorch({ map }))
  const y = await net.predict(x, { backend: 'cpu' })
  await writeTensors(join(folder, `${name}.data.safetensors`), { x: channelsFirst?.(x) ?? x, y })
}
