// Says what a name in a code block is, where a visitor points at it. The build asked the compiler; a page loads its answers when they are
// first needed.
const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

/** As `build/types.ts` writes it. */
interface Told {
  readonly texts: readonly string[]
  /** By program and part: for each name its line, its column, its length and the place of its text, one after the other. */
  readonly names: Readonly<Record<string, readonly number[]>>
}

let asked: Promise<Told | undefined> | undefined
let shown: HTMLElement | undefined

/** Pages that the build had nothing to say of have no file. */
async function told(): Promise<Told | undefined> {
  const page = location.pathname.slice(base.length).replace(/\/$/, '')
  const answer = await fetch(`${base}types/${page}.json`).catch(() => undefined)
  return answer?.ok ? ((await answer.json()) as Told) : undefined // the build wrote it
}

async function point({ clientX: x, clientY: y, target }: MouseEvent): Promise<void> {
  if (!(target instanceof Element) || shown?.contains(target)) return
  const line = target.closest('.runnable .ec-line')
  const box = line?.closest<HTMLElement>('.runnable')
  const code = line?.querySelector('.code')
  if (!line || !box || !code) return hide()
  asked ??= told()
  const all = await asked
  const names = all?.names[`${box.dataset.program}.${box.dataset.part}`] ?? []
  const at = [...(line.parentElement?.children ?? [])].indexOf(line)
  for (let i = 0; i < names.length; i += 4) {
    if (names[i] !== at) continue
    const rectangles = rangeOf(code, names[i + 1], names[i + 2])?.getClientRects() ?? []
    const under = [...rectangles].find((r) => x >= r.left && x <= r.right && y >= r.top && y <= r.bottom)
    if (under !== undefined) return show(all?.texts[names[i + 3]] ?? '', under)
  }
  hide()
}

/** So many letters of a line, from a column on. */
function rangeOf(code: Element, column: number, length: number): Range | undefined {
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
  const range = document.createRange()
  let before = 0
  let begun = false
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const size = text.nodeValue?.length ?? 0
    if (!begun && column < before + size) {
      range.setStart(text, column - before)
      begun = true
    }
    if (begun && column + length <= before + size) {
      range.setEnd(text, column + length - before)
      return range
    }
    before += size
  }
  return undefined
}

function show(text: string, at: DOMRect): void {
  if (shown === undefined) {
    shown = document.createElement('div')
    shown.className = 'type-told'
    shown.setAttribute('role', 'tooltip')
    document.body.append(shown)
  }
  if (shown.textContent !== text || shown.hidden) {
    shown.textContent = text
    shown.hidden = false
  }
  const { width, height } = shown.getBoundingClientRect()
  const below = at.bottom + height + 4 < innerHeight
  shown.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`
  shown.style.top = `${below ? at.bottom : Math.max(8, at.top - height)}px`
}

function hide(): void {
  if (shown !== undefined) shown.hidden = true
}

let latest: MouseEvent | undefined
addEventListener('pointermove', (event) => {
  if (latest === undefined) {
    requestAnimationFrame(() => {
      if (latest !== undefined) void point(latest)
      latest = undefined
    })
  }
  latest = event
})
addEventListener('click', (event) => void point(event)) // by a finger
addEventListener('scroll', hide, { passive: true })
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') hide()
})
