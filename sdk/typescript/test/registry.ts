// A registry of images on loopback, and an image of this machine's busybox in it.
import assert from "node:assert/strict"
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "./support.js"

const MANIFEST = "application/vnd.oci.image.manifest.v1+json"
const APPLETS = ["sh", "echo", "cat", "true"]

/** A `docker-registry`, without TLS. To be stopped. */
export class Registry {
  /** host:port */
  readonly address: string
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(address: string, process: ChildProcess, directory: string) {
    this.address = address
    this.#process = process
    this.#directory = directory
  }

  static async start(): Promise<Registry> {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-registry-"))
    const address = `127.0.0.1:${await freePort()}`
    const settings = { version: 0.1, storage: { filesystem: { rootdirectory: join(directory, "content") } }, http: { addr: address } }
    // JSON is YAML.
    writeFileSync(join(directory, "registry.yml"), JSON.stringify(settings))
    const child = spawn("docker-registry", ["serve", join(directory, "registry.yml")], { stdio: "ignore" })
    const registry = new Registry(address, child, directory)
    try {
      await until("the registry to answer", async () => (await registry.#ask("/v2/").catch(() => undefined))?.status === 200)
      return registry
    } catch (error) {
      await registry.stop()
      throw error
    }
  }

  /** Puts an image of busybox there. @returns its reference */
  async push(name: string, tag: string): Promise<string> {
    const layer = this.#layer()
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === "arm64" ? "arm64" : "amd64",
        os: "linux",
        config: { Cmd: ["sh"], Env: ["PATH=/bin"] },
        rootfs: { type: "layers", diff_ids: [digest(layer)] },
      }),
    )
    const parts = [
      { mediaType: "application/vnd.oci.image.config.v1+json", bytes: config },
      { mediaType: "application/vnd.oci.image.layer.v1.tar", bytes: layer },
    ]
    for (const { bytes } of parts) {
      const begun = await this.#ask(`/v2/${name}/blobs/uploads/`, { method: "POST" })
      const place = new URL(begun.headers.get("location") ?? assert.fail("no place for an upload"), `http://${this.address}`)
      place.searchParams.set("digest", digest(bytes))
      assert.equal((await fetch(place, { method: "PUT", body: bytes })).status, 201)
    }
    const [descriptor, ...layers] = parts.map(({ mediaType, bytes }) => ({
      mediaType,
      size: bytes.length,
      digest: digest(bytes),
    }))
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: descriptor, layers })
    const headers = { "content-type": MANIFEST }
    const put = await this.#ask(`/v2/${name}/manifests/${tag}`, { method: "PUT", body: manifest, headers })
    assert.equal(put.status, 201)
    return `${this.address}/${name}:${tag}`
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.pid !== undefined) {
      const ended = new Promise(resolve => this.#process.once("exit", resolve))
      this.#process.kill("SIGKILL")
      await ended
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://${this.address}${path}`, init)
  }

  #layer(): Buffer<ArrayBuffer> {
    const bin = join(this.#directory, "root/bin")
    mkdirSync(bin, { recursive: true })
    copyFileSync(execFileSync("which", ["busybox"], { encoding: "utf8" }).trim(), join(bin, "busybox"))
    for (const applet of APPLETS) symlinkSync("busybox", join(bin, applet))
    execFileSync("tar", ["-C", join(this.#directory, "root"), "-cf", join(this.#directory, "layer.tar"), "."])
    return readFileSync(join(this.#directory, "layer.tar"))
  }
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => {
        resolve(port)
      })
    })
  })
}
