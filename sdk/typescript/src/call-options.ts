/** What every method that asks the server takes. */
export interface CallOptions {
  /** Ends the wait with CANCELLED; what was begun on the server goes on. */
  signal?: AbortSignal
  /** Ends the wait with DEADLINE_EXCEEDED. */
  timeoutMillis?: number
}
