import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { get } from './api.js'
import { Dialog } from './dialog.js'
import { dismissSignIn, session, signIn } from './session.js'
import { useStore } from './store.js'

/**
 * Who the caller is, as `GET /api/v1/session` tells.
 * @typedef {{ readonly name: string, readonly scope: string, readonly mayAct: boolean, readonly words: string }} Caller
 */

/** Asks for a token when the API wants one, or a person does. Rendered once, beside the page. */
export function SignIn() {
  const { needed } = useStore(session)
  return needed ? html`<${SignInDialog} />` : null
}

function SignInDialog() {
  const { words: refused, token: before } = useStore(session)
  const [problem, setProblem] = useState(/** @type {string | undefined} */ (refused))
  const [busy, setBusy] = useState(false)
  const field = useRef(/** @type {HTMLInputElement | null} */ (null))
  useEffect(() => {
    field.current?.focus()
  }, [])

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault()
    const token = field.current?.value.trim() ?? ''
    if (busy) return
    const wrong = whyNoToken(token)
    if (wrong !== undefined) {
      setProblem(wrong)
      field.current?.focus()
      return
    }
    setBusy(true)
    setProblem(undefined)
    const failed = await tryToken(token)
    setBusy(false)
    if (failed === undefined) {
      signIn(token)
      return
    }
    setProblem(failed)
    field.current?.select()
  }
  return html`<${Dialog} name="sign-in" title="Sign in with a token" onClose=${dismissSignIn}>
    <form class="dialog-form" onSubmit=${submit} autocomplete="off">
      <p id="sign-in-words">This sidecar shows itself only to callers with a token: one of those in its setting API_TOKEN.
        The token stays in this tab until you sign out or close it.</p>
      <label for="sign-in-token">Token</label>
      <input ref=${field} id="sign-in-token" type="password" autocomplete="off" autocapitalize="none" spellcheck=${false}
        required aria-invalid=${problem === undefined ? undefined : 'true'}
        aria-describedby=${problem === undefined ? undefined : 'sign-in-problem'} />
      <p id="sign-in-problem" class="dialog-problem" role="alert">${problem}</p>
      <div class="dialog-buttons">
        <button type="button" onClick=${dismissSignIn}>${before === undefined ? 'Go on without' : 'Cancel'}</button>
        <button type="submit" class="primary" aria-disabled=${busy ? 'true' : undefined}>${busy ? 'Signing in…' : 'Sign in'}</button>
      </div>
    </form>
  </${Dialog}>`
}

/** Tells who is signed in, with the way in and out. For the page's head. */
export function SignedIn() {
  const { token } = useStore(session)
  if (token === undefined) {
    return html`<button type="button" class="sign-in" onClick=${() => openSignIn()}>Sign in</button>`
  }
  return html`<button type="button" class="sign-in" onClick=${() => signIn(undefined)}>Sign out</button>`
}

/** Opens the dialog on a person's wish. */
export function openSignIn() {
  session.merge({ needed: true, words: undefined })
}

/**
 * Who calls now.
 *
 * @param {AbortSignal} [signal]
 * @returns {Promise<Caller>}
 */
export async function whoCalls(signal) {
  return await get('session', { signal })
}

/**
 * A header takes visible ASCII only: anything else would fail in the browser, with words that help nobody.
 *
 * @param {string} token
 */
function whyNoToken(token) {
  if (token === '') return 'Type or paste a token.'
  if (!/^[\x21-\x7e]+$/.test(token))
    return 'A token has letters, digits and signs only, without spaces: is it pasted whole?'
  return undefined
}

/**
 * Before it is kept. What is wrong with it, in words; `undefined`: it is good.
 *
 * @param {string} token
 */
async function tryToken(token) {
  try {
    const response = await fetch('api/v1/session', {
      cache: 'no-store',
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(20_000),
    })
    if (response.ok) {
      const { scope } = /** @type {Caller} */ (await response.json())
      return scope === 'metrics'
        ? 'This token may read the metrics, and nothing else: take one that may read or act.'
        : undefined
    }
    const problem = /** @type {{ detail?: unknown } | undefined} */ (await response.json().catch(() => undefined))
    const detail = typeof problem?.detail === 'string' ? problem.detail : undefined
    if (response.status === 401) return detail ?? 'No such token is known here.'
    if (response.status === 429) return detail ?? 'Too many wrong tokens came from here: wait a minute, then try again.'
    return detail ?? `The sidecar answers ${response.status}.`
  } catch {
    return 'The sidecar does not answer. Is it running, and is the network between here and it fine?'
  }
}
