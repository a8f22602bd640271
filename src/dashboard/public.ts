// The entry `hornbeam/dashboard`: training, drawn while it goes on.

export { type Dashboard, dashboard } from './dashboard'
export type { DashboardOptions, PageElement } from './options'
