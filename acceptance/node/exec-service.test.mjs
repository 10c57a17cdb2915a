// What users of the Exec service rely on, against a running server: TAILRACE_ADDRESS, TAILRACE_TOKEN.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Containers } from "./containers.mjs"
import { connect, status } from "./exec-service.mjs"

const address = process.env.TAILRACE_ADDRESS ?? "127.0.0.1:8080"
const token = process.env.TAILRACE_TOKEN ?? ""
const bounded = { timeout: 60_000 }

const containers = new Containers(address, token)
const service = connect(address, token)
let container

before(async () => {
  container = await containers.run("exec sleep 600")
}, bounded)

after(async () => {
  service.close()
  await containers.removeAll()
}, bounded)

let execs = 0
const newExecId = () => `exec-${++execs}`

function start(script, more = {}) {
  return { container_id: container, exec_id: newExecId(), command: ["sh", "-c", script], ...more }
}

async function rejection(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail("expected: an error")
}

test("a session starts a process and ends with its exit code", bounded, async () => {
  const request = start("echo out; echo err >&2; exit 7")
  const session = service.session(request)
  const ready = await session.ready()
  assert.match(ready.session_id, new RegExp(`^${container}:${request.exec_id}:\\d+-[0-9a-f]{16}$`))
  assert.equal(ready.terminal_size, null)

  const { stdout, stderr, exit, order } = await session.result()
  assert.equal(stdout.toString(), "out\n")
  assert.equal(stderr.toString(), "err\n")
  assert.equal(exit, 7)
  assert.equal(order.at(-1), "exit")
})

test("exit code 0 arrives as a message of its own", bounded, async () => {
  const session = service.session(start("true"))
  await session.ready()
  const { exit, order } = await session.result()
  assert.equal(exit, 0)
  assert.deepEqual(order, ["exit"])
})

test("environment and working directory are the session's", bounded, async () => {
  const session = service.session(start('echo "$GREETING from $PWD"', { env: { GREETING: "hello" }, working_dir: "/tmp" }))
  await session.ready()
  assert.equal((await session.result()).stdout.toString(), "hello from /tmp\n")
})

test("stdin is echoed until its end", bounded, async () => {
  const session = service.session(start("cat"))
  await session.ready()
  session.write("first\n")
  assert.equal(await session.readUntil("first\n"), "first\n")
  session.write("last, without a newline")
  session.closeStdin()
  const { stdout, exit } = await session.result()
  assert.equal(stdout.toString(), "last, without a newline")
  assert.equal(exit, 0)
})

test("output goes on after the client has said that it will send no more", bounded, async () => {
  const session = service.session(start("sleep 0.3; echo later"))
  await session.ready()
  session.halfClose()
  const { stdout, exit } = await session.result()
  assert.equal(stdout.toString(), "later\n")
  assert.equal(exit, 0)
})

test("a terminal follows resizes", bounded, async () => {
  const session = service.session(start("stty size; read line; stty size; exit 3", { tty: true }))
  const ready = await session.ready()
  assert.deepEqual(ready.terminal_size, { Width: 80, Height: 24 })
  await session.readUntil("24 80")
  session.resize(132, 43)
  // A resize of nothing is ignored.
  session.resize(0, 0)
  session.write("\n")
  const { stdout, exit } = await session.result()
  assert.match(stdout.toString(), /43 132/)
  assert.equal(exit, 3)
})

test("several clients of one execution get the same, and a late one everything", bounded, async () => {
  const request = start("for i in 1 2 3 4 5; do echo line $i; echo error $i >&2; sleep 0.05; done; exit 5")
  const first = service.session({ ...request, client_id: "first" })
  await first.ready()
  const others = ["second", "third"].map(client_id => service.session({ ...request, client_id }))
  for (const other of others) await other.ready()
  const results = await Promise.all([first, ...others].map(session => session.result()))

  const late = service.session({ ...request, command: [], client_id: "late" })
  await late.ready()
  results.push(await late.result())

  const lines = prefix => [1, 2, 3, 4, 5].map(i => `${prefix} ${i}\n`).join("")
  for (const { stdout, stderr, exit } of results) {
    assert.equal(stdout.toString(), lines("line"))
    assert.equal(stderr.toString(), lines("error"))
    assert.equal(exit, 5)
  }
})

test("a client that leaves touches no other", bounded, async () => {
  const request = start("for i in 1 2 3 4 5 6; do echo $i; sleep 0.05; done")
  const staying = service.session({ ...request, client_id: "staying" })
  await staying.ready()
  const leaving = service.session({ ...request, client_id: "leaving" })
  await leaving.ready()
  leaving.cancel()
  await rejection(leaving.result())
  const { stdout, exit } = await staying.result()
  assert.equal(stdout.toString(), "1\n2\n3\n4\n5\n6\n")
  assert.equal(exit, 0)
})

test("the container's own output is the execution named like the container", bounded, async () => {
  const id = await containers.run("echo hello; echo oops >&2; exit 4")
  const session = service.session({ container_id: id, exec_id: id, command: [] })
  await session.ready()
  const { stdout, stderr, exit } = await session.result()
  assert.equal(stdout.toString(), "hello\n")
  assert.equal(stderr.toString(), "oops\n")
  assert.equal(exit, 4)
})

test("a large output arrives whole", bounded, async () => {
  const session = service.session(start("seq 1 2000000"))
  await session.ready()
  const { stdout, exit } = await session.result()
  assert.equal(stdout.length, 14_888_896)
  assert.ok(stdout.subarray(-16).equals(Buffer.from("1999999\n2000000\n")))
  assert.equal(exit, 0)
})

test("a session can be joined again by its id", bounded, async () => {
  const request = start("read line; echo got $line")
  const first = service.session(request)
  const { session_id } = await first.ready()
  first.cancel()
  await rejection(first.result())

  const again = service.session({ container_id: "", exec_id: "", session_id })
  const ready = await again.ready()
  assert.equal(ready.session_id, session_id)
  again.write("it\n")
  const { stdout, exit } = await again.result()
  assert.equal(stdout.toString(), "got it\n")
  assert.equal(exit, 0)
})

test("a session that is not opened as it should be says why", bounded, async () => {
  const cases = [
    [{ stdin: Buffer.from("x") }, status.INVALID_ARGUMENT, /start/],
    [{ start: { container_id: "", exec_id: "x" } }, status.INVALID_ARGUMENT, /container_id/],
    [{ start: { container_id: container, exec_id: "" } }, status.INVALID_ARGUMENT, /exec_id/],
    [{ start: { container_id: "nosuchcontainer", exec_id: "x" } }, status.NOT_FOUND, /nosuchcontainer/],
    [{ start: { session_id: "nosuchsession" } }, status.NOT_FOUND, /nosuchsession/],
  ]
  for (const [request, code, message] of cases) {
    const session = service.openSession()
    session.send(request)
    const error = await rejection(session.ready())
    assert.equal(error.code, code, JSON.stringify(request))
    assert.match(error.details, message)
  }
})

test("a second client with the same client_id is refused", bounded, async () => {
  const request = start("read line", { client_id: "only" })
  const first = service.session(request)
  await first.ready()
  const error = await rejection(service.session(request).ready())
  assert.equal(error.code, status.ALREADY_EXISTS)
  assert.match(error.details, /only/)
  first.closeStdin()
  await first.result()
})

test("the status has everything that was asked for", bounded, async () => {
  const plain = await service.status(container)
  assert.equal(plain.container_id, container)
  assert.equal(plain.status, "running")
  assert.match(plain.started_at, /^\d{10}$/)
  assert.equal(plain.exit_code, undefined)
  assert.equal(plain.resource_usage ?? null, null)

  const { resource_usage } = await service.status(container, { includeResourceUsage: true })
  assert.equal(typeof resource_usage.cpu_percent, "number")
  assert.ok(Number(resource_usage.memory_bytes) > 0)
  assert.equal(resource_usage.memory_limit, "0")

  const error = await rejection(service.status("nosuchcontainer"))
  assert.equal(error.code, status.NOT_FOUND)
  assert.equal((await rejection(service.status(""))).code, status.INVALID_ARGUMENT)
})

test("a limit of memory is in the status", bounded, async () => {
  const id = await containers.run("exec sleep 600", { limits: { memoryBytes: String(64 << 20) } })
  const { resource_usage } = await service.status(id, { includeResourceUsage: true })
  assert.equal(resource_usage.memory_limit, String(64 << 20))
})

test("the status of what has exited has its exit code, also 0", bounded, async () => {
  for (const code of [0, 9]) {
    const id = await containers.run(`exit ${code}`)
    const session = service.session({ container_id: id, exec_id: id })
    await session.ready()
    await session.result()
    const exited = await service.status(id)
    assert.equal(exited.status, "exited")
    assert.equal(exited.exit_code, code)
    assert.match(exited.finished_at, /^\d{10}$/)
  }
})

test("a container that was never started has no start time", bounded, async () => {
  const id = await containers.create("true")
  const created = await service.status(id)
  assert.equal(created.status, "created")
  assert.equal(created.started_at, "0")
})

test("pause and resume show at once", bounded, async () => {
  assert.equal((await service.pause(container)).success, true)
  assert.equal((await service.status(container)).status, "paused")
  assert.equal((await service.resume(container)).success, true)
  assert.equal((await service.status(container)).status, "running")
})

test("signals have names with and without SIG, in any case", bounded, async () => {
  for (const name of ["TERM", "SIGTERM", "sigterm", "term"]) {
    const id = await containers.run("trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done")
    const session = service.session({ container_id: id, exec_id: id })
    await session.ready()
    await session.readUntil("ready")
    assert.equal((await service.signal(id, name)).success, true)
    assert.equal((await session.result()).exit, 42, name)
  }
})

test("a control call that fails says so in its response", bounded, async () => {
  const failures = [
    [await service.pause("nosuchcontainer"), /nosuchcontainer/],
    [await service.resume(container), /./],
    [await service.signal(container, "SIGNONSENSE"), /SIGNONSENSE/],
    [await service.signal(container, ""), /./],
    [await service.pause(""), /./],
  ]
  for (const [{ success, message }, expected] of failures) {
    assert.equal(success, false)
    assert.match(message, expected)
  }
})

test("the lifecycle of one container is told from its registration to its removal", bounded, async () => {
  const id = await containers.create("read line; exit 6", { stdin: true })
  const lifecycle = service.lifecycle(id)
  const events = []
  const next = async type => {
    const event = await lifecycle.until(event => event.event_type === type)
    assert.equal(event.container_id, id)
    assert.match(event.timestamp, /^\d{10}$/)
    events.push(event)
  }
  await next("registered")
  await containers.start(id)
  await next("started")
  await service.pause(id)
  await next("paused")
  await service.resume(id)
  await next("resumed")
  await service.signal(id, "KILL")
  await next("exited")
  await containers.remove(id)
  await next("unregistered")
  lifecycle.close()

  assert.deepEqual(
    events.map(event => event.exit_code),
    [0, 0, 0, 0, 137, 0],
  )
  assert.deepEqual(
    events.slice(1, 5).map(event => event.status),
    ["running", "paused", "running", "exited"],
  )
})

test("a subscriber who comes late hears how it ended", bounded, async () => {
  const id = await containers.run("exit 6")
  const session = service.session({ container_id: id, exec_id: id })
  await session.ready()
  await session.result()
  const lifecycle = service.lifecycle(id)
  const event = await lifecycle.until(event => event.event_type === "exited")
  assert.equal(event.exit_code, 6)
  lifecycle.close()
})

test("the lifecycle of all containers has every one of them", bounded, async () => {
  const lifecycle = service.lifecycle()
  const ids = [await containers.run("exit 1"), await containers.run("exit 2")]
  const codes = new Map()
  while (codes.size < 2) {
    const event = await lifecycle.until(event => event.event_type === "exited" && ids.includes(event.container_id))
    codes.set(event.container_id, event.exit_code)
  }
  assert.deepEqual(ids.map(id => codes.get(id)), [1, 2])
  lifecycle.close()
})

test("a wrong token is refused", bounded, async () => {
  if (!token) return
  const stranger = connect(address, "wrong")
  assert.equal((await rejection(stranger.status(container))).code, status.UNAUTHENTICATED)
  stranger.close()
})
