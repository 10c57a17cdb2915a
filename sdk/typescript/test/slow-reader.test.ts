// What a reader that does not keep up costs the others, and its own process.
import assert from "node:assert/strict"
import { test } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { ConnectRouter } from "@connectrpc/connect"
import type { StreamLogsChunk } from "@tailrace/sdk"
import { Containers } from "#gen/tailrace/v1/containers_pb.js"
import { Timelines } from "#gen/tailrace/v1/timelines_pb.js"
import { scripted } from "./scripted-server.js"
import { bounded, client, image, until } from "./support.js"

/** The stream's window of 1 MiB, and as much again for records that are on their way through. */
const HELD_BYTES_MAX = 2 << 20

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** Bytes of buffers that something still refers to. */
function held(): number {
  collectGarbage()
  // V8 frees the memory of buffers behind a collection, in a thread of its own; the next collection waits for that.
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

test("a reader that stops slows only itself, and holds little", bounded, async () => {
  const tailrace = await client()
  try {
    const size = 64 << 20
    const container = tailrace.container().from(image).withNetwork("none").withExec(["head", "-c", String(size), "/dev/zero"])
    const before = held()
    const slow = container.streamLogs()
    const begin = ((await slow.next()).value as StreamLogsChunk).stdout as Buffer
    // Another one on the same connection reads it all meanwhile, and the container has ended.
    let length = 0
    for await (const chunk of container.streamLogs()) length += chunk.stdout?.length ?? 0
    assert.equal(length, size)
    await until("the container to have ended", async () => (await container.status()).status === "exited")

    const heldBytes = held() - before
    assert.ok(heldBytes < HELD_BYTES_MAX, `${heldBytes} bytes are held`)
    let rest = begin.length
    let peak = 0
    let chunks = 0
    for await (const chunk of slow) {
      rest += chunk.stdout?.length ?? 0
      if (++chunks % 100 === 0) peak = Math.max(peak, held() - before)
    }
    assert.equal(rest, size)
    assert.ok(peak < HELD_BYTES_MAX, `${peak} bytes were held`)
    console.log(`slow reader: ${size} bytes, ${heldBytes} held while it stood, at most ${peak} while it read`)
  } finally {
    await tailrace.close()
  }
})

test("a reader that stops holds what has come for it, not what came with it for others", bounded, async () => {
  const lines = 1000
  const block = new Uint8Array(65_536)
  let turn: () => void = () => undefined
  let isLine = true
  const routes = (router: ConnectRouter) => {
    router.service(Containers, { get: ({ container }) => ({ id: container }) })
    router.service(Timelines, {
      // A line for the one, a block for the other, in turns.
      async *follow({ container }) {
        for (let count = 0; count < lines; count++) {
          while (isLine !== (container === "lines")) await new Promise<void>(resolve => (turn = resolve))
          isLine = !isLine
          turn()
          const data = container === "lines" ? new Uint8Array(100) : block
          const offset = BigInt(count * data.length)
          const sequence = BigInt(count + 1)
          const content = { case: "output" as const, value: { stream: 1, offset, data } }
          yield { event: { case: "record" as const, value: { sequence, cursor: `c${count}`, content } } }
        }
      },
    })
  }
  await scripted(routes, async tailrace => {
    const slow = (await tailrace.containers.get("lines")).follow({ reconnectTimeoutMillis: 0 })
    const fast = (await tailrace.containers.get("blocks")).follow({ reconnectTimeoutMillis: 0 })
    const before = held()
    const first = slow.next()
    for (let count = 0; count < lines; count++) await fast.next()
    await first
    const heldBytes = held() - before
    assert.ok(heldBytes < HELD_BYTES_MAX, `${heldBytes} bytes are held`)
    for (let count = 1; count < lines; count++) assert.equal((await slow.next()).done, false)
    console.log(`slow reader: ${lines} lines beside ${lines} blocks of 64 KiB, ${heldBytes} bytes held`)
  })
})
