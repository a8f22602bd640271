// A run on a server of MLflow, by its REST interface (version 2.0, which MLflow 2 and 3 have).
import { BackendError, OptionError } from '../../errors'

/** A value of a metric at a step. */
export interface Measured {
  readonly key: string
  readonly value: number
  /** In milliseconds. */
  readonly timestamp: number
  readonly step: number
}

/** A run, as other calls name it. */
export interface RunAddress {
  readonly id: string
  /** Where its artifacts lie. */
  readonly artifacts: string
}

/** What the server takes in one call. */
const mostMetrics = 1000
const mostParams = 100

/** The server. */
export class MlflowClient {
  private readonly base: string
  private readonly headers: Readonly<Record<string, string>>

  /** @param uri - where it is; a user and password in it are sent as such. */
  constructor(uri: string, headers: Readonly<Record<string, string>>) {
    const url = new URL(uri)
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    this.headers = login === ':' ? headers : { authorization: `Basic ${btoa(login)}`, ...headers }
    url.username = ''
    url.password = ''
    this.base = url.href.replace(/\/+$/, '')
  }

  /** Begins a run in an experiment, which is made where there is none of its name. */
  async begin(
    experiment: string,
    name: string | undefined,
    tags: Readonly<Record<string, string>>,
  ): Promise<RunAddress> {
    const id = (await this.experimentNamed(experiment)) ?? (await this.makeExperiment(experiment))
    const { run } = await this.post<{ run: { info: { run_id: string; artifact_uri: string } } }>('runs/create', {
      experiment_id: id,
      start_time: Date.now(),
      ...(name === undefined ? {} : { run_name: name }),
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    })
    return { id: run.info.run_id, artifacts: run.info.artifact_uri }
  }

  /** What the run is made with. */
  async params(run: RunAddress, params: Readonly<Record<string, unknown>>): Promise<void> {
    const all = Object.entries(params).map(([key, value]) => ({ key, value: String(value) }))
    for (let at = 0; at < all.length; at += mostParams) {
      await this.post('runs/log-batch', { run_id: run.id, params: all.slice(at, at + mostParams) })
    }
  }

  /** Numbers of the run. */
  async metrics(run: RunAddress, metrics: readonly Measured[]): Promise<void> {
    // JSON has no word for what is not finite; Protocol Buffers' JSON, which this is, has texts.
    const all = metrics.map((each) => ({
      ...each,
      value: Number.isFinite(each.value) ? each.value : String(each.value),
    }))
    for (let at = 0; at < all.length; at += mostMetrics) {
      await this.post('runs/log-batch', { run_id: run.id, metrics: all.slice(at, at + mostMetrics) })
    }
  }

  /** A file of the run. @throws OptionError where the server does not take files itself. */
  async artifact(run: RunAddress, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const [, folder] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(run.artifacts) ?? []
    if (folder === undefined) {
      throw new OptionError(
        `mlflow: model: expected a server that takes files itself (mlflow server --serve-artifacts), got one that keeps them at ${run.artifacts}`,
      )
    }
    await this.call('PUT', `mlflow-artifacts/artifacts/${folder}/${path}`, bytes)
  }

  /** The end of the run, in the good way. */
  async end(run: RunAddress): Promise<void> {
    await this.post('runs/update', { run_id: run.id, status: 'FINISHED', end_time: Date.now() })
  }

  private async experimentNamed(name: string): Promise<string | undefined> {
    const query = new URLSearchParams({ experiment_name: name })
    const found = await this.call('GET', `mlflow/experiments/get-by-name?${query}`, undefined, [404])
    return (found as { experiment?: { experiment_id: string } }).experiment?.experiment_id
  }

  private async makeExperiment(name: string): Promise<string> {
    return (await this.post<{ experiment_id: string }>('experiments/create', { name })).experiment_id
  }

  private async post<T>(call: string, body: object): Promise<T> {
    return (await this.call('POST', `mlflow/${call}`, JSON.stringify(body))) as T // as MLflow's documentation says
  }

  /** What the server answers; an empty record for an answer of the given kinds. @throws BackendError for any other that is no success. */
  private async call(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    fine: readonly number[] = [],
  ): Promise<unknown> {
    const url = `${this.base}/api/2.0/${path}`
    const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
    const answer = await fetch(url, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
      throw new BackendError(`mlflow: ${this.base}: the server cannot be reached: ${reason}`, { cause })
    })
    const text = await answer.text()
    if (fine.includes(answer.status)) return {}
    if (!answer.ok) throw new BackendError(`mlflow: ${url}: the server answered ${answer.status}: ${messageIn(text)}`)
    return text === '' ? {} : JSON.parse(text)
  }
}

/** What an answer says is wrong: MLflow's message, or the beginning of whatever it is. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text)
    return String(message)
  } catch {
    return text.slice(0, 200)
  }
}
