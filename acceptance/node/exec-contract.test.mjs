// The rules of docs/contracts/exec.md that exec-service.test.mjs has no need of, each by its name. TAILRACE_ADDRESS, TAILRACE_TOKEN.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { after, before, test } from "node:test"
import { Containers } from "./containers.mjs"
import { connect, status } from "./exec-service.mjs"

const address = process.env.TAILRACE_ADDRESS ?? "127.0.0.1:8080"
const token = process.env.TAILRACE_TOKEN ?? ""
const bounded = { timeout: 60_000 }

const containers = new Containers(address, token)
const service = connect(address, token)
const chunked = connect(address, token, { "tailrace-output-chunks": "true" })
let container

before(async () => {
  container = await containers.run("exec sleep 600")
}, bounded)

after(async () => {
  service.close()
  chunked.close()
  await containers.removeAll()
}, bounded)

let execs = 0

function start(script, more = {}) {
  return { container_id: container, exec_id: `rule-${++execs}`, command: ["sh", "-c", script], ...more }
}

async function rejection(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail("expected: an error")
}

async function all(session) {
  const responses = []
  for (let response = await session.next(); response !== undefined; response = await session.next()) {
    responses.push(response)
  }
  session.halfClose()
  return responses
}

test("a container has several execs at once, each with an output and an exit of its own", bounded, async () => {
  const sessions = [1, 2, 3].map(code => service.session(start(`read line; echo $line ${code}; exit ${code}`)))
  for (const session of sessions) await session.ready()
  for (const session of [...sessions].reverse()) session.write("of\n")
  for (const [index, session] of sessions.entries()) {
    const { stdout, exit } = await session.result()
    assert.equal(stdout.toString(), `of ${index + 1}\n`)
    assert.equal(exit, index + 1)
  }
})

test("a session of another container or exec than its session_id's is an invalid argument", bounded, async () => {
  const request = start("read line")
  const first = service.session(request)
  const { session_id } = await first.ready()
  for (const wrong of [{ container_id: "0".repeat(64) }, { exec_id: "another" }]) {
    const error = await rejection(service.session({ container_id: "", exec_id: "", session_id, ...wrong }).ready())
    assert.equal(error.code, status.INVALID_ARGUMENT)
    assert.match(error.details, new RegExp(Object.values(wrong)[0]))
  }
  first.closeStdin()
  await first.result()
})

test("a session_id that somebody made up is not found", bounded, async () => {
  const session = service.session(start("true"))
  const { session_id } = await session.ready()
  await session.result()
  const forged = session_id.replace(/[0-9a-f]{16}$/, digits => (digits[0] === "0" ? "1" : "0") + digits.slice(1))
  const error = await rejection(service.session({ container_id: "", exec_id: "", session_id: forged }).ready())
  assert.equal(error.code, status.NOT_FOUND)
})

test("the eleventh session of a container that runs something is out of room, and watchers are not counted", bounded, async () => {
  const id = await containers.run("exec sleep 600")
  const sessions = []
  for (let i = 0; i < 10; i++) {
    sessions.push(service.session({ container_id: id, exec_id: `full-${i}`, command: ["cat"] }))
    await sessions.at(-1).ready()
  }
  const error = await rejection(service.session({ container_id: id, exec_id: "one-more", command: ["cat"] }).ready())
  assert.equal(error.code, status.RESOURCE_EXHAUSTED)
  const watchers = Array.from({ length: 12 }, () => service.session({ container_id: id, exec_id: "full-0", command: [] }))
  for (const watcher of watchers) await watcher.ready()
  for (const session of sessions) session.closeStdin()
  for (const session of [...sessions, ...watchers]) assert.equal((await session.result()).exit, 0)
})

test("who comes back to a terminal gets ready, the backlog, ready again, then what is new", bounded, async () => {
  const first = service.session(start("echo before; read line; echo after; exit 2", { tty: true }))
  const { session_id } = await first.ready()
  await first.readUntil("before")
  first.cancel()
  await rejection(first.result())

  const again = service.session({ container_id: "", exec_id: "", session_id })
  const begun = await again.ready()
  assert.equal(begun.replay_complete, false)
  let backlog = ""
  let response = await again.next()
  for (; response.msg !== "ready"; response = await again.next()) backlog += response.stdout
  assert.match(backlog, /before/)
  assert.equal(response.ready.replay_complete, true)
  again.write("\n")
  const { stdout, exit } = await again.result()
  assert.match(stdout.toString(), /after/)
  assert.equal(exit, 2)
})

test("output comes as plain stdout and stderr to who did not ask for chunks, also with replay_from_sequence", bounded, async () => {
  const request = start("echo out; echo err >&2")
  const first = service.session(request)
  await first.ready()
  await first.result()
  const again = service.session({ ...request, replay_from_sequence: 1 })
  await again.ready()
  const kinds = new Set((await all(again)).map(response => response.msg))
  assert.deepEqual(kinds, new Set(["stdout", "stderr", "exit"]))
})

test("chunks come to who asks for them: sequences that rise, times, and from replay_from_sequence on", bounded, async () => {
  const request = start("for i in 1 2 3; do echo $i; sleep 0.05; done")
  const session = chunked.session(request)
  await session.ready()
  const responses = await all(session)
  assert.equal(responses.at(-1).msg, "exit")
  const chunks = responses.slice(0, -1).map(response => response.output_chunk)
  assert.equal(Buffer.concat(chunks.map(chunk => chunk.stdout)).toString(), "1\n2\n3\n")
  for (const [index, chunk] of chunks.entries()) {
    assert.equal(typeof chunk.sequence, "string")
    assert.match(chunk.timestamp, /^\d{19}$/)
    assert.equal(chunk.gap_before, "0")
    if (index > 0) assert.ok(BigInt(chunk.sequence) > BigInt(chunks[index - 1].sequence))
  }

  const last = chunks.at(-1)
  const resumed = chunked.session({ ...request, replay_from_sequence: last.sequence })
  await resumed.ready()
  const rest = (await all(resumed)).slice(0, -1)
  assert.deepEqual(rest.map(response => response.output_chunk.sequence), [last.sequence])
})

test("stdin arrives whole, in pieces of 16384 bytes and in larger ones", bounded, async () => {
  const bytes = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff))
  for (const piece of [16_384, 300_000]) {
    const session = service.session(start("sha256sum"))
    await session.ready()
    for (let at = 0; at < bytes.length; at += piece) session.send({ stdin: bytes.subarray(at, at + piece) })
    session.closeStdin()
    const { stdout, exit } = await session.result()
    assert.equal(stdout.toString().slice(0, 64), createHash("sha256").update(bytes).digest("hex"))
    assert.equal(exit, 0)
  }
})

test("what the process cannot take is ignored: a size without a terminal, stdin of an init process that has none", bounded, async () => {
  const session = service.session(start("read line; echo got $line"))
  await session.ready()
  session.resize(100, 40)
  session.write("it\n")
  const { stdout, exit } = await session.result()
  assert.equal(stdout.toString(), "got it\n")
  assert.equal(exit, 0)

  const id = await containers.run("sleep 0.3; echo done")
  const watcher = service.session({ container_id: id, exec_id: id, command: [] })
  await watcher.ready()
  watcher.write("to nobody\n")
  watcher.closeStdin()
  assert.equal((await watcher.result()).stdout.toString(), "done\n")
})

test("sizes of nothing, too large, or in small letters are ignored", bounded, async () => {
  const session = service.session(start("read line; stty size", { tty: true }))
  await session.ready()
  session.resize(0, 0)
  session.resize(-1, 5)
  session.resize(70_000, 5)
  session.send({ resize: { width: 99, height: 33 } }) // an empty Resize on the wire
  session.write("\n")
  assert.match((await session.result()).stdout.toString(), /24 80/)
})

test("of sizes that come in a burst the last holds, before the stdin behind it is written", bounded, async () => {
  const session = service.session(start("read line; stty size", { tty: true }))
  await session.ready()
  for (let i = 1; i <= 40; i++) session.resize(80 + i, 24 + i)
  session.write("\n")
  assert.match((await session.result()).stdout.toString(), /64 120/)
})

test("who comes after the removal of the container still gets its output and its exit code", bounded, async () => {
  const id = await containers.run("echo last words; exit 9")
  const session = service.session({ container_id: id, exec_id: id })
  await session.ready()
  await session.result()
  await containers.remove(id)
  const late = service.session({ container_id: id, exec_id: id })
  await late.ready()
  const { stdout, exit } = await late.result()
  assert.equal(stdout.toString(), "last words\n")
  assert.equal(exit, 9)
})

test("every signal of the contract is known, with SIG and without, in any case", bounded, async () => {
  const id = await containers.run("for s in TERM INT HUP QUIT USR1 USR2 ABRT ALRM PIPE; do trap : $s; done; while :; do sleep 0.1; done")
  for (const name of ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "ABRT", "ALRM", "PIPE", "STOP", "CONT"]) {
    for (const written of [name, `SIG${name}`, name.toLowerCase(), `Sig${name.toLowerCase()}`]) {
      const { success, message } = await service.signal(id, written)
      assert.equal(success, true, `${written}: ${message}`)
    }
  }
  assert.equal((await service.signal(id, "KILL")).success, true)
})

test("a token is taken as Basic with it as password or as user, and as Bearer; anything else is not", bounded, async () => {
  if (!token) return
  const basic = text => "Basic " + Buffer.from(text).toString("base64")
  const accepted = [basic(`:${token}`), basic(`${token}:`), `Bearer ${token}`]
  const refused = [basic(":wrong"), basic("wrong:"), "Bearer wrong", "Bearer ", token, undefined]
  for (const authorization of accepted) {
    const client = connect(address, "", { authorization })
    assert.equal((await client.status(container)).status, "running", authorization)
    client.close()
  }
  for (const authorization of refused) {
    const client = connect(address, "", { authorization })
    assert.equal((await rejection(client.status(container))).code, status.UNAUTHENTICATED, authorization)
    assert.equal(
      (await rejection(client.session({ container_id: container, exec_id: container }).ready())).code,
      status.UNAUTHENTICATED,
    )
    client.close()
  }
})

test("all calls name a container by its id, a prefix of it, or its name", bounded, async () => {
  for (const name of [container, container.slice(0, 12)]) {
    assert.equal((await service.status(name)).container_id, container)
    const session = service.session({ ...start("echo here"), container_id: name })
    await session.ready()
    assert.equal((await session.result()).stdout.toString(), "here\n")
  }
})
