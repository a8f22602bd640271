// Forms for the functions that a program exports: a line of text, a field to draw in, a microphone.
import { button, element, picture } from './elements'
import type { Exported, FromWorker } from './talk'

const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

/** A form that calls a function of the program as its visitor types or draws. */
export function tryOut(worker: Worker, { name, takes }: Exported): HTMLElement {
  const form = element('div', 'run-try')
  const label = document.createElement('label')
  const words = document.createElement('span')
  words.textContent = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const answer = element('div', 'run-answer')
  answer.setAttribute('role', 'status')
  let latest = 0
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind !== 'answer' || data.id !== latest) return
    if (data.svg === undefined) answer.textContent = data.text ?? ''
    else answer.replaceChildren(picture(data.svg))
  })
  const ask = (given: unknown) => {
    latest = ++asked
    worker.postMessage({ kind: 'call', id: latest, name, given })
  }
  if (takes === 'strokes') label.append(words, drawing(ask))
  else if (takes === 'sound') {
    answer.removeAttribute('role') // thirty times a second is not to be read out
    label.append(words, listening(ask, answer))
  } else {
    const input = document.createElement('input')
    input.type = 'text'
    input.placeholder = takes === '' ? '' : `type ${/^[aeiou]/.test(takes) ? 'an' : 'a'} ${takes}`
    input.addEventListener('input', () => ask(input.value))
    label.append(words, input)
  }
  form.append(label, answer)
  return form
}
let asked = 0

type Stroke = (readonly [number, number])[]

/** A field to draw in; gives the strokes with places from 0 to 1 after each. */
function drawing(ask: (strokes: readonly Stroke[]) => void): HTMLElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 240
  const context = canvas.getContext('2d')
  let strokes: Stroke[] = []
  const place = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return [(event.clientX - left) / width, (event.clientY - top) / height]
  }
  const redraw = () => {
    if (context === null) return
    context.clearRect(0, 0, canvas.width, canvas.height)
    context.strokeStyle = getComputedStyle(canvas).color
    context.lineWidth = 12
    context.lineCap = context.lineJoin = 'round'
    for (const stroke of strokes) {
      context.beginPath()
      for (const [x, y] of stroke) context.lineTo(x * canvas.width, y * canvas.height)
      context.stroke()
    }
  }
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    strokes.push([place(event)])
    redraw()
  })
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) return
    strokes.at(-1)?.push(place(event))
    redraw()
  })
  canvas.addEventListener('pointerup', () => ask(strokes))
  const clear = button('Clear', 'clear')
  clear.addEventListener('click', () => {
    strokes = []
    redraw()
  })
  const box = element('div', 'run-drawing')
  box.append(canvas, clear)
  return box
}

/** A button that turns the microphone on and off; gives 512 samples at a time, of 16,000 a second. */
function listening(ask: (sound: Float32Array) => void, answer: HTMLElement): HTMLElement {
  const made = button('Listen', 'listen')
  let stop: (() => void) | undefined
  const listen = async (): Promise<() => void> => {
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
    const context = new AudioContext({ sampleRate: 16_000 })
    const end = () => {
      for (const track of microphone.getTracks()) track.stop()
      void context.close()
    }
    try {
      await context.audioWorklet.addModule(`${base}listen.js`)
      const node = new AudioWorkletNode(context, 'listen')
      node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
        if (made.isConnected) ask(data)
        else end()
      }
      context.createMediaStreamSource(microphone).connect(node)
    } catch (error) {
      end()
      throw error
    }
    return end
  }
  made.addEventListener('click', async () => {
    if (stop !== undefined) {
      stop()
      stop = undefined
      made.textContent = 'Listen'
      return
    }
    made.disabled = true
    try {
      stop = await listen()
      made.textContent = 'Stop listening'
    } catch (error) {
      answer.textContent = `The microphone cannot be heard: ${error instanceof Error ? error.message : String(error)}`
    }
    made.disabled = false
  })
  return made
}
