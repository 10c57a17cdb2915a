// Files that go into containers and come out of them, against a real server.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { CommandFailedError, type Container, type Tailrace } from "@tailrace/sdk"
import { open } from "@tailrace/sdk/browser"
import { Containers, Files, PathStatus_Type } from "#gen/tailrace/v1/containers_pb.js"
import { KeptFiles, KeptRuns } from "../src/kept-files.js"
import { TAR_END, tarHeader, type TarEntry } from "../src/tar.js"
import { scripted } from "./scripted-server.js"
import { address, bounded, client, failure, image, script, token, until } from "./support.js"

let tailrace: Tailrace
let container: Container
let directory: string

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tailrace-files-"))
  tailrace = await client()
  const command = ["sh", "-c", "mkdir /work; echo ready; exec sleep 600"]
  container = await tailrace.containers.run({ image, network: "none", entrypoint: [], command, autoRemove: true })
  await container.waitForLine("ready")
}, bounded)

after(async () => {
  await container.remove({ force: true })
  await tailrace.close()
  rmSync(directory, { recursive: true, force: true })
}, bounded)

test("a file that is written is read again, with its mode and owner", bounded, async () => {
  await container.writeFile("/work/greeting", "grüße\n", { mode: 0o600, uid: 12, gid: 3_000_000 })
  assert.equal((await container.readFile("/work/greeting")).toString(), "grüße\n")
  const { name, type, sizeBytes, mode } = await container.stat("/work/greeting")
  assert.deepEqual([name, type, sizeBytes, mode], ["greeting", "file", 8, 0o600])
  const exec = await container.exec(["stat", "-c", "%u %g", "/work/greeting"])
  await exec.waitForLine("^12 3000000$")
  await container.writeFile("/work/greeting", new Uint8Array())
  assert.equal((await container.readFile("/work/greeting")).length, 0)
})

test("a file of any length streams out, and a reader may leave", bounded, async () => {
  const exec = await container.exec(["sh", "-c", "seq 1 3000000 > /work/long; sha256sum < /work/long"])
  const line = await exec.waitForLine("^[0-9a-f]{64}")
  const hash = createHash("sha256")
  for await (const part of container.streamFile("/work/long")) hash.update(part)
  assert.equal(line.line.toString().slice(0, 64), hash.digest("hex"))
  for await (const part of container.streamFile("/work/long")) {
    assert.ok(part.toString().startsWith("1\n2\n"))
    break
  }
  await failure("DEADLINE_EXCEEDED", container.readFile("/work/long", { signal: AbortSignal.timeout(1) }))
})

test("a tree goes in and comes out as it was", bounded, async () => {
  const long = "n".repeat(120)
  const source = join(directory, "tree")
  mkdirSync(join(source, "empty"), { recursive: true })
  mkdirSync(join(source, long, "ümlaut"), { recursive: true })
  writeFileSync(join(source, long, "ümlaut", "data"), Buffer.alloc(200_000, "x"))
  writeFileSync(join(source, "script"), "#!/bin/sh\n")
  chmodSync(join(source, "script"), 0o755)
  symlinkSync("script", join(source, "link"))

  await container.copyTo(source, "/work")
  await container.copyFrom("/work/tree", join(directory, "back"))
  const back = join(directory, "back")
  assert.ok(readFileSync(join(back, long, "ümlaut", "data")).equals(Buffer.alloc(200_000, "x")))
  assert.equal(statSync(join(back, "script")).mode & 0o7777, 0o755)
  assert.equal(statSync(join(back, "script")).mtime.getTime(), Math.floor(statSync(join(source, "script")).mtimeMs / 1000) * 1000)
  assert.equal(readlinkSync(join(back, "link")), "script")
  assert.ok(statSync(join(back, "empty")).isDirectory())
})

test("a file from before 1970 comes out with its time", bounded, async () => {
  const source = mkdtempSync(join(directory, "old-"))
  writeFileSync(join(source, "old"), "old")
  const archive = execFileSync("tar", ["-C", source, "--format=gnu", "--mtime=@-86400", "-cf", "-", "old"])
  await container.writeArchive("/work", archive)
  await container.copyFrom("/work/old", join(source, "back"))
  assert.equal(statSync(join(source, "back")).mtime.getTime(), -86_400_000)
})

test("copies go where docker cp puts them", bounded, async () => {
  const source = join(directory, "one")
  mkdirSync(source)
  writeFileSync(join(source, "file"), "1")
  await container.copyTo(join(source, "file"), "/work/renamed")
  await container.copyTo(source, "/work/new")
  await container.copyTo(`${source}/.`, "/work")
  for (const path of ["/work/renamed", "/work/new/file", "/work/file"]) {
    assert.equal((await container.readFile(path)).toString(), "1", path)
  }
  const into = mkdtempSync(join(directory, "into-"))
  await container.copyFrom("/work/new", into)
  await container.copyFrom("/work/new/.", into)
  await container.copyFrom("/work/file", join(into, "other"))
  for (const path of ["new/file", "file", "other"]) assert.equal(readFileSync(join(into, path), "utf8"), "1")
})

test("what cannot be copied is refused by its name", bounded, async () => {
  await failure("NOT_FOUND", container.stat("/nothing"))
  await failure("NOT_FOUND", container.readFile("/nothing"))
  await failure("INVALID_ARGUMENT", container.readFile("/work"))
  await failure("INVALID_ARGUMENT", container.stat("relative"))
  await failure("INVALID_ARGUMENT", container.writeFile("/work/", "text"))
  await failure("INVALID_ARGUMENT", container.writeFile("/work/x", "text", { mode: 0o100000 }))
  await failure("NOT_FOUND", container.writeFile("/nowhere/file", "text"))
  await failure("INVALID_ARGUMENT", container.writeArchive("/work", Buffer.from("no archive at all".repeat(100))))
  await failure("NOT_FOUND", container.copyTo(join(directory, "nothing"), "/work"))
  await failure("NOT_FOUND", container.copyFrom("/work", join(directory, "nothing", "below")))
  await failure("FAILED_PRECONDITION", container.copyFrom("/work/file", join(directory, "one", "file", "below")))
  const broken = async function* () {
    yield await Promise.resolve(new Uint8Array(512))
    throw new RangeError("the archive's own")
  }
  await assert.rejects(container.writeArchive("/work", broken()), RangeError)
})

test("over gRPC-Web files are read, and what would write them is UNSUPPORTED", bounded, async () => {
  const web = await open({ address: address ?? "http://127.0.0.1:8080", ...(token === undefined ? {} : { token }) })
  const same = await web.containers.get(container.id)
  await container.writeFile("/work/web", "as it is")
  assert.equal((await same.readFile("/work/web")).toString(), "as it is")
  await failure("UNSUPPORTED", same.writeFile("/work/web", "otherwise"))
  await failure("UNSUPPORTED", same.copyTo(directory, "/work"))
  await failure("UNSUPPORTED", same.copyFrom("/work/web", directory))
  const lazy = web.container().from(image).withNetwork("none")
  await failure("UNSUPPORTED", lazy.withNewFile("/x", "").withExec(["true"]).sync())
  assert.equal(await lazy.withExec(["sh", "-c", "echo left > /x"]).file("/x").contents(), "left\n")
  const shell = lazy.file("/bin/sh")
  assert.equal((await shell.stat()).name, "sh")
  await failure("UNSUPPORTED", shell.export(directory))
  await web.close()
})

test("a lazy container has the files that it was given, each command those before it", bounded, async () => {
  const source = join(directory, "given")
  mkdirSync(join(source, "below"), { recursive: true })
  writeFileSync(join(source, "below", "file"), "from a directory\n")
  const base = tailrace.container().from(image).withNetwork("none")
  const one = base
    .withNewFile("/run.sh", "cat /copy /tree/below/file", { mode: 0o700 })
    .withFile("/copy", join(source, "below", "file"))
    .withDirectory("/tree", source)
    .withExec(["/bin/sh", "/run.sh"])
  assert.equal(await one.stdout(), "from a directory\nfrom a directory\n")
  const two = one.withNewFile("/later", "later\n").withDirectory("/tmp", source).withExec(["cat", "/later", "/tmp/below/file"])
  assert.equal(await two.stdout(), "later\nfrom a directory\n")
  assert.equal(await base.withNewFile("/etc/x", "").withExec(["cat", "/etc/x"]).stdout(), "")
})

test("a lazy container whose files cannot be had does not run, and leaves nothing", bounded, async () => {
  const base = tailrace.container().from(image).withNetwork("none").withLabel("files", "none")
  await failure("NOT_FOUND", base.withNewFile("/no/where", "text").withExec(["true"]).sync())
  await failure("NOT_FOUND", base.withFile("/file", join(directory, "nothing")).withExec(["true"]).exitCode())
  const chain = base.withExec(["true"]).withFile("/file", join(directory, "nothing")).withExec(["true"])
  await failure("NOT_FOUND", chain.sync())
  await until("all to be gone", async () => (await tailrace.containers.list({ all: true, labels: { files: "none" } })).length === 0)
})

const LEFT = `mkdir -p /out/below; cat /proc/sys/kernel/random/uuid > /out/id; ln -s id /out/link
  seq 1 300000 > /out/below/long; cat /out/id`

test("what a lazy container leaves is read and copied, of one run, until its client is closed", bounded, async () => {
  const own = await client()
  const one = script(own, LEFT).withLabel("files", "left")
  const file = one.file("/out/id")
  const text = await file.contents()
  assert.match(text, /^[0-9a-f-]{36}\n$/)
  assert.deepEqual(await Promise.all([file.contents(), one.stdout(), one.exitCode()]), [text, text, 0])
  assert.equal((await one.file("/out/id").bytes()).toString(), text)
  assert.equal((await file.stat()).sizeBytes, text.length)
  const numbers = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join("")
  const parts: string[] = []
  for await (const part of one.file("/out/below/long").stream()) parts.push(part.toString())
  assert.ok(parts.join("") === numbers)
  for await (const part of one.file("/out/below/long").stream()) {
    assert.ok(part.toString().startsWith("1\n2\n"))
    break
  }

  const target = join(directory, "exported")
  for (const round of ["made", "there already"]) {
    await one.directory("/out").export(target)
    assert.equal(readFileSync(join(target, "id"), "utf8"), text, round)
    assert.ok(readFileSync(join(target, "below", "long"), "utf8") === numbers, round)
    assert.equal(readlinkSync(join(target, "link")), "id", round)
  }
  await file.export(join(target, "copy"))
  assert.equal(readFileSync(join(target, "copy"), "utf8"), text)

  const two = one.withExec(["sh", "-c", "wc -c < /out/id > /count"]).directory("/")
  assert.equal((await two.stat()).type, "directory")
  const labelled = { all: true, labels: { files: "left" } }
  assert.equal((await tailrace.containers.list(labelled)).length, 2)
  assert.equal((await one.status()).status, "exited")
  await own.close()
  assert.deepEqual(await tailrace.containers.list(labelled), [])
  await assert.rejects(file.contents())
})

test("without a command what an image has is read, and what it was given", bounded, async () => {
  const base = tailrace.container().from(image).withNetwork("none")
  const given = base.withNewFile("/given", "as it is\n")
  assert.equal(await given.file("/given").contents(), "as it is\n")
  assert.equal((await given.file("/bin/sh").stat()).name, "sh")
})

test("files of a lazy container that cannot be had are refused as those of any container", bounded, async () => {
  const label = { files: "refused" }
  const base = tailrace.container().from(image).withNetwork("none").withLabel("files", "refused")
  const one = base.withExec(["mkdir", "/out"])
  assert.throws(() => one.file("relative"), { code: "INVALID_ARGUMENT" })
  const missing = await failure("NOT_FOUND", one.file("/nothing").contents())
  const id = await one.id()
  assert.equal((await failure("NOT_FOUND", (await tailrace.containers.get(id)).readFile("/nothing"))).message, missing.message)
  await failure("NOT_FOUND", one.file("/nothing").export(directory))
  await failure("NOT_FOUND", one.directory("/nothing").export(directory))
  await failure("INVALID_ARGUMENT", one.file("/out").contents())
  await failure("INVALID_ARGUMENT", one.file("/out").export(directory))
  await failure("NOT_FOUND", one.directory("/out").export(join(directory, "nothing", "below")))
  await failure("DEADLINE_EXCEEDED", base.withExec(["sleep", "60"]).file("/bin/sh").contents({ timeoutMillis: 1 }))

  const failing = base.withExec(["sh", "-c", "echo kept > /file; exit 9"]).file("/file")
  const error = await failure("COMMAND_FAILED", failing.contents())
  assert.ok(error instanceof CommandFailedError && error.exitCode === 9)
  await failure("COMMAND_FAILED", failing.contents())
  const may = base.withExec(["sh", "-c", "echo kept > /file; exit 9"], { expect: "any" }).file("/file")
  assert.equal(await may.contents(), "kept\n")

  const late = base.withExec(["true"])
  await late.sync()
  await failure("FAILED_PRECONDITION", late.file("/bin/sh").contents())
  // Those that have succeeded, and the one that sleeps.
  await until("the others to be gone", async () => (await tailrace.containers.list({ all: true, labels: label })).length === 3)
})

test("so many runs are kept for their files, and none is taken from its reader", () => {
  const runs = new KeptRuns()
  const removed: number[] = []
  const files = Array.from({ length: 70 }, (_, index) => {
    return new KeptFiles(runs, () => Promise.resolve(void removed.push(index)))
  })
  const release = files[0]?.hold()
  for (const each of files) each.left()
  assert.deepEqual(removed, [1, 2, 3, 4, 5, 6])
  files[7]?.hold()()
  release?.()
  new KeptFiles(runs, () => Promise.resolve()).left()
  assert.deepEqual(removed, [1, 2, 3, 4, 5, 6, 8])
  assert.throws(() => files[8]?.hold(), { code: "FAILED_PRECONDITION" })
})

const plain = { mode: 0o644, uid: 0, gid: 0, sizeBytes: 0, modifiedSeconds: 0, linkTarget: "" }

/** What comes of a copy from a server that sends these entries as the directory `evil`. */
async function copied(entries: Partial<TarEntry>[], target: string): Promise<void> {
  await scripted(
    router => {
      router.service(Containers, { get: ({ container }) => ({ id: container }) })
      router.service(Files, {
        stat: () => ({ name: "evil", type: PathStatus_Type.DIRECTORY }),
        async *read() {
          await Promise.resolve()
          const headers = entries.map(entry => tarHeader({ ...plain, name: "", type: "file", ...entry }))
          for (const data of [...headers, TAR_END]) yield { message: { case: "data" as const, value: data } }
        },
      })
    },
    async scripted => (await scripted.containers.get("evil")).copyFrom("/evil", target),
  )
}

test("nothing is written outside of the target, whatever the server sends", bounded, async () => {
  const outside = join(directory, "outside")
  mkdirSync(outside)
  const root = { name: "evil", type: "directory" as const }
  const target = join(directory, "inside")
  await failure("CORRUPT", copied([root, { name: "evil/../../outside/file" }], target))
  await failure("CORRUPT", copied([root, { name: "/etc/file" }], target))
  const link = { name: "evil/link", type: "link" as const, linkTarget: outside }
  rmSync(target, { recursive: true, force: true })
  await failure("FAILED_PRECONDITION", copied([root, link, { name: "evil/link/file" }], target))
  await failure("FAILED_PRECONDITION", copied([root, link, { name: "evil/hard", type: "hardlink", linkTarget: "evil/link/x" }], target))
  assert.throws(() => statSync(join(outside, "file")), { code: "ENOENT" })
})
