// Successive halving (Jamieson and Talwalkar, 2016, "Non-stochastic best arm identification and hyperparameter optimization",
// figure 3; with the rungs of Hyperband, Li et al., 2018): many trials a little, the better ones more.

/** So many trials, each trained until it has had so many epochs. */
export interface Rung {
  readonly trials: number
  readonly epochs: number
}

/**
 * The rungs: each has `1 / reduction` of the trials of the one before, and `reduction` times its epochs; the last trains
 * to `epochs`. There are as many as fit between `minEpochs` and `epochs`, and as there are trials for.
 */
export function halvingRungs(trials: number, epochs: number, minEpochs: number, reduction: number): Rung[] {
  let last = 0
  while (epochs / reduction ** (last + 1) >= minEpochs && trials / reduction ** (last + 1) >= 1) last++
  return Array.from({ length: last + 1 }, (_, rung) => ({
    trials: Math.floor(trials / reduction ** rung),
    epochs: Math.round(epochs / reduction ** (last - rung)),
  }))
}
