// How a client finds its server. What depends on the machine (port 8080, the local socket) is tried in a network and as a
// user of the test's own. TAILRACE_BIN is a directory with the tailrace command, TAILRACE_SOCKET the server's unix socket.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { Alone, commands, long } from "./alone.js"
import { address, bounded, token } from "./support.js"

const socket = process.env["TAILRACE_SOCKET"] ?? ""
const alone = new Alone("finding")
const { directory } = alone
const output = (program: string, environment?: NodeJS.ProcessEnv) => alone.output(program, environment)
const contexts = join(directory, "config/tailrace/contexts")

mkdirSync(contexts, { recursive: true })

after(() => {
  alone.remove()
})

const ADDRESS = "await connect(client => console.log(client.address))"
const FAILURE = "await open().catch(error => console.log(error.code, error.message))"

function context(name: string, text: string): void {
  writeFileSync(join(contexts, name), text)
}

test("TAILRACE_HOST names the server, before any context", bounded, async () => {
  context("other", "address=http://127.0.0.1:2\n")
  const environment = { TAILRACE_HOST: " http://127.0.0.1:1 ", TAILRACE_CONTEXT: "other" }
  assert.equal(await output(ADDRESS, environment), "http://127.0.0.1:1\n")
  assert.match(await output(FAILURE, { TAILRACE_HOST: "ftp://nowhere" }), /^INVALID_ARGUMENT address: "ftp:\/\/nowhere"/)
})

test("TAILRACE_TOKEN opens it", { ...bounded, skip: address === undefined || token === undefined }, async () => {
  const { open, TailraceError } = await import("@tailrace/sdk")
  const before = { ...process.env }
  try {
    process.env["TAILRACE_HOST"] = address ?? ""
    process.env["TAILRACE_TOKEN"] = token ?? ""
    const client = await open()
    assert.equal((await client.info()).problems.length, 0)
    await client.close()
    process.env["TAILRACE_TOKEN"] = "wrong"
    const stranger = await open()
    await assert.rejects(stranger.info(), error => error instanceof TailraceError && error.code === "UNAUTHENTICATED")
    await stranger.close()
  } finally {
    process.env = before
  }
})

test("the context in use names the server, and TAILRACE_CONTEXT another one", bounded, async () => {
  context("build", "# by hand\n\n address = http://127.0.0.1:3\n")
  context("other", "address=http://127.0.0.1:2\n")
  writeFileSync(join(dirname(contexts), "current-context"), "build\n")
  try {
    assert.equal(await output(ADDRESS), "http://127.0.0.1:3\n")
    assert.equal(await output(ADDRESS, { TAILRACE_CONTEXT: "other" }), "http://127.0.0.1:2\n")
    const local = await output(FAILURE, { TAILRACE_CONTEXT: "default", PATH: dirname(process.execPath) + ":/usr/bin:/bin" })
    assert.match(local, /context: none in use/)
  } finally {
    rmSync(join(dirname(contexts), "current-context"))
  }
})

test("the context that a call names goes before the environment", bounded, async () => {
  context("build", "address=http://127.0.0.1:3\n")
  context("other", "address=http://127.0.0.1:2\n")
  const environment = { TAILRACE_HOST: "http://127.0.0.1:1", TAILRACE_CONTEXT: "other", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }
  const program = [
    'await connect(client => console.log(client.address), { context: "build" })',
    ...['{ context: "default" }', '{ context: "nosuch" }', '{ context: "" }', '{ context: "other", address: "http://127.0.0.1:4" }'].map(
      options => `await open(${options}).catch(error => console.log(error.code, error.message))`,
    ),
  ]
  assert.deepEqual((await output(program.join("\n"), environment)).trimEnd().split("\n"), [
    "http://127.0.0.1:3",
    "UNAVAILABLE no server was found, and none started. Tried:",
    "  context: default",
    `  unix://${directory}/tailrace.sock: no such file`,
    "  http://127.0.0.1:8080: connect ECONNREFUSED 127.0.0.1:8080",
    "  tailrace: not on the PATH",
    `NOT_FOUND context: "nosuch" (expected: one of build, other, which 'tailrace context create' makes)`,
    'INVALID_ARGUMENT context: "" (expected: 1 to 128 of [a-zA-Z0-9_.-], the first a letter or digit)',
    'INVALID_ARGUMENT context: "other" (expected: it or the address http://127.0.0.1:4, not both)',
  ])
})

test("a context that is not as expected is told by what is wrong", bounded, async () => {
  for (const [text, failure] of [
    ["", "INVALID_ARGUMENT context file: FILE: no address (expected: address=…)"],
    ["\nc2VjcmV0==", "INVALID_ARGUMENT context file: FILE: line 2 (expected: address=… and token-file=…, once each)"],
    ["address=ftp://x", 'INVALID_ARGUMENT address: "ftp://x"'],
    ["address=a\ntoken-file=t", "INVALID_ARGUMENT context file: FILE: token-file= with what is no absolute path"],
    ["#".repeat((64 << 10) + 1), "INVALID_ARGUMENT size of FILE: 65537 (expected: at most 65536 bytes)"],
  ] as const) {
    context("bad", text)
    const said = await output(FAILURE, { TAILRACE_CONTEXT: "bad" })
    assert.ok(said.startsWith(failure.replace("FILE", join(contexts, "bad"))), said)
  }
  rmSync(join(contexts, "bad"))
  assert.match(await output(FAILURE, { TAILRACE_CONTEXT: "nosuch" }), /^NOT_FOUND context: "nosuch" \(expected: one of build, other/)
  assert.match(await output(FAILURE, { TAILRACE_CONTEXT: "../up" }), /^INVALID_ARGUMENT context: "\.\.\/up"/)
})

test("a context's token is read from its file, which others cannot read", bounded, async () => {
  const file = join(directory, "token")
  context("tokened", `address=http://127.0.0.1:3\ntoken-file=${file}\n`)
  const chosen = { TAILRACE_CONTEXT: "tokened" }
  assert.match(await output(FAILURE, chosen), /^INVALID_ARGUMENT token file: .* \(expected: a file\)/)
  writeFileSync(file, "secret\n", { mode: 0o640 })
  assert.match(await output(FAILURE, chosen), /mode: "0640" \(expected: 0600, with chmod 600\)/)
  rmSync(file)
  writeFileSync(file, "secret\n", { mode: 0o600 })
  assert.equal(await output(ADDRESS, chosen), "http://127.0.0.1:3\n")
})

test("a context that the tailrace command made is found, with its token", long, async () => {
  if (address === undefined) return
  const config = join(directory, "made")
  const environment = { ...process.env, XDG_CONFIG_HOME: config, TAILRACE_HOST: "", TAILRACE_TOKEN: "", TAILRACE_CONTEXT: "" }
  const command = (...args: string[]) => {
    const result = spawnSync(join(commands, "tailrace"), args, { env: environment, encoding: "utf8", timeout: 60_000 })
    assert.equal(result.status, 0, result.stderr)
    return result.stdout
  }
  const file = join(directory, "made-token")
  writeFileSync(file, token ?? "none", { mode: 0o600 })
  command("context", "create", "made", "--host", address, "--token", `@${file}`)
  command("context", "use", "made")
  const { open } = await import("@tailrace/sdk")
  const before = process.env
  try {
    process.env = environment
    const client = await open()
    assert.equal(client.address, address)
    assert.equal((await client.info()).problems.length, 0)
    await client.close()
  } finally {
    process.env = before
  }
})

test("the local socket is found, and needs no token", { ...bounded, skip: socket === "" }, async () => {
  symlinkSync(socket, join(directory, "tailrace.sock"))
  try {
    const said = await output("await connect(async client => console.log(client.address, (await client.info()).runtime))")
    assert.match(said, new RegExp(`^unix://${directory}/tailrace.sock \\w+\n$`))
  } finally {
    rmSync(join(directory, "tailrace.sock"))
  }
})

test("where there is no server, all that was tried is told", bounded, async () => {
  const path = join(directory, "tools")
  mkdirSync(path)
  const outcome = await output(FAILURE, { PATH: `/usr/sbin:/usr/bin:/sbin:/bin` })
  assert.deepEqual(outcome.trimEnd().split("\n"), [
    "UNAVAILABLE no server was found, and none started. Tried:",
    "  TAILRACE_HOST: not set",
    "  context: none in use",
    `  unix://${directory}/tailrace.sock: no such file`,
    "  http://127.0.0.1:8080: connect ECONNREFUSED 127.0.0.1:8080",
    "  tailrace: not on the PATH",
  ])
  writeFileSync(join(path, "tailrace"), "#!/bin/sh\necho it cannot >&2\nexit 3\n", { mode: 0o755 })
  writeFileSync(join(directory, "tailrace.sock"), "")
  const failed = await output(FAILURE, { PATH: `${path}:/usr/sbin:/usr/bin:/sbin:/bin` })
  rmSync(join(directory, "tailrace.sock"))
  assert.match(failed, /tailrace.sock: connect ECONNREFUSED/)
  assert.ok(failed.endsWith(`  ${path}/tailrace server: has ended: it cannot\n`), failed)
})
