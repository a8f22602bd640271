// The script in a page.
import { perform } from './perform'

const fail = (error: unknown): unknown => fetch('/failed', { method: 'POST', body: String(error) })
addEventListener('error', ({ message }) => fail(message))
addEventListener('unhandledrejection', ({ reason }) => fail(reason))
perform(location.origin).catch(fail)
