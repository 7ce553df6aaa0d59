import { html, useLayoutEffect, useRef } from '../vendor/preact.js'

/** @typedef {import('../vendor/preact.js').Child} Child */

/**
 * A modal dialog: the rest of the page is out of reach while it is there, Escape closes it, and the focus returns to
 * where it was. It is open as long as it is rendered.
 *
 * @param {object} props
 * @param {string} props.name of its parts: `NAME-words` describes it
 * @param {string} props.title what it asks
 * @param {() => void} props.onClose asked for by Escape
 * @param {boolean} [props.grave]
 * @param {Child} props.children
 */
export function Dialog({ name, title, onClose, grave = false, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const close = useRef(onClose)
  close.current = onClose

  const gone = useRef(false)

  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      gone.current = true
      element?.close()
      giveFocusBack(before)
    }
  }, [])

  /** @param {Event} event */
  const onCancel = (event) => {
    if (event.target !== dialog.current) return
    event.preventDefault() // it goes when it is rendered no more
    close.current()
  }
  // A browser closes it on a second Escape whatever the page says.
  const onClosed = () => {
    if (!gone.current) close.current()
  }
  return html`<dialog ref=${dialog} class=${grave ? 'dialog dialog-grave' : 'dialog'} aria-labelledby=${`${name}-title`}
    aria-describedby=${`${name}-words`} onCancel=${onCancel} onClose=${onClosed}>
    <h2 id=${`${name}-title`}>${title}</h2>
    ${children}
  </dialog>`
}

/**
 * What was focused may be gone by now, as rows of lists come and go: then the page's content is next.
 *
 * @param {Element | null} before
 */
function giveFocusBack(before) {
  const there = before instanceof HTMLElement && before.isConnected && before !== document.body
  const next = there ? before : document.querySelector('main')
  if (next instanceof HTMLElement) {
    if (!there && !next.hasAttribute('tabindex')) next.tabIndex = -1
    next.focus({ preventScroll: !there })
  }
}
