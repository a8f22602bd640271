// What stands in the head of the page: the link to this state, the scheme, the way to the documentation.
import { toAddress } from '../state/address'
import { h } from './dom'
import { lessonPicker } from './lesson'
import { facts } from './store'

export function links(place: HTMLElement): void {
  const share = h(
    'button',
    {
      className: 'plain',
      onClick: async () => {
        const address = `${location.href.split('#')[0]}#${await toAddress(facts.state)}`
        history.replaceState(null, '', address)
        const isCopied = await navigator.clipboard.writeText(address).then(
          () => true,
          () => false,
        )
        share.textContent = isCopied ? 'Link copied' : 'The link is in the address bar'
        setTimeout(() => {
          share.textContent = 'Copy link'
        }, 2000)
      },
    },
    'Copy link',
  )
  place.append(lessonPicker(), share, schemeButton())
}

/** Light or dark: as the system has it, or the other one. */
function schemeButton(): HTMLElement {
  const root = document.documentElement
  const isDark = (): boolean =>
    root.dataset.theme === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : root.dataset.theme === 'dark'
  return h(
    'button',
    {
      className: 'plain',
      title: 'Light or dark',
      'aria-label': 'Light or dark',
      onClick: () => {
        root.dataset.theme = isDark() ? 'light' : 'dark'
        dispatchEvent(new Event('themechange'))
      },
    },
    '◐',
  )
}
