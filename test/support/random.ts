// Random testing, the same in every run, so that a failure is one of the change at hand; HORNBEAM_SEED=... draws other examples.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.HORNBEAM_SEED ?? 1) })

export { fc }
