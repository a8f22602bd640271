// The reference: a page for each theme, made of what TypeDoc reads from the sources. Each declaration is told alike: what it is,
// how it is called, what it takes and gives, what it refuses, and an example that runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Application,
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type SignatureReflection,
  type SomeType,
} from 'typedoc'
import { exampleProgram, notInPages } from './examples.ts'
import { type Theme, themes } from './themes.ts'

export interface ReferencePage {
  readonly slug: string
  readonly title: string
  readonly about: string
  readonly body: string
}

/** A declaration, and the page and heading where it is told of. */
interface Entry {
  readonly reflection: DeclarationReflection
  readonly theme: Theme
  readonly anchor: string
}

/** Reads the sources and writes all pages. */
export async function reference(root: string): Promise<readonly ReferencePage[]> {
  const app = await Application.bootstrap({
    entryPoints: ['src/index.ts', 'src/dashboard.ts'].map((entry) => join(root, entry)),
    tsconfig: join(root, 'tsconfig.json'),
    excludePrivate: true,
    excludeInternal: true,
    sourceLinkTemplate: '{path}',
    disableGit: true,
    basePath: root,
    skipErrorChecking: true,
    logLevel: 'Error',
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the sources')
  return new Writer(root, project).pages()
}

/** What a class has of its own, each below a heading; nothing of what is no class. */
const membersShown = ({ kind, children = [] }: DeclarationReflection) =>
  children.filter(
    ({ flags, inheritedFrom, name, kind: own }) =>
      kind === ReflectionKind.Class &&
      !(flags.isPrivate || flags.isProtected || inheritedFrom !== undefined) &&
      !(name.startsWith('[') || own === ReflectionKind.Constructor),
  )

/** What comes first on a page: functions and values, then classes, then types. */
const rank = ({ reflection }: Pick<Entry, 'reflection'>) =>
  isType(reflection) ? 2 : reflection.kind === ReflectionKind.Class ? 1 : 0
const isSpace = (reflection: DeclarationReflection) => reflection.kind === ReflectionKind.Namespace

class Writer {
  private readonly entries = new Map<number, Entry>()
  private readonly exported: ReadonlySet<string>
  private readonly sources = new Map<string, string>()

  private readonly root: string

  constructor(root: string, project: ProjectReflection) {
    this.root = root
    const modules = project.children ?? []
    const main = modules.find(({ name }) => name === 'src')
    if (main?.children === undefined) throw new Error('TypeDoc: expected a module of src/index.ts')
    this.exported = new Set(main.children.map(({ name }) => name))
    const found = modules
      .flatMap(({ children }) => children ?? [])
      .flatMap((child) =>
        isSpace(child) ? (child.children ?? []).map((member) => this.placed(member, child.name)) : [this.placed(child)],
      )
      .filter(({ reflection }) => reflection.kind !== ReflectionKind.Reference)
    // Headings have anchors as the generator of the site gives them: of those that are alike, later ones are numbered.
    const taken = new Map<string, number>()
    const anchorFor = (theme: Theme, heading: string): string => {
      const anchor = anchorOf(heading)
      const before = taken.get(`${theme.slug}#${anchor}`) ?? 0
      taken.set(`${theme.slug}#${anchor}`, before + 1)
      return before === 0 ? anchor : `${anchor}-${before}`
    }
    for (const { reflection, theme } of found.sort((a, b) => rank(a) - rank(b))) {
      this.entries.set(reflection.id, { reflection, theme, anchor: anchorFor(theme, reflection.name) })
      for (const member of membersShown(reflection)) anchorFor(theme, `${reflection.name}.${member.name}`)
    }
  }

  /** The pages in the order of the themes. */
  pages(): readonly ReferencePage[] {
    return themes.map((theme) => {
      const own = [...this.entries.values()].filter((entry) => entry.theme === theme)
      const told = this.toldWithOthers(own)
      const first = own.filter(({ reflection }) => !isType(reflection))
      const types = own.filter((entry) => isType(entry.reflection) && !told.has(entry))
      const body = [
        theme.about,
        ...(theme.entry === undefined ? [] : [`Imported from \`${theme.entry}\`.`]),
        ...first.map((entry) => this.section(entry, told)),
        ...(types.length === 0 ? [] : ['## Types', ...types.map((entry) => this.typeSection(entry, '###'))]),
      ]
      return { slug: theme.slug, title: theme.title, about: theme.about, body: body.join('\n\n') }
    })
  }

  private placed(reflection: DeclarationReflection, space?: string): Omit<Entry, 'anchor'> {
    const file = reflection.sources?.[0]?.fileName ?? ''
    const fits = (theme: Theme) =>
      theme.space === space &&
      theme.sources.some((source) => file === source || file.startsWith(source.endsWith('/') ? source : `${source}/`))
    const theme =
      themes.find(fits) ?? themes.find((each) => each.space === space && space !== undefined) ?? this.byFile(file)
    return { reflection, theme }
  }

  private byFile(file: string): Theme {
    const theme = themes.find(({ sources }) =>
      sources.some((source) => file === source || file.startsWith(source.endsWith('/') ? source : `${source}/`)),
    )
    if (theme === undefined) throw new Error(`no theme tells of ${file}`)
    return theme
  }

  /** The options that one function alone takes are told where it is told. */
  private toldWithOthers(own: readonly Entry[]): ReadonlySet<Entry> {
    const users = new Map<Entry, number>()
    for (const { reflection } of own) {
      const call = callOf(reflection)
      const made = factoryOf(reflection.type)
      const types = call !== undefined ? argumentsOf(call).map(({ type }) => type) : [made?.options]
      for (const type of types) {
        for (const entry of this.entriesIn(type)) {
          if (own.includes(entry) && entry.reflection.kind === ReflectionKind.Interface) {
            users.set(entry, (users.get(entry) ?? 0) + 1)
          }
        }
      }
    }
    return new Set(
      [...users]
        .filter(([entry, count]) => count === 1 && /Options$/.test(entry.reflection.name))
        .map(([entry]) => entry),
    )
  }

  private entriesIn(type: SomeType | undefined): readonly Entry[] {
    const found: Entry[] = []
    const visit = (each: SomeType | undefined): void => {
      if (each === undefined) return
      if (each.type === 'reference') {
        const entry = each.reflection === undefined ? undefined : this.entries.get(each.reflection.id)
        if (entry !== undefined) found.push(entry)
        each.typeArguments?.forEach(visit)
      }
      if (each.type === 'union' || each.type === 'intersection') each.types.forEach(visit)
      if (each.type === 'optional' || each.type === 'array') visit(each.elementType)
    }
    visit(type)
    return found
  }

  private section(entry: Entry, told: ReadonlySet<Entry>): string {
    const { reflection } = entry
    const name = nameOf(entry)
    if (reflection.kind === ReflectionKind.Class) return this.classSection(entry)
    const call = callOf(reflection)
    const comment = reflection.comment ?? call?.comment
    const parts = [`## ${reflection.name}`]
    const made = factoryOf(reflection.type)
    const signature =
      call !== undefined
        ? signatureText(name, call)
        : made === undefined
          ? `${name}: ${text(reflection.type)}`
          : `${name}(options?: ${text(made.options)}): ${text(made.result)}`
    parts.push(code(signature))
    parts.push(this.summary(comment))
    if (call !== undefined) parts.push(...this.takes(reflection, call, told))
    else if (made !== undefined) {
      const options: Argument = { name: 'options', type: made.options, optional: true }
      parts.push(...this.parameters([options], new Map()), ...this.ownOptions([options], told))
    }
    parts.push(...this.rest(comment, entry))
    return parts.filter((part) => part !== '').join('\n\n')
  }

  private classSection(entry: Entry): string {
    const { reflection } = entry
    const parts = [`## ${reflection.name}`, this.summary(reflection.comment), ...this.rest(reflection.comment, entry)]
    for (const member of membersShown(reflection)) {
      const call = member.signatures?.[0] ?? member.getSignature
      const comment = member.comment ?? call?.comment
      const title = `### ${reflection.name}.${member.name}`
      const signature = member.signatures?.[0]
        ? signatureText(member.name, member.signatures[0])
        : `${member.name}: ${text(member.type ?? member.getSignature?.type)}`
      parts.push(title, code(signature), this.summary(comment))
      if (member.signatures?.[0]) parts.push(...this.parameters(argumentsOf(member.signatures[0]), new Map()))
      parts.push(...this.rest(comment, entry, `${reflection.name}.${member.name}`))
    }
    return parts.filter((part) => part !== '').join('\n\n')
  }

  private typeSection(entry: Entry, level: string): string {
    const { reflection } = entry
    const parts = [`${level} ${reflection.name}`, this.summary(reflection.comment)]
    if (reflection.kind === ReflectionKind.TypeAlias)
      parts.push(code(`type ${reflection.name} = ${text(reflection.type)}`))
    else parts.push(this.members(reflection))
    parts.push(...this.rest(reflection.comment, entry))
    return parts.filter((part) => part !== '').join('\n\n')
  }

  /** What a function takes: its arguments, and the options that are its own. */
  private takes(
    reflection: DeclarationReflection,
    call: SignatureReflection,
    told: ReadonlySet<Entry>,
  ): readonly string[] {
    const given = argumentsOf(call)
    return [...this.parameters(given, this.wordsOf(reflection)), ...this.ownOptions(given, told)]
  }

  private ownOptions(given: readonly Argument[], told: ReadonlySet<Entry>): readonly string[] {
    return given
      .flatMap(({ type }) => this.entriesIn(type))
      .filter((entry) => told.has(entry))
      .flatMap((entry) => [`<span id="${entry.anchor}"></span>\n\n**Options**`, this.members(entry.reflection)])
  }

  private parameters(given: readonly Argument[], words: ReadonlyMap<string, string>): readonly string[] {
    const rows = given.map(({ name, type, optional, comment }) => {
      const told = comment === undefined ? (words.get(name) ?? '') : this.parts(comment.summary)
      return `| \`${name}${optional ? '?' : ''}\` | ${this.linked(type)} | ${cell(told)} |`
    })
    if (rows.length === 0) return []
    return [`| argument | type | meaning |\n|---|---|---|\n${rows.join('\n')}`]
  }

  /** TypeDoc drops what is said of the arguments of functions that take them as a list: it is read from the source. */
  private wordsOf(reflection: DeclarationReflection): ReadonlyMap<string, string> {
    const place = reflection.sources?.[0]
    if (place === undefined) return new Map()
    let source = this.sources.get(place.fileName)
    if (source === undefined) {
      source = readFileSync(join(this.root, place.fileName), 'utf8')
      this.sources.set(place.fileName, source)
    }
    const before = source
      .split('\n')
      .slice(0, place.line - 1)
      .join('\n')
    const comment = before.slice(before.lastIndexOf('/**')).replace(/^\s*\* ?/gm, '')
    const found = comment.matchAll(/^@param (\w+) - ([\s\S]*?)(?=\n@|\n\n|\*\/|$(?![\s\S]))/gm)
    return new Map([...found].map(([, name, words]) => [name, words.replace(/\{@link (\w+)\}/g, '`$1`').trim()]))
  }

  private members(reflection: DeclarationReflection): string {
    const rows = (reflection.children ?? []).map((member) => {
      const call = member.signatures?.[0]
      const comment = member.comment ?? call?.comment
      const type = call === undefined ? this.linked(member.type) : inline(signatureText('', call))
      return `| \`${member.name}${member.flags.isOptional ? '?' : ''}\` | ${type} | ${cell(this.parts(comment?.summary ?? []))} |`
    })
    if (rows.length === 0) return ''
    return `| name | type | meaning |\n|---|---|---|\n${rows.join('\n')}`
  }

  private summary(comment: Comment | undefined): string {
    return this.parts(comment?.summary ?? []).trim()
  }

  /** What comes back, what is refused, and examples. */
  private rest(comment: Comment | undefined, entry: Entry, name?: string): readonly string[] {
    const parts: string[] = []
    for (const { tag, content } of comment?.blockTags ?? []) {
      const told = this.parts(content).trim()
      if (tag === '@returns') parts.push(`**Gives** ${told}`)
      else if (tag === '@throws') parts.push(`**Refuses** ${told}`)
      else if (tag === '@remarks') parts.push(told)
      else if (tag === '@example') parts.push(this.example(told, name ?? nameOf(entry)))
    }
    return parts
  }

  private example(told: string, name: string): string {
    return told.replace(/```ts\n([\s\S]*?)```/g, (_, program: string) => {
      const setup = exampleProgram(name, program, this.exported)
      if (setup === undefined) {
        const why = notInPages[name]
        return `\`\`\`typescript\n${program}\`\`\`\n\n${why === undefined ? '' : `*For Node: ${why}.*`}`
      }
      return `<!-- setup\n${setup}-->\n\n\`\`\`ts\n${program}\`\`\``
    })
  }

  private parts(parts: readonly CommentDisplayPart[]): string {
    return parts
      .map((part) => {
        if (part.kind !== 'inline-tag') return part.text
        const target = part.target as Reflection | undefined
        const words = `\`${part.text.trim()}\``
        const entry =
          target === undefined || typeof target !== 'object' || !('id' in target) ? undefined : this.entryOf(target)
        return entry === undefined ? words : `[${words}](/api/${entry.theme.slug}/#${entry.anchor})`
      })
      .join('')
  }

  private entryOf(target: Reflection): Entry | undefined {
    for (let at: Reflection | undefined = target; at !== undefined; at = at.parent) {
      const entry = this.entries.get(at.id)
      if (entry !== undefined) return entry
    }
    return undefined
  }

  /** A type in a cell of a table, leading to where it is told where it is one name. */
  private linked(type: SomeType | undefined): string {
    const [entry] =
      type?.type === 'reference' && type.reflection !== undefined ? [this.entries.get(type.reflection.id)] : []
    const words = inline(text(type))
    return entry === undefined ? words : `[${words}](/api/${entry.theme.slug}/#${entry.anchor})`
  }
}

interface Argument {
  readonly name: string
  readonly type?: SomeType
  readonly optional: boolean
  readonly comment?: Comment
}

/** The arguments, also where they are declared as one list. */
function argumentsOf(call: SignatureReflection): readonly Argument[] {
  return (call.parameters ?? []).flatMap((parameter): Argument[] => {
    const { type } = parameter
    if (parameter.flags.isRest && type?.type === 'tuple') {
      return type.elements.flatMap((element) =>
        element.type === 'namedTupleMember'
          ? [{ name: element.name, type: element.element, optional: element.isOptional }]
          : [],
      )
    }
    const optional = parameter.flags.isOptional || parameter.defaultValue !== undefined
    return [{ name: parameter.name, type, optional, comment: parameter.comment }]
  })
}

function callOf(reflection: DeclarationReflection): SignatureReflection | undefined {
  if (reflection.signatures !== undefined) return reflection.signatures[0]
  if (reflection.type?.type === 'reflection') return reflection.type.declaration.signatures?.[0]
  return undefined
}

/** What a factory with nothing but options makes, and its options. */
function factoryOf(type: SomeType | undefined): { readonly options: SomeType; readonly result: SomeType } | undefined {
  if (type?.type !== 'reference' || type.name !== 'Factory') return undefined
  const [result, options] = type.typeArguments ?? []
  return result === undefined || options === undefined ? undefined : { result, options }
}

function signatureText(name: string, call: SignatureReflection): string {
  const given = argumentsOf(call).map(
    ({ name: each, type, optional }) => `${each}${optional ? '?' : ''}: ${text(type)}`,
  )
  const line = `${name}(${given.join(', ')}): ${text(call.type)}`
  if (line.length < 100) return line
  return `${name}(\n${given.map((each) => `  ${each},\n`).join('')}): ${text(call.type)}`
}

/** As users write it. */
const nameOf = ({ reflection, theme }: Entry) =>
  theme.space === undefined ? reflection.name : `${theme.space}.${reflection.name}`

const isType = (reflection: DeclarationReflection) =>
  reflection.kind === ReflectionKind.Interface || reflection.kind === ReflectionKind.TypeAlias

const anchorOf = (heading: string) => heading.toLowerCase().replaceAll('.', '')
const text = (type: SomeType | undefined) => type?.toString() ?? 'void'
const code = (signature: string) => `\`\`\`typescript\n${signature}\n\`\`\``
const inline = (words: string) => `\`${words.replace(/\s+/g, ' ').replaceAll('|', '\\|')}\``

/** Text in a cell of a table: one line. */
const cell = (words: string) =>
  words
    .replace(/```\w*\n([\s\S]*?)```/g, (_, block: string) => `\`${block.trim()}\``)
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .trim()
