import { html } from '../vendor/preact.js'

/** @param {import('../views.js').ViewProps} props */
export function Hosts({ summary }) {
  return html`<p>${summary.health.words}</p>`
}
