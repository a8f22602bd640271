// The losses by name: what users see as the namespace `losses`.

export { meanSquaredError } from './regression'
