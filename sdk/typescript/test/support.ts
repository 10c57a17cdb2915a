// Where the tests find their server: TAILRACE_ADDRESS, TAILRACE_TOKEN; else as any client does.
import assert from "node:assert/strict"
import { open, TailraceError, type ConnectOptions, type ErrorCode, type LazyContainer, type Tailrace } from "@tailrace/sdk"

export const bounded = { timeout: 60_000 }
export const image = process.env["TAILRACE_IMAGE"] ?? "alpine:latest"

export const address = process.env["TAILRACE_ADDRESS"]
export const token = process.env["TAILRACE_TOKEN"]

/** A client of the server under test. */
export function client(options: ConnectOptions = {}): Promise<Tailrace> {
  return open({ ...(address === undefined ? {} : { address }), ...(token === undefined ? {} : { token }), ...options })
}

/** A container that runs a shell script. Without a network: making one takes time. */
export function script(tailrace: Tailrace, text: string): LazyContainer {
  return tailrace.container().from(image).withNetwork("none").withExec(["sh", "-c", text])
}

/** The failure of something that must fail with a code. */
export async function failure(code: ErrorCode, promise: Promise<unknown>): Promise<TailraceError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof TailraceError, `${String(error)} (expected: a TailraceError)`)
    assert.equal(error.code, code, error.message)
    return error
  }
  return assert.fail(`expected: ${code}`)
}

/** All that an iterable has. */
export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

/** Waits for a condition, bounded. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  millisMax = 30_000,
): Promise<void> {
  const end = performance.now() + millisMax
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(`not within ${millisMax} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
