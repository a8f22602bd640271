// Elements made in a line.

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>

/** An element with attributes (functions listen) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children)
  return element
}

/** Sets a text where it is another, so that what is selected stays so. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Elements by key in a list: those that are gone go, new ones are made, all in order. */
export class Keyed<E extends Element> {
  private readonly elements = new Map<string, E>()
  private readonly parent: Element

  constructor(parent: Element) {
    this.parent = parent
  }

  /** @param gone - is told of an element that is removed. */
  show(keys: readonly string[], make: (key: string) => E, gone: (element: E) => void = () => undefined): void {
    for (const [key, element] of this.elements) {
      if (keys.includes(key)) continue
      gone(element)
      element.remove()
      this.elements.delete(key)
    }
    for (const [i, key] of keys.entries()) {
      const element = this.elements.get(key) ?? make(key)
      this.elements.set(key, element)
      if (this.parent.children[i] !== element) this.parent.insertBefore(element, this.parent.children[i] ?? null)
    }
  }

  get(key: string): E | undefined {
    return this.elements.get(key)
  }
}
