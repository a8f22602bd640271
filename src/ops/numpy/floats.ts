// What formulas of real numbers begin with.
import { type Operand, toValue, type Value } from '../../graph'
import { isFloat } from '../../tensor'
import { cast } from '../elementwise/elementwise'

/** The value, its whole numbers as float32. */
export function floats(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}
