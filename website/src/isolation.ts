// Threads need headers that hosts of static files do not send: a service worker adds them. It is asked for by the first run of code or
// of a demo, not by reading, and takes hold with the next page.

const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

/** Registers the service worker where it is of use. */
export function wantThreads(): void {
  if (crossOriginIsolated || !('serviceWorker' in navigator) || !isSecureContext) return
  navigator.serviceWorker.register(`${base}threads.js`, { scope: base }).catch(() => {
    // Private windows refuse it: then one thread computes.
  })
}

addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('.run-run, [data-needs-threads]')) wantThreads()
})
