// What the library asks of its host where files are in memory: as in Node there are files.
export { hasDatabase } from '../../.generated/modules/host/index.js'
export const hasNode = () => true
