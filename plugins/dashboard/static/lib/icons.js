import { html } from '../vendor/preact.js'

/** @typedef {'ok' | 'warn' | 'bad' | 'info' | 'off'} Tone */

/** Each tone has a shape of its own: colour is never all that tells. @type {Readonly<Record<Tone, string>>} */
const SHAPES = {
  ok: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.1-4.2 5a.8.8 0 0 1-1.2 0L4.4 9.2a.8.8 0 1 1 1.2-1l1.2 1.2 3.6-4.3a.8.8 0 1 1 1.2 1Z',
  warn: 'M8.9 1.9a1 1 0 0 0-1.8 0L.9 13.5A1 1 0 0 0 1.8 15h12.4a1 1 0 0 0 .9-1.5L8.9 1.9ZM8 5.5c.5 0 .9.4.8.9l-.3 3.7a.5.5 0 0 1-1 0l-.3-3.7c0-.5.3-.9.8-.9Zm0 7.6a.9.9 0 1 1 0-1.8.9.9 0 0 1 0 1.8Z',
  bad: 'M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2L5.2 1Zm.5 4.7a.8.8 0 0 0 0 1.1L6.9 8 5.7 9.2a.8.8 0 1 0 1.1 1.1L8 9.1l1.2 1.2a.8.8 0 1 0 1.1-1.1L9.1 8l1.2-1.2a.8.8 0 1 0-1.1-1.1L8 6.9 6.8 5.7a.8.8 0 0 0-1.1 0Z',
  info: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 3a1 1 0 1 1 0 2 1 1 0 0 1 0-2Zm1 8.2a.8.8 0 0 1-1.8 0V8.3a.8.8 0 1 1 1.8 0v3.9Z',
  off: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-3 6.2h6a.8.8 0 0 1 0 1.6H5a.8.8 0 0 1 0-1.6Z',
}

/** @param {{ readonly tone: Tone }} props */
export function Icon({ tone }) {
  return html`<svg class=${`icon tone-${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d=${SHAPES[tone]} /></svg>`
}
