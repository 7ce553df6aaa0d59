import { query } from '../lib/api.js'
import { useGet } from '../lib/fetched.js'
import { navigate } from '../lib/navigate.js'
import { Age, Labels, Pill } from '../lib/parts.js'
import { linkTo } from '../lib/router.js'
import { ITEM_STATES, infoOf } from '../lib/states.js'
import { html, useEffect, useState } from '../vendor/preact.js'

/**
 * @typedef {import('../../../../src/core/snapshot.ts').ItemExplanation} Item
 * @typedef {import('../../../../src/loop/view-types.ts').TemplateView} Template
 */

const TYPING_MS = 200
const MOST = 6

/** Type a job or a label, read why. @param {{ summary: import('../lib/live.js').SummaryView, templates: readonly Template[] }} props */
export function WhyBox({ summary, templates }) {
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => {
      setAsked(text.trim())
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text])
  const got =
    /** @type {{ value: { total: number, items: readonly Item[] } | undefined, error: Error | undefined }} */ (
      useGet(asked === '' ? undefined : `queue${query({ q: asked, limit: MOST })}`)
    )
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault()
    const only = got.value?.total === 1 ? got.value.items[0] : undefined
    if (text.trim() !== '') navigate(linkTo('queue', { q: text.trim(), item: only?.itemId }))
  }
  return html`<section class="why" aria-labelledby="why-title">
    <form role="search" onSubmit=${onSubmit}>
      <label id="why-title" for="why">Why does my build wait?</label>
      <input id="why" type="search" placeholder="Job or label" autocomplete="off" spellcheck=${false} value=${text} data-testid="why-search" title="Press / to come here"
        onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) => setText(target.value)} />
    </form>
    <div aria-live="polite" data-testid="why-answer">
      ${asked !== '' && got.error && html`<p class="notice bad">${got.error.message}</p>`}
      ${asked !== '' && got.value && html`<${Answer} asked=${asked} found=${got.value} templates=${templates} jenkins=${summary.jenkins} />`}
    </div>
  </section>`
}

/** @param {{ asked: string, found: { total: number, items: readonly Item[] }, templates: readonly Template[], jenkins: import('../lib/live.js').SummaryView['jenkins'] }} props */
function Answer({ asked, found: { total, items }, templates, jenkins }) {
  const wanted = asked.toLowerCase()
  const labelled = templates.filter(({ labels }) => labels.some((label) => label.toLowerCase() === wanted))
  return html`
    ${labelled.map(
      (template) =>
        html`<p key=${template.template} class="why-template">Label <code class="chip">${asked}</code> is of template <a href=${linkTo('templates', { template: template.template })}>${template.template}</a>: ${template.words}.</p>`,
    )}
    ${
      total === 0
        ? html`<p class="why-none">No build in Jenkins’ queue matches “${asked}”. ${jenkins.reachable ? 'A build that is not in the queue does not wait for an agent: it runs, has ended, or was never started.' : `But Jenkins cannot be read: ${jenkins.error ?? 'it has not answered yet'}.`}
            ${labelled.length === 0 && html` Known labels: <${Labels} labels=${[...new Set(templates.flatMap(({ labels }) => labels))].slice(0, 30)} />`}</p>`
        : html`<ul class="why-items">${items.map(({ itemId, job, state, since, words }) => {
            const info = infoOf(ITEM_STATES, state)
            return html`<li key=${itemId}><div><a class="strong" href=${linkTo('queue', { q: asked, item: itemId })}>${job}</a> <${Pill} info=${info} /> ${since !== undefined && html`<span class="muted">for <${Age} since=${since} /></span>`}</div><div>${words}</div></li>`
          })}</ul>`
    }
    ${total > items.length && html`<p><a href=${linkTo('queue', { q: asked })}>All ${total.toLocaleString('en')} that match</a></p>`}`
}
