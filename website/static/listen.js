// Sends what a microphone hears to the page, 512 samples at a time.
const length = 512

registerProcessor(
  'listen',
  class extends AudioWorkletProcessor {
    heard = new Float32Array(length)
    filled = 0

    process([[samples]]) {
      for (const sample of samples ?? []) {
        this.heard[this.filled++] = sample
        if (this.filled < length) continue
        this.port.postMessage(this.heard.slice())
        this.filled = 0
      }
      return true
    }
  },
)
