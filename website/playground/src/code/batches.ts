// The tasks in NumPy, for the programs of Keras and PyTorch: the same problems, with other random numbers.
import type { State, TaskName } from '../state/state'
import { tableOf, textOf } from '../tasks'

const generated: Readonly<Record<Exclude<TaskName, 'text' | 'table'>, string>> = {
  echo: `def make_batch(size, length):
    """Bits come in; each is to be said again \`length\` steps later."""
    x = rng.integers(0, 2, (size, length + 12, 1)).astype("float32")
    y = np.zeros_like(x)
    y[:, length:] = x[:, :-length]
    return x, y`,
  copy: `def make_batch(size, length):
    """Five letters (1 to 4), blanks (0), then five signals (5): at these the letters are to be said again."""
    letters = rng.integers(1, 5, (size, 5))
    blanks, silence = np.zeros((size, length), int), np.zeros((size, 5), int)
    read = np.concatenate([letters, blanks, np.full((size, 5), 5)], axis=1)
    said = np.concatenate([silence, blanks, letters], axis=1)
    return np.eye(6, dtype="float32")[read], said`,
  adding: `def make_batch(size, length):
    """Each step has a number and a mark: the sum of the two that are marked is asked for."""
    half, rows = length // 2, np.arange(size)
    first, second = rng.integers(0, half, size), rng.integers(half, length, size)
    x = np.zeros((size, length, 2), "float32")
    x[:, :, 0] = rng.random((size, length))
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, (x[rows, first, 0] + x[rows, second, 0])[:, None]`,
  parity: `def make_batch(size, length):
    """Bits come in; after each it is to be said whether there have been an odd number of ones."""
    x = rng.integers(0, 2, (size, length, 1)).astype("float32")
    return x, np.cumsum(x, axis=1) % 2`,
  brackets: `def make_batch(size, length):
    """Nested brackets, as ( [ ) ] = 0 1 2 3; after each: which one is due to close? none, round or square = 0 1 2."""
    read, due = np.zeros((size, length), int), np.zeros((size, length), int)
    for sample in range(size):
        stack = []
        for t in range(length):
            if not stack or (rng.random() < 0.5 and len(stack) < 4):
                stack.append(int(rng.integers(0, 2)))
                read[sample, t] = stack[-1]
            else:
                read[sample, t] = 2 + stack.pop()
            due[sample, t] = 1 + stack[-1] if stack else 0
    return np.eye(4, dtype="float32")[read], due`,
  sine: `def make_batch(size, length):
    """A sum of two waves, each of its own period and phase; at every step the value of the next one is to be said."""
    t = np.arange(length + 1)
    a, b, c, d = rng.random((4, size, 1))
    waves = 0.6 * np.sin(2 * np.pi * (t / (6 + 6 * a) + b)) + 0.4 * np.sin(2 * np.pi * (t / (14 + 16 * c) + d))
    waves = waves[:, :, None].astype("float32")
    return waves[:, :-1], waves[:, 1:]`,
}

/** What makes batches, and the numbers \`features\` and \`outputs\`. */
export function pythonBatches(state: State, features: number, outputs: number): string {
  const widths = `features, outputs = ${features}, ${outputs}`
  if (state.task === 'text') return ofText(state)
  if (state.task === 'table') return ofTable(state)
  return `${generated[state.task]}\n\n${widths}`
}

const literal = (text: string): string => JSON.stringify(text)

const ofText = (state: State): string => `text = ${literal(textOf(state))}
symbols = ["", "[UNK]", *sorted(set(text))]
tokens = np.array([symbols.index(symbol) for symbol in text])
features = outputs = len(symbols)

def make_batch(size, length, held_out=False):
    """Pieces of the text, character by character; at every step the next character is to be said."""
    cut = int(0.8 * len(tokens))
    first, end = (cut, len(tokens)) if held_out else (0, cut)
    steps = rng.integers(first, end - length, size)[:, None] + np.arange(length)
    return np.eye(features, dtype="float32")[tokens[steps]], tokens[steps + 1]`

const ofTable = (state: State): string => `rows = list(csv.DictReader(io.StringIO(${literal(tableOf(state))})))
columns = [name for name in rows[0] if all(re.fullmatch(r"\\s*-?[\\d.]+(e-?\\d+)?\\s*", row[name]) for row in rows)]
table = np.array([[float(row[name]) for name in columns] for row in rows])
cut = int(0.8 * len(table))
table = ((table - table[:cut].mean(0)) / table[:cut].std(0)).astype("float32")
target = columns.index("${state.column}") if "${state.column}" in columns else 0
features, outputs = len(columns), 1

def make_batch(size, length, held_out=False):
    """Pieces of the table, standardized; at every step the next value of one column is to be said."""
    first, end = (cut, len(table)) if held_out else (0, cut)
    steps = rng.integers(first, end - length, size)[:, None] + np.arange(length)
    return table[steps], table[steps + 1, target][:, :, None]`

/** The modules of Python that the batches need beside NumPy. */
export const pythonImports = ({ task }: State): string =>
  task === 'table' ? 'import csv\nimport io\nimport re\n\n' : ''

/** The batch that is not trained on: another one, or of the last fifth of what was given. */
export const heldOutBatch = ({ task, length }: State, size: number): string =>
  `make_batch(${size}, ${length}${task === 'text' || task === 'table' ? ', held_out=True' : ''})`
