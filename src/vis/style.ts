// How pictures look: colours that can be told from a light and from a dark ground, sizes of text.

/** The ground and what is written on it, light and dark. */
export const light = { paper: '#ffffff', ink: '#22262b', axis: '#6b7280', grid: '#e3e6ea' } as const
export const dark = { paper: '#16181d', ink: '#e8eaed', axis: '#9aa0a6', grid: '#2e333b' } as const

/** The colours of lines; all have a contrast of at least 3 to both grounds. */
export const lineColors = [
  '#3b7dd8',
  '#d55e00',
  '#0a9470',
  '#a463f2',
  '#d6498f',
  '#9a6b35',
  '#0f8fa8',
  '#7f868f',
] as const

/** The colour of numbers that are not finite. */
export const notFinite = [128, 128, 128] as const

export const textSize = 11
export const titleSize = 14

/** About how wide a text is, in pixels: there is nothing here to measure it with. */
export function textWidth(text: string, size: number = textSize): number {
  return text.length * size * 0.58
}

/**
 * The style sheet. Colours are also attributes of the elements, for viewers that know no style sheets; here they only
 * change in the dark. The ground changes with them: a picture is legible on any page.
 */
export const styleSheet = /* @__PURE__ */ (() =>
  [
    `.hornbeam-plot text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}`,
    '@media (prefers-color-scheme:dark){',
    `.hornbeam-plot .paper{fill:${dark.paper}}`,
    `.hornbeam-plot .ink{fill:${dark.ink}}`,
    `.hornbeam-plot .axis{stroke:${dark.axis}}`,
    `.hornbeam-plot .grid{stroke:${dark.grid}}`,
    '}',
  ].join(''))()
