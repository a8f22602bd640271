// Which module of a file belongs to which layer. Names and shapes of parameters must be the same; where several are, the names of modules
// and layers decide, then the numbers of a sequence. What is left open stays so: nothing is guessed.

import type { TorchModule } from './parameter'
import { type FileModule, levelsOfModule, signatureNeeded, signatureOf, type Unit } from './units'

/** A layer and where its weights come from. */
export interface Pair {
  readonly unit: Unit
  readonly module: FileModule
  /** As what the module is read. */
  readonly as: TorchModule
}

/** What was found, and what stayed open on both sides. */
export interface Matching {
  readonly pairs: readonly Pair[]
  readonly units: readonly Unit[]
  readonly modules: readonly FileModule[]
}

/** Pairs modules with layers. `inOrder` tells that the layers follow one another, each upon the one before. */
export function match(modules: readonly FileModule[], units: readonly Unit[], inOrder: boolean): Matching {
  const whole = matchWhole(modules, units, inOrder)
  if (whole.modules.length === 0 || whole.units.length === 0) return whole
  // A recurrent module of several levels may be several layers here, as one that goes in both directions always is.
  const split = whole.modules.flatMap((module) => {
    const levels = levelsOfModule(module)
    return levels.length === 0 ? [module] : levels
  })
  if (split.length === whole.modules.length) return whole
  const rest = matchWhole(split, whole.units, inOrder)
  // A module is taken with all its levels or not at all.
  const taken = new Set(rest.pairs.map(({ module }) => module))
  const open = whole.modules.filter((module) => {
    const levels = split.filter((level) => level === module || level.path.startsWith(`${module.path}.`))
    return !levels.every((level) => taken.has(level))
  })
  const pairs = rest.pairs.filter(
    ({ module }) => !open.some(({ path }) => module.path === path || module.path.startsWith(`${path}.`)),
  )
  const placed = new Set(pairs.map(({ unit }) => unit))
  return {
    pairs: [...whole.pairs, ...pairs],
    units: whole.units.filter((unit) => !placed.has(unit)),
    modules: open,
  }
}

/** The way in which a layer can take its weights from a module; undefined where it cannot. */
export function fits(module: FileModule, unit: Unit): TorchModule | undefined {
  const signature = signatureOf(module)
  return unit.modules.find((needed) => signatureNeeded(needed) === signature)
}

function matchWhole(modules: readonly FileModule[], units: readonly Unit[], inOrder: boolean): Matching {
  const open = { modules: new Set(modules), units: new Set(units) }
  const pairs: Pair[] = []
  const take = (module: FileModule, unit: Unit): void => {
    const as = fits(module, unit)
    if (as === undefined) return
    open.modules.delete(module)
    open.units.delete(unit)
    pairs.push({ unit, module, as })
  }
  for (const group of alike(modules, units)) {
    const left = () => ({
      modules: group.modules.filter((module) => open.modules.has(module)),
      units: group.units.filter((unit) => open.units.has(unit)),
    })
    for (const key of [(path: string) => path, lastPart]) {
      for (const [module, unit] of sameNames(left(), key)) take(module, unit)
    }
    if (inOrder) for (const [module, unit] of sameParts(left())) take(module, unit)
    const rest = left()
    if (rest.modules.length !== rest.units.length) continue
    if (rest.modules.length === 1) take(rest.modules[0], rest.units[0])
    else if (inOrder) numbered(rest.modules)?.forEach((module, i) => void take(module, rest.units[i]))
  }
  return { pairs, units: [...open.units], modules: [...open.modules] }
}

interface Group {
  readonly modules: FileModule[]
  readonly units: Unit[]
}

/** Modules and layers that can be paired with one another in any way. */
function alike(modules: readonly FileModule[], units: readonly Unit[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const module of modules) {
    const signature = signatureOf(module)
    const group = groups.get(signature) ?? { modules: [], units: [] }
    groups.set(signature, group)
    group.modules.push(module)
  }
  for (const unit of units) {
    for (const needed of unit.modules) groups.get(signatureNeeded(needed))?.units.push(unit)
  }
  return [...groups.values()]
}

/** Those whose names are the same but for separators and capitals, and no others'. */
function sameNames(group: Group, key: (path: string) => string): readonly (readonly [FileModule, Unit])[] {
  const plain = (path: string): string =>
    key(path.replaceAll('/', '.'))
      .replace(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase()
  return group.units.flatMap((unit) => {
    const name = plain(unit.path)
    const found = group.modules.filter((module) => plain(module.path) === name)
    const others = group.units.filter((other) => plain(other.path) === name)
    return found.length === 1 && others.length === 1 ? [[found[0], unit] as const] : []
  })
}

/** Parts of one name of blocks that follow one another: `layers.0.norm1` and `layers.1.norm1`, as many as the model has. */
function sameParts({ modules, units }: Group): readonly (readonly [FileModule, Unit])[] {
  const names = new Set(modules.map(({ path }) => lastPart(path)))
  return [...names].flatMap((name) => {
    const own = units.filter(({ path }) => lastPart(path.replaceAll('/', '.')) === name)
    const given = numbered(modules.filter(({ path }) => lastPart(path) === name)) ?? []
    return given.length === own.length ? given.map((module, i) => [module, own[i]] as const) : []
  })
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

/** Modules whose paths differ in one number only (nn.Sequential, nn.ModuleList, the levels of nn.LSTM), by it; undefined for others. */
function numbered(modules: readonly FileModule[]): readonly FileModule[] | undefined {
  const paths = modules.map(({ path }) => path.split('.'))
  const [first] = paths
  if (first === undefined) return undefined
  if (paths.some((path) => path.length !== first.length)) return undefined
  const differing = first.flatMap((part, i) => (paths.every((path) => path[i] === part) ? [] : [i]))
  if (differing.length !== 1 || !paths.every((path) => /^\d+$/.test(path[differing[0]]))) return undefined
  const number = ({ path }: FileModule): number => Number(path.split('.')[differing[0]])
  return [...modules].sort((a, b) => number(a) - number(b))
}
