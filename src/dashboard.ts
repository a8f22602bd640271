// The entry `hornbeam/dashboard`: training, drawn while it goes on.
export * from './dashboard/public'
