// Running containers and what they say, against a real server.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { CommandFailedError, type StreamLogsChunk, type Tailrace } from "@tailrace/sdk"
import { all, bounded, client, failure, image, script } from "./support.js"

let tailrace: Tailrace

before(async () => {
  tailrace = await client()
}, bounded)

after(async () => {
  await tailrace.close()
}, bounded)

function text(chunks: readonly StreamLogsChunk[], stream: "stdout" | "stderr"): string {
  return Buffer.concat(chunks.map(chunk => chunk[stream] ?? Buffer.alloc(0))).toString()
}

test("output comes as it is written, and the exit code once, last", bounded, async () => {
  const chunks = await all(script(tailrace, "echo out; echo err >&2; printf last; exit 7").streamLogs())
  assert.equal(text(chunks, "stdout"), "out\nlast")
  assert.equal(text(chunks, "stderr"), "err\n")
  assert.deepEqual(chunks.at(-1), { exitCode: 7 })
  assert.equal(chunks.filter(chunk => chunk.exitCode !== undefined).length, 1)
  for (const chunk of chunks) assert.equal(Object.keys(chunk).length, 1)
})

test("exit code 0 arrives as well", bounded, async () => {
  assert.deepEqual(await all(script(tailrace, "true").streamLogs()), [{ exitCode: 0 }])
})

test("a container runs once, whoever asks and however often", bounded, async () => {
  const container = script(tailrace, "cat /proc/sys/kernel/random/uuid; exit 3")
  const logs = await Promise.all([all(container.streamLogs()), all(container.streamLogs()), container.exitCode()])
  const late = await all(container.streamLogs())
  const uuid = text(late, "stdout")
  assert.match(uuid, /^[0-9a-f-]{36}\n$/)
  assert.equal(text(logs[0], "stdout"), uuid)
  assert.equal(text(logs[1], "stdout"), uuid)
  assert.equal(logs[2], 3)
  const error = await failure("COMMAND_FAILED", container.stdout())
  assert.ok(error instanceof CommandFailedError)
  assert.equal(error.stdout, uuid)
  assert.equal(error.exitCode, 3)
})

test("what is made from a container is another one, and leaves it as it is", bounded, async () => {
  const base = tailrace.container().from(image).withNetwork("none").withEnvVariable("WHO", "base")
  const changed = base.withEnvVariable("WHO", "changed").withWorkdir("/tmp").withUser("65534")
  const show = ["sh", "-c", "echo $WHO in $PWD as $(id -u)"]
  assert.equal(await changed.withExec(show).stdout(), "changed in /tmp as 65534\n")
  assert.equal(await base.withExec(show).stdout(), "base in / as 0\n")
})

test("several commands run one after the other on the same files", bounded, async () => {
  const container = script(tailrace, "echo written > /file; echo first")
    .withWorkdir("/tmp")
    .withExec(["sh", "-c", "cat /file; pwd; exit 0"])
  assert.equal(await container.stdout(), "written\n/tmp\n")
  assert.equal(await container.exitCode(), 0)
})

test("a command that fails fails those after it, with its output", bounded, async () => {
  const container = script(tailrace, "echo out; echo err >&2; exit 9").withExec(["echo", "never"])
  const error = await failure("COMMAND_FAILED", container.sync())
  assert.ok(error instanceof CommandFailedError)
  assert.deepEqual([error.exitCode, error.stdout, error.stderr], [9, "out\n", "err\n"])
  assert.match(error.message, /exit code 9/)
  assert.equal((await container.status()).exit_code, 9)
})

test("a command may be expected to fail", bounded, async () => {
  const container = tailrace
    .container()
    .from(image)
    .withNetwork("none")
    .withExec(["sh", "-c", "echo kept > /file; exit 9"], { expect: "any" })
    .withExec(["cat", "/file"])
  assert.equal(await container.stdout(), "kept\n")
})
