import { startLive } from './lib/live.js'
import { Shell } from './shell.js'
import { html, render } from './vendor/preact.js'

startLive()
const root = document.querySelector('#app')
if (root !== null) {
  root.replaceChildren()
  render(html`<${Shell} />`, root)
}
