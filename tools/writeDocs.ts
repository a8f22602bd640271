// Writes the generated parts of the documents: what stands between `<!-- generated: NAME -->` and `<!-- end -->`.
// A test holds the pages to what this would write.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { predictionProgram, tracedPrediction, trainedModel, trainingProgram } from './docs/architecture'
import { engines } from './docs/engines'
import {
  againstKeras,
  againstKerasInShort,
  beyondKeras,
  layerOptions,
  operations,
  recurrentLayers,
} from './docs/support'

const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  engines,
  'against keras': againstKeras,
  'against keras in short': againstKerasInShort,
  'recurrent layers': recurrentLayers,
  'beyond keras': beyondKeras,
  'layer options': layerOptions,
  operations,
  'traced prediction': tracedPrediction,
  'prediction program': predictionProgram,
  'training program': trainingProgram,
  'trained model': trainedModel,
}

const marks = /<!-- generated: ([a-z ]+) -->\n[\s\S]*?<!-- end -->/g

/** A page with its generated parts made anew. @throws for a part that has no generator. */
export async function regenerate(page: string): Promise<string> {
  const made = new Map<string, string>()
  for (const [, name] of page.matchAll(marks)) {
    const make = parts[name]
    if (make === undefined) throw new Error(`no part is named '${name}'; known: ${Object.keys(parts).join(', ')}`)
    made.set(name, await make())
  }
  return page.replace(marks, (_, name: string) => `<!-- generated: ${name} -->\n${made.get(name)}\n<!-- end -->`)
}

/** The pages that may have generated parts, by path. */
export function pages(): readonly string[] {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const docs = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'))
  return [`${root}README.md`, ...docs.map((name) => `${root}docs/${name}`)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const path of pages()) {
    const page = readFileSync(path, 'utf8')
    const current = await regenerate(page)
    if (current !== page) writeFileSync(path, current)
  }
}
