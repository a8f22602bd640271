// Learning rate schedules: formulas of the number of updates made, computed inside the train step. Imports ops, graph
// and the registry.

export * from './factories'
export {
  isSchedule,
  registerSchedule,
  resolveSchedule,
  type Schedule,
  type ScheduleDefinition,
  type ScheduleFunction,
  type ScheduleName,
  type ScheduleNames,
  type ScheduleOption,
  schedule,
  scheduleRegistry,
} from './schedule'
