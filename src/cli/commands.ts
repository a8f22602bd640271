// The commands, in the order in which the help tells of them: a file and a line each.
import type { Command } from './command'
import { convert } from './commands/convert'
import { dashboard } from './commands/dashboard'
import { inspect } from './commands/inspect'
import { predict } from './commands/predict'
import { train } from './commands/train'
import { worker } from './commands/worker'

export const commands: readonly Command[] = [train, predict, inspect, convert, worker, dashboard]
