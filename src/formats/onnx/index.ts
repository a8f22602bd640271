// ONNX files: models go out as graphs of ONNX' operators. Imports models, steps, graphs, ops; loaded when first used.
export { type OnnxOptions, writeOnnx } from './write'
