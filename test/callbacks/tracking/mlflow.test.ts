// Runs on a server of MLflow: a small server here that takes the requests as MLflow's REST interface has them. tools/check_mlflow.py does
// the same with the real one.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backupAndRestore, dense, loadModel, type MlflowOptions, mlflow, sequential, setSeed } from '../../../src'

interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
  readonly body: unknown
}

let server: Server
let uri: string
let requests: Request[]
/** What is answered in place of the usual, by the end of the path. */
let broken: Record<string, readonly [status: number, text: string]>

beforeEach(async () => {
  requests = []
  broken = {}
  let experiments = 0
  server = createServer((request, response) => {
    const parts: Uint8Array[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const bytes = new Uint8Array(Buffer.concat(parts))
      const isJson = headers['content-type'] === 'application/json'
      requests.push({
        method,
        path: url,
        headers,
        bytes,
        body: isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined,
      })
      const found = Object.entries(broken).find(([end]) => url.includes(end))
      const answer = (status: number, text: string): void => void response.writeHead(status).end(text)
      if (found !== undefined) return answer(...found[1])
      if (url.includes('get-by-name')) {
        if (experiments === 0)
          return answer(404, JSON.stringify({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'none' }))
        return answer(200, JSON.stringify({ experiment: { experiment_id: '7' } }))
      }
      if (url.endsWith('experiments/create')) {
        experiments++
        return answer(200, JSON.stringify({ experiment_id: '7' }))
      }
      if (url.endsWith('runs/create')) {
        return answer(
          200,
          JSON.stringify({ run: { info: { run_id: 'r1', artifact_uri: 'mlflow-artifacts:/7/r1/artifacts' } } }),
        )
      }
      answer(200, '{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  uri = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterEach(async () => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const net = () =>
  sequential([dense(1)], { inputShape: [2] }).compile({
    optimizer: 'sgd',
    learningRate: 0.5,
    loss: 'mse',
    backend: 'cpu',
  })
const x = [
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
]
const y = [[1], [2], [3], [0]]
const follow = (options: Partial<MlflowOptions> = {}) => mlflow({ uri, experiment: 'weather', ...options })
const paths = () => requests.map(({ method, path }) => `${method} ${path}`)
const bodies = (end: string) => requests.filter(({ path }) => path.endsWith(end)).map(({ body }) => body)

describe('mlflow', () => {
  test('makes the experiment and a run with parameters, metrics by epoch and the model', async () => {
    const model = net()
    const { history } = await model.fit(x, y, {
      epochs: 2,
      batchSize: 2,
      validationSplit: 0.5,
      verbose: 0,
      callbacks: [
        follow({ runName: 'first', params: { units: 1, tuned: true }, tags: { team: 'a' }, headers: { 'x-key': 'k' } }),
      ],
    })
    expect(paths()).toEqual([
      'GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=weather',
      'POST /api/2.0/mlflow/experiments/create',
      'POST /api/2.0/mlflow/runs/create',
      'POST /api/2.0/mlflow/runs/log-batch',
      'POST /api/2.0/mlflow/runs/log-batch',
      'POST /api/2.0/mlflow/runs/log-batch',
      'PUT /api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts/model/model.safetensors',
      'POST /api/2.0/mlflow/runs/update',
    ])
    expect(requests.every(({ headers }) => headers['x-key'] === 'k')).toBe(true)
    expect(bodies('experiments/create')).toEqual([{ name: 'weather' }])
    expect(bodies('runs/create')).toEqual([
      { experiment_id: '7', start_time: expect.any(Number), run_name: 'first', tags: [{ key: 'team', value: 'a' }] },
    ])
    const [params, ...epochs] = bodies('log-batch') as {
      params: unknown
      metrics: { key: string; value: number; step: number }[]
    }[]
    expect(params).toEqual({
      run_id: 'r1',
      params: Object.entries({ epochs: 2, steps: 1, learning_rate: 0.5, units: 1, tuned: true }).map(
        ([key, value]) => ({
          key,
          value: String(value),
        }),
      ),
    })
    for (const [epoch, { metrics }] of epochs.entries()) {
      expect(metrics.map(({ key, value, step }) => [key, value, step])).toEqual([
        ['loss', history.loss[epoch], epoch],
        ['val_loss', history.val_loss[epoch], epoch],
        ['learning_rate', 0.5, epoch],
      ])
    }
    expect(bodies('runs/update')).toEqual([{ run_id: 'r1', status: 'FINISHED', end_time: expect.any(Number) }])
    const artifact = requests.find(({ method }) => method === 'PUT')
    const kept = await loadModel(artifact?.bytes ?? new Uint8Array())
    expect((await kept.predict(x)).data).toEqual((await model.predict(x)).data)
  })

  test('another run of the same experiment makes none', async () => {
    for (let i = 0; i < 2; i++) await net().fit(x, y, { verbose: 0, callbacks: [follow({ model: false })] })
    expect(bodies('experiments/create')).toHaveLength(1)
    expect(bodies('runs/create')).toHaveLength(2)
    expect(paths().some((path) => path.startsWith('PUT'))).toBe(false)
  })

  test('sends a user and a password, and what is not finite as texts', async () => {
    const { host } = new URL(uri)
    const nan = {
      onEpochEnd: (_: number, logs: Record<string, number>) =>
        void Object.assign(logs, { a: Number.NaN, b: -Infinity }),
    }
    await net().fit(x, y, { verbose: 0, callbacks: [nan, mlflow({ uri: `http://me:s%40me@${host}/` })] })
    expect(requests[0].headers.authorization).toBe(`Basic ${btoa('me:s@me')}`)
    const [, { metrics }] = bodies('log-batch') as { metrics: { key: string; value: unknown }[] }[]
    expect(metrics.map(({ key, value }) => [key, value])).toEqual(
      expect.arrayContaining([
        ['a', 'NaN'],
        ['b', '-Infinity'],
      ]),
    )
  })

  test('a run that cannot be begun ends training before it begins', async () => {
    broken['runs/create'] = [403, JSON.stringify({ error_code: 'PERMISSION_DENIED', message: 'not you' })]
    const model = net()
    const before = await model.getWeights()
    await expect(model.fit(x, y, { verbose: 0, callbacks: [follow()] })).rejects.toThrow(
      /^mlflow: http.*runs\/create: the server answered 403: not you$/,
    )
    expect(await model.getWeights()).toEqual(before)
    await expect(net().fit(x, y, { verbose: 0, callbacks: [mlflow({ uri: 'http://127.0.0.1:1' })] })).rejects.toThrow(
      'mlflow: http://127.0.0.1:1: the server cannot be reached',
    )
  })

  test('a server that is away for a while is told of once, and gets what it missed', async () => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const away = {
      onEpochBegin(epoch: number) {
        broken = epoch === 1 || epoch === 2 ? { 'log-batch': [503, 'busy'] } : {}
      },
    }
    await net().fit(x, y, { epochs: 4, verbose: 0, callbacks: [away, follow()] })
    const told = said.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('mlflow'))
    expect(told).toEqual([expect.stringMatching(/the server answered 503: busy; training goes on\n$/)])
    const last = bodies('log-batch').at(-1) as { metrics: { key: string; step: number }[] }
    expect(last.metrics.filter(({ key }) => key === 'loss').map(({ step }) => step)).toEqual([1, 2, 3])
  })

  test('says why a model cannot be kept', async () => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    broken['runs/create'] = [200, JSON.stringify({ run: { info: { run_id: 'r', artifact_uri: 's3://bucket/7' } } })]
    await net().fit(x, y, { verbose: 0, callbacks: [follow()] })
    expect(said.mock.calls.map(([text]) => String(text)).join('')).toContain('got one that keeps them at s3://bucket/7')
  })

  test('a run that was killed goes on as the same run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hornbeam-mlflow-'))
    try {
      const run = async (killed: boolean): Promise<void> => {
        setSeed(1)
        const kill = {
          onEpochBegin: (epoch: number) => {
            if (killed && epoch === 2) throw new Error('killed')
          },
        }
        await net().fit(x, y, { epochs: 3, verbose: 0, callbacks: [follow(), kill, backupAndRestore(folder)] })
      }
      await expect(run(true)).rejects.toThrow('killed')
      await run(false)
      expect(bodies('runs/create')).toHaveLength(1)
      expect(bodies('runs/update')).toHaveLength(1)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each<[string, object, string]>([
    ['no URL', { uri: 'localhost:5000' }, "uri: expected a URL such as 'http://127.0.0.1:5000', got 'localhost:5000'"],
    ['an unknown option', { uri: 'http://x', experment: 'a' }, "unknown option 'experment'"],
    ['a parameter that is a list', { uri: 'http://x', params: { a: [] } }, 'params: a: expected a number, a text'],
    ['a tag that is a number', { uri: 'http://x', tags: { a: 1 } }, 'tags: expected a record of texts'],
    ['another format', { uri: 'http://x', model: 'c' }, "model: expected one of 'hornbeam', 'keras', 'onnx'"],
  ])('refuses %s', (_, options, message) => {
    expect(() => mlflow(options as MlflowOptions)).toThrow(message)
  })
})
