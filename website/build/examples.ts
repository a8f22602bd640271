// What runs before an example of the reference: the imports, and what readers know it is about, under the names that all
// examples give it.

/** Real things under the names that examples use without declaring them. */
const setting: Readonly<Record<string, string>> = {
  x: 'const x = randomNormal([64, 10, 3])',
  y: 'const y = randomNormal([64, 1])',
  xNew: 'const xNew = randomNormal([4, 10, 3])',
  model:
    "const model = sequential([lstm(8), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })\nawait model.fit(randomNormal([64, 10, 3]), randomNormal([64, 1]), { epochs: 1, verbose: 0 })",
  steps: 'const steps = [1, 2, 3]',
  sequences: 'const sequences = [[1, 2, 3], [4, 5], [6, 7, 8, 9]]',
  labels: 'const labels = [0, 1, 0]',
  series: 'const series = { degrees: Array.from({ length: 400 }, (_, i) => 10 + 5 * Math.sin(i / 9)) }',
  writeFile: "import { writeFile } from 'node:fs/promises'",
}

/** Names that stand for values inside a model or a layer: such examples are read, not run. */
const inside = ['queries', 'keys', 'values', 'h0', 'c0', 'kernel', 'recurrentKernel', 'bias', 'tokenizer']

/** Examples that a page cannot run, with the reason. */
export const notInPages: Readonly<Record<string, string>> = {
  csvLogger: 'it appends to a file',
  dashboard: 'it draws into a page, or serves one',
  parquet: 'it reads a file of yours',
  'Model.loadWeights': 'it reads a file of PyTorch',
  runWorker: 'it needs a Redis',
}

/** What some examples are about in place of the usual. */
const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    ['Dataset', 'fromArrays', 'split'].map((name) => [
      name,
      { model: "const model = sequential([dense(1)]).compile({ loss: 'mse' })" },
    ]),
  ),
  bucketByLength: {
    model:
      "const model = sequential([embedding(10, 8, { maskZero: true }), lstm(8), dense(1)]).compile({ loss: 'mse' })",
  },
  splitInTime: { model: "const model = sequential([lstm(4), dense(1)]).compile({ loss: 'mse' })" },
  'Model.stream': { model: 'const model = sequential([embedding(10, 4), lstm(4), dense(1)], { inputShape: [null] })' },
  Stream: { model: 'const model = sequential([lstm(4), dense(1)], { inputShape: [null, 2] })' },
}

/** The code before an example; undefined for one that does not run in a page. */
export function exampleProgram(name: string, program: string, exported: ReadonlySet<string>): string | undefined {
  if (name in notInPages) return undefined
  const names = new Set(identifiersOf(program))
  const declared = new Set([...program.matchAll(/\b(?:const|let|function|class)\s+(\w+)/g)].map(([, each]) => each))
  for (const [, list] of program.matchAll(/\b(?:const|let)\s*[[{]([^\]}]*)[\]}]\s*=/g)) {
    for (const [each] of list.matchAll(/\w+/g)) declared.add(each)
  }
  for (const [, list] of program.matchAll(/\bimport\s*\{([^}]*)\}/g)) {
    for (const [each] of list.matchAll(/\w+/g)) declared.add(each)
  }
  if (inside.some((each) => names.has(each) && !declared.has(each))) return undefined
  // `model` is what readers have, and the function that makes one.
  const isMade = /(?<![.\w])model\(/.test(program)
  const free = (each: string) => names.has(each) && !declared.has(each) && !(each === 'model' && isMade)
  const given = Object.entries({ ...setting, ...own[name] }).filter(([each]) => free(each))
  const code = given.map(([, line]) => `${line}\n`).join('')
  const used = new Set([...names, ...identifiersOf(code)])
  const imported = [...exported].filter(
    (each) => used.has(each) && !declared.has(each) && (!(each in setting) || (each === 'model' && isMade)),
  )
  const imports = imported.length === 0 ? '' : `import { ${imported.sort().join(', ')} } from 'hornbeam'\n`
  return imports + code
}

/** The names that a program uses, those of members and of properties left out. */
function identifiersOf(program: string): readonly string[] {
  const bare = program.replace(/\/\/.*$/gm, '').replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  return [...bare.matchAll(/(?<![\w$])(?<!(?<!\.)\.\s*)([A-Za-z_$][\w$]*)(?!\s*:[^:])/g)].map(([, name]) => name)
}
