// Pictures as self-contained SVG texts, made without a DOM, and small tables for the terminal. Imports errors and io
// (to save); knows nothing of models: it is told numbers and names.

export { draw } from './draw'
export type {
  Axis,
  Figure,
  HeatPanel,
  Line,
  LinePanel,
  Mark,
  Panel,
} from './figure'
export { type HistoryLike, type HistoryPlotOptions, plotHistory } from './history'
export { Plot } from './plot'
export { dark, light, lineColors } from './style'
export { table } from './table'
export { formatNumber, sparkLine } from './text'
