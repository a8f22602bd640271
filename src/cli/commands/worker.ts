// A worker of a study that several processes share.
import { command } from '../command'
import { onStopSignal } from '../stopSignals'

export const worker = command({
  name: 'worker',
  says: 'Works on a study of search, beside as many other workers as wanted.',
  takes: 'MODULE',
  count: [1, 1],
  options: {
    storage: { kind: 'text', value: 'URL', says: 'where the study is: a file, or redis://host:port' },
    study: { kind: 'text', value: 'NAME', says: "its name there; 'hornbeam' by default" },
    grace: {
      kind: 'number',
      value: 'SECONDS',
      says: 'how long after its last sign of life a worker is dead; 60 by default',
    },
  },
  more: `MODULE exports build, a function from parameters to { model, x, y, fit } or a score, as for search. With space, and perhaps options
(trials, epochs, objective ...), it begins the study itself; else a search must have begun it. A worker that is killed leaves at
most one trial behind, which another takes up again. Ctrl-C gives the trial back.`,
  examples: [
    ['hornbeam worker trial.js --storage study.log', 'one of the workers on this machine'],
    ['hornbeam worker trial.js --storage redis://10.0.0.5:6379 --study forecast', 'one on any machine'],
  ],
  async run([module], { storage, study, grace }, output) {
    const [{ runWorker }, { OptionError }] = await Promise.all([import('../../search'), import('../../errors')])
    if (storage === undefined) throw new OptionError('worker: storage: expected a file or redis://host:port, got none')
    const controller = new AbortController()
    const stop = (): void => controller.abort(stopped)
    const stopped = new Error('worker: stopped')
    const forget = onStopSignal(stop)
    try {
      const { trained } = await runWorker({
        module,
        storage,
        ...(study === undefined ? {} : { study }),
        ...(grace === undefined ? {} : { grace }),
        signal: controller.signal,
        onTrial({ trial, parameters, score, epochs, status, error }) {
          const told = error ?? `${score ?? 'no finite number'} after ${epochs} epoch${epochs === 1 ? '' : 's'}`
          output.print(`trial ${trial}: ${told} (${status}) ${JSON.stringify(parameters)}`)
        },
      })
      output.note(`the study is done; trained here: ${trained}`)
    } catch (error) {
      if (error !== stopped) throw error
      output.note('stopped; the trial was given back')
    } finally {
      forget()
    }
  },
})
