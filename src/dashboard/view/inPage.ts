// The dashboard in the page that trains.
import type { Hub } from '../hub'
import { draw } from './view'

/** Draws the runs of a hub into an element. */
export async function showIn(element: Element, hub: Hub): Promise<{ close(): Promise<void> }> {
  const view = await draw(element, (command) => hub.command(command))
  const leave = hub.add({
    get isWatching() {
      return !document.hidden
    },
    see: () => view.changed(hub.board),
  })
  return {
    async close() {
      leave()
      view.remove()
    },
  }
}
