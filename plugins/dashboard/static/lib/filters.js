import { html, useEffect, useState } from '../vendor/preact.js'
import { navigate } from './navigate.js'
import { linkWith } from './router.js'

/** @typedef {import('./router.js').Route} Route */

const TYPING_MS = 200

/**
 * Text to look for: stands in the address as `q`, a moment after the last key.
 * @param {{ readonly route: Route, readonly label: string, readonly placeholder: string }} props
 */
export function SearchBox({ route, label, placeholder }) {
  const asked = route.params.get('q') ?? ''
  const [text, setText] = useState(asked)
  useEffect(() => {
    setText((before) => (before.trim() === asked ? before : asked))
  }, [asked])
  useEffect(() => {
    if (text.trim() === asked) return
    const timer = setTimeout(() => {
      navigate(linkWith(route, { q: text.trim() }), { replace: true })
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text])
  return html`<input type="search" class="search" aria-label=${label} placeholder=${placeholder} title="Press / to come here" value=${text}
    onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => setText(event.target.value)} autocomplete="off" spellcheck=${false} data-testid="search" />`
}

/**
 * One of some, or all: a menu, for many of them.
 * @param {{ readonly route: Route, readonly name: string, readonly label: string, readonly all: string, readonly options: readonly { readonly value: string, readonly words: string }[] }} props
 */
export function Choice({ route, name, label, all, options }) {
  const chosen = route.params.get(name) ?? ''
  const known = chosen === '' || options.some(({ value }) => value === chosen)
  return html`<label class="choice"><span class="visually-hidden">${label}</span>
    <select value=${chosen} data-testid=${`filter-${name}`} onChange=${(/** @type {{ target: HTMLSelectElement }} */ { target }) => navigate(linkWith(route, { [name]: target.value }))}>
      <option value="">${all}</option>
      ${!known && html`<option value=${chosen}>${chosen}</option>`}
      ${options.map(({ value, words }) => html`<option key=${value} value=${value}>${words}</option>`)}
    </select></label>`
}

/**
 * Any of a few, each with its number: buttons that are on or off. What is there no more stays while it is on.
 * @param {{ readonly route: Route, readonly name: string, readonly label: string, readonly options: readonly { readonly value: string, readonly words: string, readonly count: number, readonly title?: string }[] }} props
 */
export function Toggles({ route, name, label, options }) {
  const on = route.params.getAll(name)
  const shown = options.filter(({ value, count }) => count > 0 || on.includes(value))
  if (shown.length === 0) return null
  return html`<div class="toggles" role="group" aria-label=${label}>
    ${shown.map(({ value, words, count, title }) => {
      const isOn = on.includes(value)
      const next = isOn ? on.filter((one) => one !== value) : [...on, value]
      return html`<button key=${value} type="button" class="toggle" aria-pressed=${isOn} title=${title} onClick=${() => navigate(linkWith(route, { [name]: next }))} data-value=${value}>
        ${words} <span class="badge">${count.toLocaleString('en')}</span></button>`
    })}
  </div>`
}
