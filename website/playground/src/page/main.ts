// The page: panels in their places, the state from the address and back into it.
import { fromAddress, toAddress } from '../state/address'
import { code } from './code'
import { forgetColors } from './colors'
import { byId, whenResized } from './dom'
import { formula } from './formula'
import { gradient } from './gradient'
import { inside } from './inside'
import { knobs } from './knobs'
import { lessonPanel } from './lesson'
import { links } from './links'
import { pokePanel } from './poke'
import { race } from './race'
import { facts, set, start, tell, weights, when } from './store'
import { transport } from './transport'
import { writer } from './writer'

/** How long the address may lie behind, in milliseconds: browsers take only some changes a second. */
const patience = 400

let written = ''
let isWaiting = false

async function writeAddress(): Promise<void> {
  isWaiting = false
  const address = await toAddress(facts.state)
  if (address === written) return
  written = address
  history.replaceState(null, '', `#${address}`)
}

function scheme(): void {
  forgetColors()
  tell('theme')
}

async function open(): Promise<void> {
  lessonPanel(byId('lesson'))
  transport(byId('transport'))
  knobs(byId('knobs'))
  race(byId('race'))
  inside(byId('inside'))
  gradient(byId('gradient'))
  pokePanel(byId('poke'))
  formula(byId('formula'))
  writer(byId('writer'))
  code(byId('code'))
  links(byId('links'))
  when(['state', 'course'], () => {
    if (!isWaiting) setTimeout(writeAddress, patience)
    isWaiting = true
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', scheme)
  addEventListener('themechange', scheme)
  const drawAnew = () => tell('theme', 'state', 'course', 'seen', 'checked')
  addEventListener('resize', drawAnew)
  whenResized(drawAnew)
  addEventListener('hashchange', () => {
    if (location.hash !== `#${written}`) location.reload()
  })
  written = location.hash.slice(1)
  start(await fromAddress(location.hash))
}

// For whoever looks with the browser's console, and for the tests.
Reflect.set(globalThis, 'playground', { facts, set, weights, address: () => toAddress(facts.state) })

void open()
