import { useEffect, useState } from '../vendor/preact.js'

/**
 * A value that views follow. Changes are told once a frame, however many there were.
 * @template T
 */
export class Store {
  /** @type {T} */
  #value
  /** @type {Set<() => void>} */
  #followers = new Set()
  #told = true

  /** @param {T} value */
  constructor(value) {
    this.#value = value
  }

  get value() {
    return this.#value
  }

  /** @param {T} value */
  set(value) {
    if (Object.is(value, this.#value)) return
    this.#value = value
    if (!this.#told) return
    this.#told = false
    requestAnimationFrame(() => {
      this.#told = true
      for (const follower of [...this.#followers]) follower()
    })
  }

  /** @param {Partial<T>} changes */
  merge(changes) {
    this.set({ ...this.#value, ...changes })
  }

  /**
   * @param {() => void} follower
   * @returns {() => void} ends it
   */
  follow(follower) {
    this.#followers.add(follower)
    return () => {
      this.#followers.delete(follower)
    }
  }
}

/**
 * The store's value, and a new rendering whenever it changes.
 * @template T
 * @param {Store<T>} store
 * @returns {T}
 */
export function useStore(store) {
  const [, again] = useState(/** @type {unknown} */ (store.value))
  useEffect(() => {
    again(store.value) // it may have changed between rendering and here
    return store.follow(() => {
      again(store.value)
    })
  }, [store])
  return store.value
}
