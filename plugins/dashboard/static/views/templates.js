import { html } from '../vendor/preact.js'

/** @param {import('../views.js').ViewProps} props */
export function Templates({ summary }) {
  return html`<p>${summary.health.words}</p>`
}
