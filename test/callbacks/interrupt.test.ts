// Ctrl-C while a model trains in a terminal.
import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { stopOnInterrupt } from '../../src/callbacks'

function terminal(isTTY = true) {
  const written: string[] = []
  return { written, stream: { isTTY, write: (text: string) => void written.push(text) } }
}

describe('Ctrl-C on a terminal', () => {
  test('stops training in the good way, once: the next one is for the program', () => {
    const signals = new EventEmitter()
    const { stream, written } = terminal()
    const host = { stopTraining: false }
    stopOnInterrupt(host, stream, signals)
    expect(signals.emit('SIGINT')).toBe(true)
    expect(host.stopTraining).toBe(true)
    expect(written.join('')).toContain('Ctrl-C once more ends the program')
    // Nobody listens any more, so that Node ends the program.
    expect(signals.emit('SIGINT')).toBe(false)
  })

  test('is left alone once training has ended', () => {
    const signals = new EventEmitter()
    stopOnInterrupt({ stopTraining: false }, terminal().stream, signals)()
    expect(signals.listenerCount('SIGINT')).toBe(0)
  })

  test('is left to a program that listens to it, and where there is no terminal', () => {
    const host = { stopTraining: false }
    const listened = new EventEmitter().on('SIGINT', () => undefined)
    stopOnInterrupt(host, terminal().stream, listened)
    expect(listened.listenerCount('SIGINT')).toBe(1)
    const signals = new EventEmitter()
    stopOnInterrupt(host, terminal(false).stream, signals)
    expect(signals.listenerCount('SIGINT')).toBe(0)
  })
})
