import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net"

/**
 * A network that breaks: passes TCP on until so many bytes of answers have passed, then cuts all connections in the middle
 * of whatever they carry; and again, until it has cut often enough.
 */
export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #bytesMax: number
  readonly #cutsMax: number
  #left: number
  cuts = 0

  private constructor(target: { host: string; port: number } | { path: string }, bytesMax: number, cutsMax: number) {
    this.#bytesMax = bytesMax
    this.#cutsMax = cutsMax
    this.#left = bytesMax
    this.#server = createServer(client => {
      const server = connect(target)
      for (const socket of [client, server]) {
        this.#sockets.add(socket)
        socket.on("error", () => undefined)
        socket.on("close", () => {
          this.#sockets.delete(socket)
          client.destroy()
          server.destroy()
        })
      }
      client.pipe(server)
      server.on("data", (bytes: Buffer) => {
        this.#pass(bytes, client, server)
      })
    })
  }

  /** Listens on a free port. @param target `http://host:port` or `unix:///path` */
  static async start(target: string, bytesMax: number, cutsMax: number): Promise<CuttingProxy> {
    const url = new URL(target)
    const where = url.protocol === "unix:" ? { path: url.pathname } : { host: url.hostname, port: Number(url.port) }
    const proxy = new CuttingProxy(where, bytesMax, cutsMax)
    await new Promise<void>(resolve => proxy.#server.listen(0, "127.0.0.1", resolve))
    return proxy
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts all connections now. */
  cut(): void {
    this.cuts++
    this.#left = this.#bytesMax
    for (const socket of [...this.#sockets]) socket.destroy()
  }

  close(): void {
    this.#server.close()
    for (const socket of [...this.#sockets]) socket.destroy()
  }

  #pass(bytes: Buffer, client: Socket, server: Socket): void {
    if (this.cuts >= this.#cutsMax || bytes.length < this.#left) {
      this.#left -= this.cuts >= this.#cutsMax ? 0 : bytes.length
      // Also the proxy keeps nothing: who does not read is not read for.
      if (!client.write(bytes)) {
        server.pause()
        client.once("drain", () => server.resume())
      }
      return
    }
    client.write(bytes.subarray(0, this.#left), () => {
      this.cut()
    })
    server.pause()
  }
}
