// What the dashboard can be told.
import { isSamples, type Samples } from '../data'
import { checkOptions, describeValue, isList, OptionError, requireBoolean, requireNumber, requireText } from '../errors'
import { hasNode } from '../host'
import type { ModelData } from '../model'
import type { TensorLike } from '../tensor'

/** An element of a page. */
export interface PageElement {
  readonly ownerDocument: object
  attachShadow(init: never): object
}

/** Options of {@link dashboard}. */
export interface DashboardOptions {
  /** What the run is called; `'run 1'`, `'run 2'`, ... by default. */
  readonly name?: string
  /** In a page, where it is needed: the element that the dashboard is put into. */
  readonly element?: PageElement
  /** In Node: the port of the page; 0, a free one, by default. */
  readonly port?: number
  /**
   * In Node: whether the page is served, and the program goes on, until `close()` or Ctrl-C; `false`, the default, for as long as the
   * program runs anyway. A page that is open keeps what it has.
   */
  readonly keepOpen?: boolean
  /**
   * Samples whose predictions are shown, `[x, y]` or samples such as windows: at most the first 512. By default what `fit` validates on,
   * unless that is a dataset.
   */
  readonly data?: readonly [ModelData, TensorLike] | Samples
  /** The names of the classes, for the confusion matrix. */
  readonly classes?: readonly string[]
  /** Says in words what a sample is, by its place in the data: shown beside those that are most wrong. */
  readonly describe?: (sample: number) => string
}

const where = 'dashboard'
const names = ['name', 'element', 'port', 'keepOpen', 'data', 'classes', 'describe']

/** @throws OptionError for an unknown option, a value that it cannot have, and what this place has no use for. */
export function checkDashboard(options: DashboardOptions): void {
  checkOptions(where, options, names)
  const { name, element, port, keepOpen, data, classes, describe } = options
  if (name !== undefined) requireText(where, 'name', name)
  if (keepOpen !== undefined) requireBoolean(where, 'keepOpen', keepOpen)
  if (port !== undefined) requirePort(port)
  if (describe !== undefined && typeof describe !== 'function') {
    throw new OptionError(`${where}: describe: expected a function, got ${describeValue(describe)}`)
  }
  if (classes !== undefined && !(isList(classes) && classes.every((item) => typeof item === 'string'))) {
    throw new OptionError(`${where}: classes: expected a list of names, got ${describeValue(classes)}`)
  }
  if (data !== undefined && !isSamples(data) && !(isList(data) && data.length === 2)) {
    throw new OptionError(`${where}: data: expected [x, y], or samples such as windows, got ${describeValue(data)}`)
  }
  checkPlace(element, port !== undefined ? 'port' : keepOpen !== undefined ? 'keepOpen' : undefined)
}

/** @throws OptionError for what is no number of a port; 0 stands for a free one. */
export function requirePort(port: number): void {
  if (Number.isInteger(requireNumber(where, 'port', port, 0, 65535))) return
  throw new OptionError(`${where}: port: expected a whole number, got ${port}`)
}

function checkPlace(element: unknown, ofNode: string | undefined): void {
  if (hasNode()) {
    if (element === undefined) return
    throw new OptionError(`${where}: element: expected a page; Node serves a page of its own, so leave it out`)
  }
  if (typeof Object(element).attachShadow !== 'function') {
    throw new OptionError(`${where}: element: expected an element of the page, got ${describeValue(element)}`)
  }
  if (ofNode !== undefined) throw new OptionError(`${where}: ${ofNode}: expected Node; a page serves nothing`)
}
