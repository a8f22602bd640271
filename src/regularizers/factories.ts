// The regularizers by name: what users see as the namespace `regularizers`.

export { type L1L2Options, l1, l1l2, l2 } from './norms'
export { type OrthogonalRegularizerOptions, orthogonalRegularizer } from './orthogonalRegularizer'
