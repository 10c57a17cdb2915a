// Broken connections, against a real server.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { CuttingProxy } from "./cutting-proxy.js"
import { address, all, bounded, client, failure, image, script } from "./support.js"

const server = address ?? "unix:///run/tailrace/tailrace.sock"

function sha256(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest("hex")
}

function* lines(count: number): Generator<Buffer> {
  for (let at = 1; at <= count; at += 1000) {
    yield Buffer.from(Array.from({ length: Math.min(1000, count - at + 1) }, (_, index) => `${at + index}\n`).join(""))
  }
}

test("twenty cuts during one streamLogs change no byte, and the exit code comes once", bounded, async () => {
  const proxy = await CuttingProxy.start(server, 110_000, 20)
  const tailrace = await client({ address: proxy.address })
  try {
    const chunks = await all(script(tailrace, "seq 1 400000; echo oops >&2; exit 6").streamLogs())
    assert.equal(proxy.cuts, 20)
    assert.equal(sha256(chunks.flatMap(chunk => chunk.stdout ?? [])), sha256(lines(400_000)))
    assert.equal(Buffer.concat(chunks.flatMap(chunk => chunk.stderr ?? [])).toString(), "oops\n")
    assert.deepEqual(chunks.filter(chunk => chunk.exitCode !== undefined), [{ exitCode: 6 }])
    assert.deepEqual(chunks.at(-1), { exitCode: 6 })
    console.log(`resume: 20 cuts, ${chunks.reduce((sum, chunk) => sum + (chunk.stdout?.length ?? 0), 0)} bytes`)
  } finally {
    await tailrace.close()
    proxy.close()
  }
})

test("a cut while nothing is said is not noticed, nor by who waits for the exit", bounded, async () => {
  const proxy = await CuttingProxy.start(server, Infinity, Infinity)
  const tailrace = await client({ address: proxy.address })
  try {
    const container = script(tailrace, "echo before; read line; echo after $line; exit 5").withStdin()
    const logs = container.streamLogs()
    const exit = container.exitCode()
    assert.deepEqual((await logs.next()).value?.stdout?.toString(), "before\n")
    for (let cut = 0; cut < 3; cut++) {
      proxy.cut()
      assert.equal((await container.status()).status, "running")
    }
    const stdin = await container.stdin()
    await stdin.write("it\n")
    await stdin.close()
    assert.deepEqual(await all(logs), [{ stdout: Buffer.from("after it\n") }, { exitCode: 5 }])
    assert.equal(await exit, 5)
  } finally {
    await tailrace.close()
    proxy.close()
  }
})

test("input reaches the process once, whatever happens to the connection", bounded, async () => {
  const bytes = Buffer.concat([...lines(100_000)])
  const proxy = await CuttingProxy.start(server, Infinity, Infinity)
  const tailrace = await client({ address: proxy.address })
  try {
    const container = tailrace.container().from(image).withNetwork("none").withExec(["sha256sum"]).withStdin()
    const stdin = await container.stdin()
    for (let at = 0; at < bytes.length; at += 100_000) {
      await stdin.write(bytes.subarray(at, at + 100_000))
      proxy.cut()
    }
    await stdin.close()
    assert.equal(await container.stdout(), `${sha256([bytes])}  -\n`)
  } finally {
    await tailrace.close()
    proxy.close()
  }
})

test("who gave up on a server is told so within its bound", bounded, async () => {
  const proxy = await CuttingProxy.start(server, Infinity, Infinity)
  const tailrace = await client({ address: proxy.address })
  let id = ""
  try {
    const container = await tailrace.containers.run({ image, network: "none", command: ["sleep", "600"], autoRemove: true })
    id = container.id
    const follow = container.follow({ reconnectTimeoutMillis: 300 })
    await follow.next()
    proxy.close()
    await failure("UNAVAILABLE", all(follow))
  } finally {
    await tailrace.close()
  }
  const direct = await client()
  await (await direct.containers.get(id)).remove({ force: true })
  await direct.close()
})
