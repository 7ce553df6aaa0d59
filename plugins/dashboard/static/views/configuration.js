import { ActionButton } from '../lib/action-buttons.js'
import { useGet } from '../lib/fetched.js'
import { navigate } from '../lib/navigate.js'
import { linkWith } from '../lib/router.js'
import { html, useMemo, useState } from '../vendor/preact.js'

/**
 * @typedef {import('../../../../src/loop/view-types.ts').ConfigurationView} View
 * @typedef {import('../../../../src/loop/view-types.ts').SettingView} Setting
 */

/** That the API takes. */
const LEVELS = ['error', 'warn', 'info', 'debug']

/** @type {Readonly<Record<Setting['source'], string>>} */
const SOURCES = { environment: 'environment', file: 'file', default: 'default', import: 'import', pod: 'pod' }

/**
 * What is in effect, where it comes from, and what is wrong with it.
 *
 * @param {import('../views.js').ViewProps} props
 */
export function Configuration({ route }) {
  const { value, error } = /** @type {{ value: View | undefined, error: Error | undefined }} */ (
    useGet('configuration')
  )
  if (value === undefined)
    return html`<p role=${error === undefined ? undefined : 'alert'}>${error?.message ?? 'Loading…'}</p>`
  return html`<div class="view-head"><h1>Configuration</h1></div><div class="configuration">
    ${error !== undefined && html`<p class="configuration-stale" role="alert">${error.message}</p>`}
    ${
      value.mistakes.length > 0 &&
      html`<section class="configuration-mistakes" aria-labelledby="configuration-mistakes">
        <h2 id="configuration-mistakes">A changed configuration is not used</h2>
        <p>What is shown below stays in effect until these are mended:</p>
        <ul>${value.mistakes.map((words) => html`<li key=${words}>${words}</li>`)}</ul>
      </section>`
    }
    ${
      value.warnings.length > 0 &&
      html`<section class="configuration-warnings" aria-labelledby="configuration-warnings">
        <h2 id="configuration-warnings">Warnings</h2>
        <ul>${value.warnings.map((words) => html`<li key=${words}>${words}</li>`)}</ul>
      </section>`
    }
    <${Settings} settings=${value.settings} route=${route} />
    <section aria-labelledby="configuration-templates">
      <div class="configuration-head">
        <h2 id="configuration-templates">Templates in effect</h2>
        <${ActionButton} asked=${{ action: 'reload' }} label="Read templates again…" />
      </div>
      ${
        value.files.length > 0
          ? html`<p>Read again by themselves when they change: ${value.files.map((file, nth) => html`${nth > 0 && ', '}<code key=${file}>${file}</code>`)}</p>`
          : html`<p>They come from no file: nothing is watched.</p>`
      }
      ${value.templates.trim() === '' ? html`<p>There is no template.</p>` : html`<${Yaml} text=${value.templates} />`}
    </section>
    <${LogLevel} level=${value.logLevel} />
  </div>`
}

/** @param {{ settings: readonly Setting[], route: import('../lib/router.js').Route }} props */
function Settings({ settings, route: here }) {
  const q = here.params.get('q') ?? ''
  const given = here.params.get('given') === 'yes'
  const shown = settings.filter((setting) => (!given || setting.source !== 'default') && holds(setting, q))
  /** @param {Record<string, string>} changes */
  const change = (changes) => navigate(linkWith(here, changes), { replace: true })
  return html`<section aria-labelledby="configuration-settings">
    <h2 id="configuration-settings">Settings</h2>
    <div class="configuration-tools">
      <label class="field">Find <input type="search" value=${q}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => change({ q: currentTarget.value })} /></label>
      <label class="check"><input type="checkbox" checked=${given} onChange=${() => change({ given: given ? '' : 'yes' })} />
        Only what is not the default</label>
      <span role="status">${shown.length} of ${settings.length}</span>
    </div>
    ${
      shown.length === 0
        ? html`<p>No setting is like that.</p>`
        : html`<table class="settings">
            <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">From</th><th scope="col">What it is</th></tr></thead>
            <tbody>${shown.map((setting) => html`<${SettingRow} key=${setting.name} setting=${setting} />`)}</tbody>
          </table>`
    }
  </section>`
}

/** @param {{ setting: Setting }} props */
function SettingRow({ setting: { name, value, source, secret, description } }) {
  return html`<tr class=${source === 'default' ? undefined : 'setting-given'}>
    <th scope="row"><code>${name}</code></th>
    <td>${secretWords(secret, value) ?? (value === undefined || value === '' ? html`<span class="faint">not set</span>` : html`<code>${value}</code>`)}</td>
    <td><span class=${source === 'default' ? 'faint' : 'setting-source'}>${SOURCES[source]}</span></td>
    <td>${withCode(description)}</td>
  </tr>`
}

/** What stands between backticks is code. @param {string} text */
function withCode(text) {
  return text.split('`').map((part, nth) => (nth % 2 === 0 ? part : html`<code>${part}</code>`))
}

/** Of a secret the page says only whether there is one. @param {boolean} secret @param {string | undefined} value */
function secretWords(secret, value) {
  if (!secret) return undefined
  return value === undefined || value === '' ? html`<span class="faint">not set</span>` : html`<em>set (hidden)</em>`
}

/** @param {Setting} setting @param {string} q */
function holds({ name, value = '', secret, description }, q) {
  const words = q.toLowerCase().split(/\s+/)
  const text = `${name}\n${secret ? '' : value}\n${description}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Plain text that can be marked and copied, with keys and comments told apart. @param {{ text: string }} props */
function Yaml({ text }) {
  const lines = useMemo(() => text.split('\n').map(yamlLine), [text])
  return html`<pre class="yaml" tabindex="0" role="region" aria-label="Templates as YAML"><code>${lines}</code></pre>`
}

/** @param {string} line */
function yamlLine(line) {
  if (/^\s*#/.test(line)) return html`<span class="yaml-comment">${line}</span>${'\n'}`
  const key = /^(\s*(?:- )*)("[^"]*"|[\w.\-/@]+)(:(?:\s|$))(.*)$/.exec(line)
  if (key === null) return html`${line}${'\n'}`
  return html`${key[1]}<span class="yaml-key">${key[2]}</span>${key[3]}${key[4]}${'\n'}`
}

/** @param {{ level: string }} props */
function LogLevel({ level }) {
  const [wanted, setWanted] = useState(/** @type {string | undefined} */ (undefined))
  const chosen = wanted ?? level
  return html`<section aria-labelledby="configuration-log">
    <h2 id="configuration-log">Log</h2>
    <div class="configuration-tools">
      <label class="field">Level <select value=${chosen}
        onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => setWanted(currentTarget.value)}>
        ${[...(LEVELS.includes(level) ? [] : [level]), ...LEVELS].map((name) => html`<option key=${name} value=${name} selected=${name === chosen}>${name}${name === level ? ' (now)' : ''}</option>`)}
      </select></label>
      <${ActionButton} asked=${{ action: 'log-level', level: chosen, was: level }} label="Change…" name="Change the log level" disabled=${chosen === level} />
    </div>
  </section>`
}
