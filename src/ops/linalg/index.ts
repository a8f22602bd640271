// Linear algebra of small matrices, in batches: loops over rows and columns, with gradients.
export { det, inv, logdet, luFactor, slogdet, solve } from './elimination'
export { lstsq, qr } from './orthogonal'
export { eigh, matrixRank, pinv, type SvdOptions, svd, svdvals } from './spectral'
export { cholesky, choleskyInverse, type SolveTriangularOptions, solveTriangular } from './triangular'
