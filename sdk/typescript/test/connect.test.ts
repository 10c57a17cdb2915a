// How a client finds its server. What depends on the machine (port 8080, the local socket) is tried in a network and as a
// user of the test's own. TAILRACE_BIN is a directory with the tailrace command, TAILRACE_SOCKET the server's unix socket.
import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { address, bounded, image, token, until } from "./support.js"

const commands = process.env["TAILRACE_BIN"] ?? ""
const socket = process.env["TAILRACE_SOCKET"] ?? ""
const long = { timeout: 200_000, skip: commands === "" ? "TAILRACE_BIN names no directory" : false }
const root = fileURLToPath(new URL("../..", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "tailrace-connect-"))
const contexts = join(directory, "config/tailrace/contexts")
/** Of a server, on a machine that does other things as well. */
const END_MILLIS_MAX = 90_000
let scripts = 0

mkdirSync(contexts, { recursive: true })
mkdirSync(join(root, "target/connect"), { recursive: true })

after(() => {
  rmSync(directory, { recursive: true, force: true })
})

interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Runs a program that has `open` and `connect`, as a user who has nothing but this environment, alone in a network. */
async function run(program: string, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const file = join(root, `target/connect/script-${++scripts}.mjs`)
  // For others than root the local socket is in XDG_RUNTIME_DIR.
  writeFileSync(file, `import { connect, open } from "@tailrace/sdk"\nprocess.getuid = () => 65534\n${program}`)
  const alone = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, file]
  const inherited = ["PATH", "HOME", "JAVA_HOME", "TAILRACE_DIST"].map(name => [name, process.env[name]] as const)
  const child = spawn("unshare", alone, {
    env: {
      ...Object.fromEntries(inherited),
      XDG_CONFIG_HOME: join(directory, "config"),
      XDG_RUNTIME_DIR: directory,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const said = { stdout: "", stderr: "" }
  child.stdout.on("data", (text: Buffer) => (said.stdout += text.toString()))
  child.stderr.on("data", (text: Buffer) => (said.stderr += text.toString()))
  return new Promise(resolve => {
    child.on("close", exitCode => {
      resolve({ ...said, exitCode })
    })
  })
}

/** What a program writes that must succeed. */
async function output(program: string, environment?: NodeJS.ProcessEnv): Promise<string> {
  const outcome = await run(program, environment)
  assert.equal(outcome.exitCode, 0, JSON.stringify(outcome))
  return outcome.stdout
}

const ADDRESS = "await connect(client => console.log(client.address))"
const FAILURE = "await open().catch(error => console.log(error.code, error.message))"

function context(name: string, text: string): void {
  writeFileSync(join(contexts, name), text)
}

/** The processes that name a path. */
function processesOf(path: string): string[] {
  return readdirSync("/proc")
    .filter(entry => /^\d+$/.test(entry))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      } catch {
        return ""
      }
    })
    .filter(line => line.includes(path))
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
    ["", "INVALID_ARGUMENT context file: FILE: \"no address\" (expected: address=…)"],
    ["adress=x", "INVALID_ARGUMENT context file: FILE: \"adress\" (expected: address=… and token-file=…, once each)"],
    ["address=ftp://x", 'INVALID_ARGUMENT address: "ftp://x"'],
    ["address=a\ntoken-file=t", 'INVALID_ARGUMENT context file: FILE: token-file: "t" (expected: an absolute path)'],
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

/** What a server that a client starts is to use: nothing of this machine's. */
function own(): { data: string; environment: NodeJS.ProcessEnv } {
  const data = mkdtempSync(join(directory, "d"))
  const path = `${commands}:${process.env["PATH"] ?? ""}`
  return { data, environment: { PATH: path, TAILRACE_DATA_DIRECTORY: data, TAILRACE_RUNTIME_NAME: "containerd" } }
}

async function nothingIsLeft(address: string | undefined, data: string): Promise<void> {
  const at = dirname(/^unix:\/\/(\/.*)$/.exec(address ?? "")?.[1] ?? assert.fail(`address: ${address ?? ""}`))
  const isGone = () => !existsSync(at) && processesOf(data).length === 0 && processesOf(at).length === 0
  await until("the server to be gone", isGone, END_MILLIS_MAX)
}

test("where none runs one is started, used, and ended with the client", long, async () => {
  const { data, environment } = own()
  const said = await output(
    `import { execFileSync } from "node:child_process"
    import { existsSync } from "node:fs"
    const log = []
    let address
    await connect(async client => {
      address = client.address
      execFileSync("tailrace", ["--host", address, "image", "busybox", "${image}"])
      const container = client.container().from("${image}").withNetwork("none").withExec(["echo", "hello"])
      process.stdout.write(await container.stdout())
    }, { LogOutput: { write: text => log.push(text) } })
    console.log(address, existsSync(address.slice("unix://".length)), log[0].trim())`,
    environment,
  )
  const [hello, told = ""] = said.split("\n")
  assert.equal(hello, "hello")
  assert.match(told, /^unix:\S+ false tailrace: no server is running; starting \S+\/tailrace$/)
  await nothingIsLeft(told.split(" ")[0], data)
})

test("two clients at once have a server each, which end with their process, however that dies", long, async () => {
  const { data, environment } = own()
  const outcome = await run(
    `const first = await open()
    const second = await open()
    console.log(first.address, second.address, (await first.info()).runtime, (await second.info()).runtime)
    process.kill(process.pid, "SIGKILL")`,
    environment,
  )
  const [first, second, ...runtimes] = outcome.stdout.trim().split(" ")
  assert.notEqual(first, second)
  assert.deepEqual(runtimes, ["containerd", "containerd"], outcome.stderr)
  await nothingIsLeft(first, data)
  await nothingIsLeft(second, data)
})

test("who forgets to close the client ends all the same, and the server with it", long, async () => {
  const { data, environment } = own()
  const said = await output("const client = await open()\nconsole.log(client.address)", environment)
  await nothingIsLeft(said.trim(), data)
})

test("a start that is aborted leaves nothing", long, async () => {
  const { data, environment } = own()
  const said = await output(
    "await open({ signal: AbortSignal.timeout(200) }).catch(error => console.log(error.code))",
    environment,
  )
  assert.equal(said, "DEADLINE_EXCEEDED\n")
  await until("the server to be gone", () => processesOf(data).length === 0, END_MILLIS_MAX)
})
