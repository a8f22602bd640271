// TensorFlow.js for the race: its layers, on its WebAssembly and WebGL backends as far as they run here.
import * as tf from '@tensorflow/tfjs'

export { tf }
