// Whether memory can be shared is found out by trying it.
import { afterEach, expect, test, vi } from 'vitest'
import { whyNotShared } from '../../../src/backends/wasm/sharing'

afterEach(() => vi.unstubAllGlobals())

test('a host that shares memory says nothing', () => {
  expect(whyNotShared()).toBeUndefined()
  vi.stubGlobal('crossOriginIsolated', false)
  expect(whyNotShared()).toBeUndefined()
})

test('a page that is said to be isolated, but has no shared memory, is told so', () => {
  vi.stubGlobal('crossOriginIsolated', true)
  vi.stubGlobal('SharedArrayBuffer', undefined)
  expect(whyNotShared()).toBe(
    'one thread: this host does not share memory with workers (there is no SharedArrayBuffer)',
  )
})

test('a page that is not isolated is told what is missing', () => {
  vi.stubGlobal('crossOriginIsolated', false)
  vi.stubGlobal('SharedArrayBuffer', undefined)
  expect(whyNotShared()).toContain('the page is not cross-origin isolated')
})

test('memory that a worker may not have is not shared', () => {
  vi.stubGlobal(
    'MessageChannel',
    class {
      port1 = {
        postMessage() {
          throw new Error('could not be cloned')
        },
      }
    },
  )
  expect(whyNotShared()).toContain('could not be cloned')
})
