// Images that come from a registry: one of the test's own, with an image of the name that the guides use.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { ImageProgress, Tailrace } from "@tailrace/sdk"
import { Registry } from "./registry.js"
import { bounded, client, failure } from "./support.js"

let tailrace: Tailrace
let registry: Registry
let reference = ""
let log = ""

before(async () => {
  registry = await Registry.start()
  reference = await registry.push("library/alpine", "latest")
  tailrace = await client({ LogOutput: { write: text => (log += text) } })
}, bounded)

after(async () => {
  await tailrace.images.remove(reference, { force: true }).catch(() => undefined)
  await tailrace.close()
  await registry.stop()
}, bounded)

test("an image that is not there is fetched once, and told of", bounded, async () => {
  const container = tailrace.container().from(reference).withNetwork("none").withExec(["echo", "from the registry"])
  const others = ["1", "2"].map(word => container.withExec(["echo", word]).stdout())
  assert.equal(await container.stdout(), "from the registry\n")
  assert.deepEqual(await Promise.all(others), ["1\n", "2\n"])
  const lines = log.split("\n").filter(line => line.includes(`pulling ${reference}`))
  assert.equal(lines.length, 1, log)
  assert.match(log, new RegExp(`pulled ${reference}`))
})

test("pull tells how far it has come, and gives the image", bounded, async () => {
  await tailrace.images.remove(reference, { force: true })
  const told: ImageProgress[] = []
  const image = await tailrace.images.pull(reference, { progress: each => told.push(each) })
  assert.ok(image.references.includes(reference), image.references.join())
  assert.equal((await tailrace.images.get(reference)).id, image.id)
  assert.equal(told.at(-1)?.status, "done")
})

test("an image that the registry does not have is NOT_FOUND, by its name", bounded, async () => {
  const absent = `${registry.address}/library/nosuch:1`
  const error = await failure("NOT_FOUND", tailrace.container().from(absent).withExec(["true"]).sync())
  assert.match(error.message, /library\/nosuch:1/)
})
