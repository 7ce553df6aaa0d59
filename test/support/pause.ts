/** A process that may stand still (SIGSTOP): what comes meanwhile is seen when it goes on. */
export class Pause {
  #paused = false
  #answers: (() => void)[] = []
  #timers: (() => void)[] = []

  get isPaused(): boolean {
    return this.#paused
  }

  pause(): void {
    this.#paused = true
  }

  /** What others sent comes first, then the timers: the worse order for a process that does not know how late it is. */
  resume(): void {
    this.#paused = false
    for (const run of this.#answers.splice(0)) run()
    for (const run of this.#timers.splice(0)) run()
  }

  /** From outside. */
  answer(run: () => void): void {
    if (this.#paused) this.#answers.push(run)
    else run()
  }

  timer(run: () => void): void {
    if (this.#paused) this.#timers.push(run)
    else run()
  }

  /** Resolves when the process runs. */
  async awake(): Promise<void> {
    if (!this.#paused) return
    await new Promise<void>((resolve) => {
      this.#answers.push(resolve)
    })
  }
}
