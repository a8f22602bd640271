// Which pages there are, where they come from, and in which order readers meet them.

/** A page that is a document of the repository. */
export interface Document {
  /** Where it lies, seen from the repository's root. */
  readonly from: string
  /** Where it goes, below the site's root, without an ending. */
  readonly to: string
}

const guide = (name: string): Document => ({ from: `docs/${name}.md`, to: `guides/${name}` })

/** The guides, in the reader's order: recurrent networks first. */
export const guides: readonly Document[] = [
  'recurrent-networks',
  'states',
  'inside',
  'data',
  'attention',
  'training-steps',
  'following-runs',
  'deciding',
  'files',
  'weights',
  'models-out',
  'in-a-page',
  'gpu',
  'larger-machines',
  'command-line',
].map(guide)

/** All documents that become pages; those of `website/content` are added by the build. */
export const documents: readonly Document[] = [
  { from: 'docs/getting-started.md', to: 'getting-started' },
  ...guides,
  { from: 'docs/coming-from-keras.md', to: 'coming-from/keras' },
  { from: 'docs/coming-from-pytorch.md', to: 'coming-from/pytorch' },
  { from: 'docs/coming-from-tensorflowjs.md', to: 'coming-from/tensorflowjs' },
  { from: 'docs/support.md', to: 'support' },
  { from: 'docs/architecture.md', to: 'architecture' },
  { from: 'CONTRIBUTING.md', to: 'contributing' },
  { from: 'CHANGELOG.md', to: 'changes' },
]

/** Documents that must not become pages, since the first page stands for them. */
export const standIns: Readonly<Record<string, string>> = {
  'README.md': '',
  'examples/README.md': 'examples',
  'bench/README.md': 'speed',
}
