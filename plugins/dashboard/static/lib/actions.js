import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { ApiError, post } from './api.js'
import { Dialog } from './dialog.js'
import { refusalOf, requestOf, sentence } from './outcomes.js'
import { isCount, mostAgents, questionOf } from './questions.js'
import { session } from './session.js'
import { openSignIn, SignIn, whoCalls } from './sign-in.js'
import { Store, useStore } from './store.js'

/**
 * Actions of an operator: one dialog that asks, and one place that says what happened. The dialog
 * stands beside the views, so that it stays when the row that opened it goes.
 *
 * @typedef {import('./questions.js').Asked} Asked
 * @typedef {import('./sign-in.js').Caller} Caller
 * @typedef {{ readonly ok: boolean, readonly words: string, readonly mistakes?: readonly string[] }} Told
 */

/** @type {Store<Asked | undefined>} */
const asking = new Store(/** @type {Asked | undefined} */ (undefined))

/** @type {Store<Told | undefined>} */
const told = new Store(/** @type {Told | undefined} */ (undefined))

/**
 * Opens the dialog that asks before it does.
 *
 * @param {Asked} asked
 */
export function ask(asked) {
  told.set(undefined) // the same words are told again only if they went
  asking.set(asked)
}

/** The dialog and what became of the last action. */
function Actions() {
  const asked = useStore(asking)
  const last = useStore(told)
  return html`<div class="told" role="status" aria-live="polite">
      ${
        last !== undefined &&
        html`<div class=${last.ok ? 'told-words told-done' : 'told-words told-failed'}>
          <p><strong>${last.ok ? 'Done.' : 'Not done.'}</strong> ${last.words}</p>
          <button type="button" onClick=${dismiss}>Dismiss</button>
        </div>`
      }
    </div>
    ${asked !== undefined && html`<${AskDialog} key=${JSON.stringify(asked)} asked=${asked} />`}`
}

/** The button goes with the words: the focus needs another place. */
function dismiss() {
  told.set(undefined)
  document.querySelector('main')?.focus({ preventScroll: true })
}

/** @param {{ asked: Asked }} props */
function AskDialog({ asked: first }) {
  const [asked, setAsked] = useState(first)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState(/** @type {Told | undefined} */ (undefined))
  const caller = useCaller()
  const gone = useRef(false)
  const sent = useRef(false)
  useEffect(
    () => () => {
      gone.current = true
    },
    [],
  )
  const { title, follows, yes, grave } = questionOf(asked)
  const wrong = whyNotNow(asked)
  const stopped = busy || wrong !== undefined || caller.value?.mayAct !== true

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault()
    if (stopped || sent.current) return // the second click may come before the button is drawn anew
    sent.current = true
    setBusy(true)
    setProblem(undefined)
    const outcome = await act(asked)
    if (outcome.ok || gone.current) {
      told.set(outcome)
      if (!gone.current) asking.set(undefined)
      return
    }
    sent.current = false
    setBusy(false)
    setProblem(outcome)
  }
  return html`<${Dialog} name="ask" title=${title} grave=${grave} onClose=${() => asking.set(undefined)}>
    <form class="dialog-form" onSubmit=${submit} aria-busy=${busy ? 'true' : undefined}>
      <div id="ask-words">${follows.map((line) => html`<p key=${line}>${line}</p>`)}</div>
      ${
        asked.action === 'provision' &&
        html`<${HowMany} asked=${asked} wrong=${wrong} onChange=${(/** @type {number} */ agents) => setAsked({ ...asked, agents })} />`
      }
      <${WhoActs} caller=${caller} />
      <div class="dialog-problem" role="alert">${problem !== undefined && html`<${Problem} told=${problem} />`}</div>
      <div class="dialog-buttons">
        <button type="button" autofocus=${grave} onClick=${() => asking.set(undefined)}>${busy ? 'Close' : 'Cancel'}</button>
        <button type="submit" class=${grave ? 'grave' : 'primary'} aria-disabled=${stopped ? 'true' : undefined}>
          ${busy ? 'Working…' : yes}
        </button>
      </div>
    </form>
  </${Dialog}>`
}

/** What was not done, and each mistake on a line of its own. @param {{ told: Told }} props */
function Problem({ told: { words, mistakes = [] } }) {
  return html`<p>${words.replace(mistakes.join(' '), '')}</p>
    ${mistakes.length > 0 && html`<ul>${mistakes.map((mistake) => html`<li key=${mistake}>${mistake}</li>`)}</ul>`}`
}

/**
 * A number within the caps, beside what it means.
 *
 * @param {{ asked: Asked, wrong: string | undefined, onChange: (agents: number) => void }} props
 */
function HowMany({ asked: { agents = 1, room }, wrong, onChange }) {
  const most = room === undefined ? undefined : mostAgents(room)
  return html`<label class="dialog-number">How many
      <input type="number" inputmode="numeric" min="1" max=${most} step="1" value=${Number.isNaN(agents) ? '' : agents}
        required aria-invalid=${wrong === undefined ? undefined : 'true'} aria-describedby="how-many-wrong"
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => onChange(currentTarget.valueAsNumber)} />
    </label>
    <p id="how-many-wrong" class="dialog-problem" role="alert">${wrong}</p>`
}

/** @param {Asked} asked @returns {string | undefined} */
function whyNotNow({ action, agents = 1, room }) {
  if (action !== 'provision') return undefined
  if (!isCount(agents)) return 'Type a whole number, 1 or more.'
  const most = room === undefined ? agents : mostAgents(room)
  if (agents <= most) return undefined
  return most === 0
    ? 'A cap is reached: no more agents may be started now.'
    : `At most ${most} more may be started now.`
}

/**
 * @typedef {{ readonly value: Caller | undefined, readonly problem: string | undefined, readonly again: () => void }} Asking
 * @param {{ caller: Asking }} props
 */
function WhoActs({ caller: { value, problem, again } }) {
  if (problem !== undefined) {
    return html`<p class="dialog-caller"><span>${problem}</span> <button type="button" onClick=${again}>Look again</button></p>`
  }
  if (value === undefined) return html`<p class="dialog-caller">Looking whether you may do this…</p>`
  if (value.mayAct)
    return html`<p class="dialog-caller"><span>You act as <strong>${value.name}</strong>; the log says so.</span></p>`
  return html`<p class="dialog-caller dialog-refused"><span>You may not do this: ${sentence(value.words)}</span>
    <button type="button" onClick=${openSignIn}>Sign in with another token</button></p>`
}

/** Who calls now, asked again with each token. @returns {Asking} */
function useCaller() {
  const { token } = useStore(session)
  const [turn, setTurn] = useState(0)
  const [found, setFound] = useState(/** @type {Omit<Asking, 'again'>} */ ({ value: undefined, problem: undefined }))
  useEffect(() => {
    const ended = new AbortController()
    setFound({ value: undefined, problem: undefined })
    whoCalls(ended.signal).then(
      (value) => setFound({ value, problem: undefined }),
      (/** @type {unknown} */ error) => {
        if (!ended.signal.aborted)
          setFound({ value: undefined, problem: error instanceof Error ? error.message : String(error) })
      },
    )
    return () => ended.abort()
  }, [token, turn])
  return { ...found, again: () => setTurn(turn + 1) }
}

/** @param {Asked} asked @returns {Promise<Told>} */
async function act(asked) {
  const { path, body } = requestOf(asked)
  try {
    const { words } = /** @type {{ words: string }} */ (await post(path, body))
    return { ok: true, words }
  } catch (error) {
    const { status, mistakes } = error instanceof ApiError ? error : { status: 0, mistakes: [] }
    return { ok: false, words: refusalOf(status, error instanceof Error ? error.message : String(error)), mistakes }
  }
}

/** All that is laid over the page: what asks, what was done, and the sign-in. Rendered once, beside the views. */
export function Overlays() {
  return html`<${Actions} /><${SignIn} />`
}
