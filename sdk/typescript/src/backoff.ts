import { abortedBy } from "./failures.js"

const FIRST_MILLIS = 25
const LONGEST_MILLIS = 2_000

/** How long to go on trying after a lost connection without any progress, unless the caller says otherwise. */
export const RECONNECT_TIMEOUT_MILLIS = 60_000

/**
 * Exponential back-off with a bound on the time since something last succeeded. Half of each pause is random, so that many
 * clients that lost the same server do not come back in step.
 */
export class Backoff {
  readonly #limitMillis: number
  #lastSuccessMillis = performance.now()
  #pauseMillis = FIRST_MILLIS

  constructor(limitMillis: number = RECONNECT_TIMEOUT_MILLIS) {
    this.#limitMillis = limitMillis
  }

  succeeded(): void {
    this.#lastSuccessMillis = performance.now()
    this.#pauseMillis = FIRST_MILLIS
  }

  /** Waits before the next attempt; false at once if the time is up. Throws when the signal is aborted. */
  async pause(signal?: AbortSignal): Promise<boolean> {
    if (performance.now() - this.#lastSuccessMillis >= this.#limitMillis) return false
    await sleep(this.#pauseMillis / 2 + (Math.random() * this.#pauseMillis) / 2, signal)
    this.#pauseMillis = Math.min(this.#pauseMillis * 2, LONGEST_MILLIS)
    return true
  }
}

/** Waits for a time; throws when the signal is aborted. */
export function sleep(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortedBy(signal))
      return
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", aborted)
      resolve()
    }, millis)
    const aborted = () => {
      clearTimeout(timer)
      reject(abortedBy(signal as AbortSignal))
    }
    signal?.addEventListener("abort", aborted, { once: true })
  })
}
