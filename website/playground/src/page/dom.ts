// Elements in one expression, and canvases that are sharp.

type Child = Node | string | number | undefined | false
type Props = Readonly<Record<string, unknown>>

/** An element: properties by their names, listeners as `onClick`, attributes with a dash as they are, then what is inside. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on') && typeof value === 'function') {
      element.addEventListener(name.slice(2).toLowerCase(), value as EventListener) // by its name
    } else if (name.includes('-') || !(name in element)) element.setAttribute(name, value === true ? '' : String(value))
    else Reflect.set(element, name, value)
  }
  element.append(
    ...children
      .flat()
      .filter((child) => child !== undefined && child !== false)
      .map(asNode),
  )
  return element
}

const asNode = (child: Child): Node | string => (child instanceof Node ? child : String(child))

/** The element of index.html with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html: no element '${id}'`)
  return found
}

/** The widths of canvases as they were laid out last: to ask for one while a page is changed would lay it out at once. */
const widths = new WeakMap<Element, number>()
let onResize = (): void => {}
const observer = new ResizeObserver((entries) => {
  const resized = entries.filter(({ target, contentRect: { width } }) => widths.get(target) !== Math.round(width))
  for (const { target, contentRect } of resized) widths.set(target, Math.round(contentRect.width))
  if (resized.length > 0) onResize()
})

/** Says what is to be done when a canvas has another width than it was drawn with. */
export function whenResized(work: () => void): void {
  onResize = work
}

function widthOf(canvas: HTMLCanvasElement): number {
  const known = widths.get(canvas)
  if (known !== undefined) return known
  const { clientWidth } = canvas
  widths.set(canvas, clientWidth)
  observer.observe(canvas)
  return clientWidth
}

/** A canvas as wide as its place, with its height, ready to be drawn on in CSS pixels; empty. */
export function fresh(canvas: HTMLCanvasElement, height: number): { context: CanvasRenderingContext2D; width: number } {
  const width = Math.max(widthOf(canvas), 10)
  const ratio = Math.min(devicePixelRatio || 1, 2)
  const [w, tall] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== tall) {
    canvas.width = w
    canvas.height = tall
  }
  if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('canvas: no 2d context')
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width }
}

/** A number with as many digits as one can read. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(1).replace('e', 'e').replace('-', '−')
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).replace('-', '−')
}

export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
