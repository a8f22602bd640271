// The editor of a code block, loaded when a visitor first edits one.
import { javascript } from '@codemirror/lang-javascript'
import { Prec } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'

interface Listener {
  /** Ctrl or Command and Enter. */
  run(): void
  change(text: string): void
}

export function openEditor(parent: HTMLElement, text: string, listener: Listener): { setText(text: string): void } {
  const runs = keymap.of([
    {
      key: 'Mod-Enter',
      run() {
        listener.run()
        return true
      },
    },
  ])
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      Prec.highest(runs),
      basicSetup,
      javascript({ typescript: true }),
      EditorView.contentAttributes.of({ 'aria-label': 'TypeScript code' }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) listener.change(state.doc.toString())
      }),
    ],
  })
  view.focus()
  return {
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
  }
}
