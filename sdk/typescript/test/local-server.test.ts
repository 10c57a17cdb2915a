// A server that a client starts for itself where it finds none. TAILRACE_BIN is a directory with the tailrace command.
import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { Alone, commands, long } from "./alone.js"
import { image, until } from "./support.js"

/** Of a server, on a machine that does other things as well. */
const END_MILLIS_MAX = 90_000

const alone = new Alone("starting")
const output = (program: string, environment?: NodeJS.ProcessEnv) => alone.output(program, environment)

after(() => {
  alone.remove()
})

/** The processes that name a path: a server is told its data directory by its environment. */
function processesOf(path: string): string[] {
  return readdirSync("/proc")
    .filter(entry => /^\d+$/.test(entry))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8") + readFileSync(`/proc/${pid}/environ`, "latin1")
      } catch {
        return ""
      }
    })
    .filter(line => line.includes(path))
}

/** What a server that a client starts is to use: nothing of this machine's. */
function own(): { data: string; environment: NodeJS.ProcessEnv } {
  const data = mkdtempSync(join(alone.directory, "d"))
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
  const outcome = await alone.run(
    `const [first, second] = await Promise.all([open(), open()])
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
