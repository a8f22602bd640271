// What is wider than the page scrolls in itself: it can be reached by keys, and has a name.

const texts = document.querySelectorAll<HTMLElement>('.expressive-code pre:not(.wrap)')
for (const [i, text] of texts.entries()) {
  text.tabIndex = 0
  text.setAttribute('aria-label', `Text ${i + 1}`)
}
for (const table of document.querySelectorAll<HTMLElement>('.sl-markdown-content table')) {
  if (table.scrollWidth > table.clientWidth) table.tabIndex = 0
}
