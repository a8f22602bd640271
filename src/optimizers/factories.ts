// The optimizers by name.

export { type AdadeltaOptions, adadelta } from './adadelta'
export { type AdagradOptions, adagrad } from './adagrad'
export { type AdamOptions, adam } from './adam'
export { type AdamaxOptions, adamax } from './adamax'
export { adamw } from './adamw'
export { type FtrlOptions, ftrl } from './ftrl'
export { type LionOptions, lion } from './lion'
export { type NadamOptions, nadam } from './nadam'
export { type RmspropOptions, rmsprop } from './rmsprop'
export { type SgdOptions, sgd } from './sgd'
