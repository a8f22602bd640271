// What a page has instead of files: a database of its own, and downloads.
import { BackendError, OptionError } from '../errors'

const databaseName = 'hornbeam'
const storeName = 'files'

/** The bytes kept under a name. @throws OptionError when there are none. */
export async function readFromDatabase(name: string): Promise<Uint8Array> {
  const found = await findInDatabase(name)
  if (found !== undefined) return found
  const names = (await inStore('readonly', (store) => store.getAllKeys())).join(', ')
  throw new OptionError(`indexeddb://${name}: there is nothing under this name; there is ${names || 'none at all'}`)
}

/** Keeps bytes under a name, in place of what was there: in one transaction, so all of them or none. */
export async function writeToDatabase(name: string, bytes: Uint8Array): Promise<void> {
  await inStore('readwrite', (store) => store.put(bytes, name))
}

/** The bytes kept under a name; undefined where there are none. */
export async function findInDatabase(name: string): Promise<Uint8Array | undefined> {
  const found = await inStore('readonly', (store) => store.get(name))
  return found instanceof Uint8Array ? found : undefined
}

/** Forgets what is kept under a name, if there is something. */
export async function removeFromDatabase(name: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(name))
}

/** Offers bytes to the user as a file to be saved. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then; kept any longer the memory would never be freed.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

async function inStore<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(storeName, mode)
      const request = ask(transaction.objectStore(storeName))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(failed(transaction.error))
      transaction.onerror = () => reject(failed(transaction.error))
    })
  } finally {
    database.close()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(storeName)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failed(request.error))
    request.onblocked = () => reject(failed(null))
  })
}

function failed(cause: DOMException | null): BackendError {
  return new BackendError(`indexeddb: ${cause?.message || 'the database could not be used'}`, { cause })
}
