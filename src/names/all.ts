// Every name of the library, registered: the one file that has an effect when it is imported. The package root imports it;
// `hornbeam/core` does not, and leaves the choice of names to `register`.
import * as activations from '../activations/functions'
import * as constraints from '../constraints/factories'
import * as initializers from '../initializers/factories'
import * as layers from '../layers/public'
import * as losses from '../losses/factories'
import * as metrics from '../metrics/factories'
import * as models from '../model/factories'
import * as optimizers from '../optimizers/factories'
import { type Declared, declarationOf, register } from '../registry'
import * as regularizers from '../regularizers/factories'
import * as schedules from '../schedules/factories'

for (const room of [
  activations,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  models,
  optimizers,
  regularizers,
  schedules,
]) {
  // What is declared is a function.
  register(...Object.values<unknown>(room).filter((each): each is Declared => declarationOf(each) !== undefined))
}
