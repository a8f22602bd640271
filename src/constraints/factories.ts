// The constraints by name: what users see as the namespace `constraints`.

export { nonNeg } from './nonNeg'
export {
  type MaxNormOptions,
  type MinMaxNormOptions,
  maxNorm,
  minMaxNorm,
  type NormOptions,
  unitNorm,
} from './norms'
