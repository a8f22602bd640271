// remoteMonitor: what a server is sent, and that training goes on without one.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { dense, OptionError, type RemoteMonitorOptions, remoteMonitor, sequential } from '../../../src'

interface Received {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  vi.restoreAllMocks()
})

async function listen(received: Received[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    received.push({ url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() })
    response.end('thanks')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

async function trained(options: RemoteMonitorOptions) {
  const net = sequential([dense(1)], { inputShape: [1] }).compile({ loss: 'mse' })
  return net.fit([[1], [2]], [[1], [2]], { epochs: 2, verbose: 0, callbacks: [remoteMonitor(options)] })
}

test('each epoch is sent as a field of a form, as Keras sends it', async () => {
  const received: Received[] = []
  const { history } = await trained({ root: await listen(received) })
  expect(received.map(({ url }) => url)).toEqual(['/publish/epoch/end/', '/publish/epoch/end/'])
  expect(received[0].headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
  const logs = received.map(({ body }) => JSON.parse(new URLSearchParams(body).get('data') ?? ''))
  expect(logs).toEqual(history.loss.map((loss, epoch) => ({ epoch, loss })))
})

test('or as JSON, with headers, to another path', async () => {
  const received: Received[] = []
  const root = await listen(received)
  const { history } = await trained({ root, path: '/here', headers: { authorization: 'Bearer 1' }, sendAsJson: true })
  expect(received[1]).toMatchObject({ url: '/here', body: JSON.stringify({ epoch: 1, loss: history.loss[1] }) })
  expect(received[1].headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer 1' })
})

test('without a server training goes on, and that is said once', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  const root = await listen([])
  await new Promise((resolve) => servers.splice(0)[0].close(resolve))
  expect((await trained({ root })).epoch).toEqual([0, 1])
  expect(said.mock.calls.flat().filter((text) => String(text).includes('does not answer'))).toHaveLength(1)
})

test('what cannot be is refused', () => {
  const wrong: [RemoteMonitorOptions, RegExp][] = [
    [{ root: 'localhost' }, /root: expected a URL/],
    [{ path: 3 as never }, /path: expected a text/],
    [{ headers: { a: 1 as never } }, /headers: expected texts by name/],
    [{ sendAsJson: 'yes' as never }, /sendAsJson/],
    [{ url: '' } as never, /unknown option 'url'/],
  ]
  for (const [options, message] of wrong) {
    expect(() => remoteMonitor(options)).toThrow(OptionError)
    expect(() => remoteMonitor(options)).toThrow(message)
  }
})
