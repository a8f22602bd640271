// The pages of the reference: which sources each tells of, in the order in which readers meet them.

/** A page of the reference. */
export interface Theme {
  /** Where the page goes, below `api/`. */
  readonly slug: string
  readonly title: string
  readonly about: string
  /** Whose declarations it tells of: the first theme with a folder or file that a source lies in has it. */
  readonly sources: readonly string[]
  /** The namespace that its names are in, as users write them. */
  readonly space?: string
  /** What its names are imported from, where that is not `hornbeam`. */
  readonly entry?: string
}

const layers = (slug: string, title: string, about: string, ...sources: string[]): Theme => ({
  slug: `layers/${slug}`,
  title,
  about,
  sources: sources.map((name) => `src/layers/${name}`),
})

const space = (name: string, title: string, about: string): Theme => ({
  slug: name,
  title,
  about,
  space: name,
  sources: [`src/${name}`],
})

export const themes: readonly Theme[] = [
  {
    slug: 'models',
    title: 'Models',
    about: 'A list of layers, a graph of them, and what a model does: train, predict, generate, stream, save.',
    sources: ['src/model', 'src/feed', 'src/train', 'src/step', 'src/time', 'src/estimate'],
  },
  layers(
    'recurrent',
    'Recurrent layers',
    'Layers that read a sequence step by step, and what turns, stacks and wraps them.',
    'recurrent',
  ),
  layers(
    'attention',
    'Attention and transformers',
    'Layers in which every step looks at every other, and the blocks that are made of them.',
    'attention',
    'transformers',
  ),
  layers(
    'core',
    'Core layers',
    'Dense and embedding layers, functions as layers, masks, and activations that are layers.',
    'core',
    'activations',
    'composite',
  ),
  layers('convolution', 'Convolution layers', 'Filters that slide over sequences, images and volumes.', 'convolution'),
  layers('pooling', 'Pooling layers', 'Many neighbours become one.', 'pooling'),
  layers('normalization', 'Normalization layers', 'Layers that keep numbers in a good range.', 'normalization'),
  layers(
    'regularization',
    'Dropout and noise',
    'Layers that disturb training, so that it learns rules.',
    'regularization',
  ),
  layers('reshaping', 'Merging and reshaping', 'Layers that join, cut, turn and repeat.', 'merging', 'reshaping'),
  layers(
    'preprocessing',
    'Preprocessing layers',
    'Layers that make numbers of texts, categories, sounds and pictures.',
    'preprocessing',
  ),
  layers('own', 'Layers of your own', 'The class of all layers, and what all of them take.', ''),
  space('losses', 'Losses', 'What training makes small.'),
  space('metrics', 'Metrics', 'What tells how well a model does.'),
  {
    slug: 'optimizers',
    title: 'Optimizers',
    about: 'The rules by which weights change.',
    sources: ['src/optimizers'],
  },
  space('schedules', 'Learning-rate schedules', 'Rates that change while a model trains.'),
  space('activations', 'Activations', 'Functions of one number that layers end with.'),
  space('initializers', 'Initializers', 'What weights are before training.'),
  space('regularizers', 'Regularizers', 'Penalties on weights and outputs.'),
  space('constraints', 'Constraints', 'What weights must be after every step.'),
  {
    slug: 'callbacks',
    title: 'Callbacks',
    about: 'What happens at the turning points of training: stop, save, log, change the rate.',
    sources: ['src/callbacks'],
  },
  {
    slug: 'dashboard',
    title: 'Dashboard',
    about: 'Training, drawn while it goes on, in a page or from Node.',
    entry: 'hornbeam/dashboard',
    sources: ['src/dashboard'],
  },
  {
    slug: 'data',
    title: 'Data',
    about: 'CSV, series, texts, scalers and datasets: data into samples and batches.',
    sources: ['src/data'],
  },
  {
    slug: 'inspect',
    title: 'Seeing inside',
    about: 'What a model does inside, and pictures of it.',
    sources: ['src/inspect', 'src/vis'],
  },
  {
    slug: 'search',
    title: 'Search',
    about: 'Trials over hyperparameters, in one process or many.',
    sources: ['src/search'],
  },
  {
    slug: 'files',
    title: 'Files of models',
    about: 'Reading and writing models and weights.',
    sources: ['src/formats', 'src/io'],
  },
  {
    slug: 'tensors',
    title: 'Tensors',
    about: 'Numbers in shapes: what goes into a model and comes out of it.',
    sources: ['src/tensor'],
  },
  {
    slug: 'computing',
    title: 'Computing and gradients',
    about: 'Functions of ops that run on a backend, and their gradients.',
    sources: ['src/runtime', 'src/graph', 'src/backends'],
  },
  {
    slug: 'ops/elementwise',
    title: 'Ops, element by element',
    about: 'Arithmetic, comparisons and functions of single numbers.',
    space: 'ops',
    sources: ['src/ops/elementwise', 'src/ops/derived.ts', 'src/ops/random.ts'],
  },
  {
    slug: 'ops/shapes',
    title: 'Ops on shapes and places',
    about: 'Cut, join, turn, pick, sort and count.',
    space: 'ops',
    sources: [
      'src/ops/shape.ts',
      'src/ops/indexing.ts',
      'src/ops/sort.ts',
      'src/ops/numpy',
      'src/ops/cumulative.ts',
      'src/ops/reduce.ts',
    ],
  },
  {
    slug: 'ops/networks',
    title: 'Ops of networks',
    about: 'Products, convolutions, attention, recurrences and losses.',
    space: 'ops',
    sources: ['src/ops'],
  },
  {
    slug: 'errors',
    title: 'Errors and registering',
    about: 'What is thrown, and how names become known.',
    sources: ['src/errors', 'src/registry', 'src'],
  },
]
