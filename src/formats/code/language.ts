// The two languages that programs are written in. Kernels are written once, in what both have in common: loops, sums and
// functions of one number; here stands what differs.
import type { DType } from '../../tensor'

export interface Language {
  readonly name: 'js' | 'c'
  /** What declares a whole number, and a number in double precision. */
  readonly int: string
  readonly double: string
  /** A number of a type that stands for itself from here on. */
  temp(dtype: DType, name: string, expression: string): string
  /** A number in float arithmetic. */
  number(value: number): string
  /** A function; `list` names the parameters, as `real` arrays (`*A`), constant ones (`&A`) and whole numbers. */
  define(name: string, list: readonly string[], body: string): string
}

const infinite = (value: number): string => (Number.isNaN(value) ? 'NAN' : value > 0 ? 'INFINITY' : '-INFINITY')

/** JavaScript: what is written to a typed array is rounded there; other numbers where it matters. */
export const javascript: Language = {
  name: 'js',
  int: 'let',
  double: 'let',
  temp: (dtype, name, expression) => {
    if (dtype === 'float32') return `const ${name}=fround(${expression});`
    if (dtype === 'float64') return `const ${name}=${expression};`
    return dtype === 'int32' ? `const ${name}=(${expression})|0;` : `const ${name}=+(${expression});`
  },
  number: (value) => (Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : infinite(value)),
  define: (name, list, body) => `function ${name}(${list.map((one) => one.replace(/^[*&]/, '')).join()}){${body}}`,
}

/** C99. */
export const c99: Language = {
  name: 'c',
  int: 'int',
  double: 'double',
  temp: (dtype, name, expression) => {
    const type = { float32: 'float', float64: 'double', int32: 'int32_t', bool: 'int32_t' }[dtype]
    return `const ${type} ${name}=${dtype === 'float32' ? `(float)(${expression})` : expression};`
  },
  number: (value) => {
    if (!Number.isFinite(value)) return infinite(value)
    const text = Object.is(value, -0) ? '-0' : String(value)
    return /[.e]/.test(text) ? text : `${text}.0`
  },
  define: (name, list, body) => {
    const parameters = list.map((one) => {
      if (one.startsWith('*')) return `float*${one.slice(1)}`
      return one.startsWith('&') ? `const float*${one.slice(1)}` : `int ${one}`
    })
    return `static void ${name}(${parameters.join(', ') || 'void'}){${body}}`
  },
}
