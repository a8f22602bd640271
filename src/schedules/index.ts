// Learning rate schedules: formulas of the number of updates made, computed inside the train step. Imports ops, graph
// and the registry.

export * from './factories'
export { isSchedule, resolveSchedule, type Schedule, type ScheduleOption, schedule, scheduleRegistry } from './schedule'
