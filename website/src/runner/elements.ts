// What the runner puts into the page.

/** The picture as an image, which runs no scripts. */
export function picture(svg: string): HTMLElement {
  const image = document.createElement('img')
  image.className = 'run-picture'
  image.alt = /aria-label="([^"]*)"/.exec(svg)?.[1] ?? 'The picture that the code drew'
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
  return image
}

export function element(tag: 'div' | 'p', name: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = name
  return made
}

export function button(words: string, name: string): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = `run-${name}`
  made.textContent = words
  return made
}
