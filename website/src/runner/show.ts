// Values as text, much as Node prints them.

const widest = 76

export function show(value: unknown, depth = 0): string {
  if (typeof value === 'string') return depth === 0 ? value : `'${value.replaceAll("'", "\\'")}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return String(Object.is(value, -0) ? '-0' : value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof Promise) return 'Promise'
  if (ArrayBuffer.isView(value) && 'length' in value) {
    return `${value.constructor.name}(${value.length}) ${list([...(value as unknown as Iterable<unknown>)], depth)}`
  }
  if (Array.isArray(value)) return list(value, depth)
  if (value instanceof Map) return `Map(${value.size}) ${list([...value], depth)}`
  if (value instanceof Set) return `Set(${value.size}) ${list([...value], depth)}`
  const own = (value as { toString?: unknown }).toString // what the value itself says of it
  if (typeof own === 'function' && own !== Object.prototype.toString) return String(value)
  const name = Object.getPrototypeOf(value)?.constructor?.name
  const head = name === undefined || name === 'Object' ? '' : `${name} `
  if (depth > 2) return `${head}{…}`
  const fields = Object.entries(value).map(
    ([key, each]) => `${/^[\w$]+$/.test(key) ? key : `'${key}'`}: ${show(each, depth + 1)}`,
  )
  if (fields.length === 0) return `${head}{}`
  return head + bracket('{', fields, '}', depth, ' ')
}

function list(values: readonly unknown[], depth: number): string {
  if (values.length === 0) return '[]'
  if (depth > 3) return '[…]'
  const shown = values.slice(0, 100).map((each) => (typeof each === 'number' ? number(each) : show(each, depth + 1)))
  if (values.length > 100) shown.push(`… ${values.length - 100} more`)
  return bracket('[', shown, ']', depth, '')
}

/** Single numbers are printed in full; in lists they need not be. */
const number = (value: number) => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7))))

function bracket(open: string, parts: readonly string[], close: string, depth: number, gap: string): string {
  const line = `${open}${gap}${parts.join(', ')}${gap}${close}`
  if (line.length + 2 * depth <= widest && !line.includes('\n')) return line
  const inset = '  '.repeat(depth + 1)
  const short = parts.every((part) => part.length < 16)
  const lines = short ? rows(parts, widest - 2 * depth) : parts.map((part) => `${part},`)
  return `${open}\n${lines.map((each) => `${inset}${each}`).join('\n')}\n${'  '.repeat(depth)}${close}`
}

function rows(parts: readonly string[], width: number): readonly string[] {
  const lines = ['']
  for (const part of parts) {
    const last = lines.length - 1
    if (lines[last].length + part.length + 2 > width) lines.push(`${part}, `)
    else lines[last] += `${part}, `
  }
  return lines.map((line) => line.trimEnd())
}
