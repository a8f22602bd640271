// The part of hornbeam in tools/check_keras.py: `npx tsx tools/followKeras.ts folder keras|back-jax numbers`. Loads the models of that name,
// holds what they answer and the next steps of training to what Keras had, and writes those that came from Keras first as hornbeam.keras.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { loadModel, type Model, readTensors, type Tensor } from '../src'

const [folder = '', name = 'keras', numbers = ''] = process.argv.slice(2)
const only = numbers === '' ? undefined : new Set(numbers.split(',').map((number) => number.padStart(3, '0')))

interface Info {
  readonly names: readonly string[] | null
  readonly kinds: readonly string[]
  readonly optimizer: string | null
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

/** The tensors whose names begin so, in order. */
function those(tensors: Readonly<Record<string, Tensor>>, prefix: string): readonly Tensor[] {
  const found = Object.keys(tensors).filter((each) => each.startsWith(prefix))
  return found.sort().map((each) => tensors[each])
}

/** The largest difference, of numbers beyond 1 by their size. */
function far(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY
  let [difference, size] = [0, 1]
  for (let i = 0; i < wanted.length; i++) {
    if (Number.isNaN(wanted[i])) continue
    if (Number.isNaN(got[i])) return Number.POSITIVE_INFINITY
    difference = Math.max(difference, Math.abs(got[i] - wanted[i]))
    size = Math.max(size, Math.abs(wanted[i]))
  }
  return difference / size
}

const one = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0] : list)

async function outputsOf(model: Model, x: never): Promise<readonly Tensor[]> {
  const y = await model.predict(x, { backend: 'cpu' })
  return Array.isArray(y) ? y : [y]
}

/** The worst difference of outputs, and of losses and weights. */
async function follow(path: string): Promise<readonly [number, number]> {
  const { names } = json(`${path}/info.json`) as Info // as check_keras.py wrote it
  const { losses } = json(`${path}/${name}.json`) as { losses: readonly number[] }
  const data = await readTensors(`${path}/data.npz`)
  const known = await readTensors(`${path}/${name}.npz`)
  const inputs = those(data, 'input/')
  // What kind of data a model takes is not known here.
  const x = (names === null ? one(inputs) : Object.fromEntries(names.map((each, i) => [each, inputs[i]]))) as never
  const y = one(those(data, 'target/')) as never
  const model = await loadModel(`${path}/${name}.keras`, { backend: 'cpu' })
  const got = await outputsOf(model, x)
  const wanted = those(known, 'output/')
  const output = Math.max(...wanted.map(({ data: numbers }, i) => far(got[i]?.data ?? [], numbers)))
  if (name === 'keras') await model.save(`${path}/hornbeam.keras`)
  const own: number[] = []
  for (const _ of losses) own.push((await model.trainOnBatch(x, y)).loss)
  const weights = losses.length === 0 ? [] : await model.getWeights()
  // Keras lists whole numbers that count the data of a normalization among its weights; there are none in training.
  const after = those(known, 'after/')
  const training = [far(own, losses), ...after.map(({ data: numbers }, i) => far(weights[i]?.data ?? [], numbers))]
  return [output, Math.max(...training)]
}

const [worst, bad]: [number[], string[]] = [[0, 0], []]
const folders = readdirSync(folder).filter((each) => existsSync(`${folder}/${each}/${name}.keras`))
for (const each of folders.filter((number) => only?.has(number) !== false)) {
  const path = `${folder}/${each}`
  const { kinds, optimizer } = json(`${path}/info.json`) as Info // as check_keras.py wrote it
  try {
    const [output, training] = await follow(path)
    worst[0] = Math.max(worst[0], output)
    worst[1] = Math.max(worst[1], training)
    if (output <= 1e-5 && training <= 1e-4) continue
    bad.push(each)
    console.log(
      `${each} hornbeam: output ${output.toExponential(1)}, training ${training.toExponential(1)}: ${optimizer} ${kinds.join(' ')}`,
    )
  } catch (error) {
    bad.push(each)
    console.log(`${each} hornbeam: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
  }
}
console.log(
  `hornbeam, ${name}: ${bad.length} of ${folders.length} differ; worst ${worst.map((n) => n.toExponential(1))}`,
)
