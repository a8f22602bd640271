// The packages that pictures are drawn with: parts of the package of their own, loaded when the first picture is drawn.

/** Scales: from numbers to pixels, with their ticks. */
export const loadScales = () => import('d3-scale')

/** Colours for numbers. */
export const loadColors = () => import('d3-scale-chromatic')

/** Images for grids of colours. */
export const loadImages = () => import('fast-png')
