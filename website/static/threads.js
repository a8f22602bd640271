// The site's service worker: answers get the headers with which a page may share memory among threads, where the host cannot send
// them. It keeps nothing and changes nothing else.
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const { request } = event
  if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return
  if (new URL(request.url).origin !== location.origin) return
  event.respondWith(
    fetch(request).then((answer) => {
      if (answer.status === 0) return answer
      const headers = new Headers(answer.headers)
      headers.set('Cross-Origin-Opener-Policy', 'same-origin')
      headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
      headers.set('Cross-Origin-Resource-Policy', 'same-origin')
      return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers })
    }),
  )
})
