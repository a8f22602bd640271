// The optimizers by name.

export { type AdamOptions, adam } from './adam'
