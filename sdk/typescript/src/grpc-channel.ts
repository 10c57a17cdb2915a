import type { ClientHttp2Stream, Http2Session } from "node:http2"
import { connect } from "node:net"
import type { Interceptor } from "@connectrpc/connect"
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node"
import type { Channel } from "./connection.js"
import type { Endpoint } from "./endpoint.js"
import { localFiles } from "./file-copy.js"
import { localTerminal } from "./local-terminal.js"

/** One record carries at most 64 KiB of output; an inspect may carry long environments. */
const MESSAGE_BYTES_MAX = 8 << 20

/** What a stream that nobody reads holds in this process. */
const WINDOW_BYTES = 1 << 20
const PING_INTERVAL_MILLIS = 20_000
const PING_TIMEOUT_MILLIS = 10_000

/** gRPC over HTTP/2, by TCP or by a unix socket. One connection, made with the first call and again when it was lost. */
export function grpcChannel(endpoint: Endpoint, token: string | undefined): Channel {
  const { baseUrl, socket } = endpoint
  const sessionManager = new CompactSessionManager(
    baseUrl,
    { pingIntervalMs: PING_INTERVAL_MILLIS, pingTimeoutMs: PING_TIMEOUT_MILLIS },
    {
      settings: { initialWindowSize: WINDOW_BYTES },
      ...(socket === undefined ? {} : { createConnection: () => connect(socket) }),
    },
  )
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager,
    interceptors: token === undefined ? [] : [bearer(token)],
    readMaxBytes: MESSAGE_BYTES_MAX,
    // Output is seldom worth a compression, and never on a loopback connection.
    acceptCompression: [],
  })
  return {
    address: endpoint.address,
    transport,
    isDuplex: true,
    localFiles,
    localTerminal,
    close: () => {
      sessionManager.abort(new Error("the client was closed"))
    },
  }
}

/**
 * Streams that hold what has come for them and no more. Node hands out pieces of what it has read from the socket at once, up
 * to 64 KiB: a line of a stream that nobody reads would keep all that came with it for others.
 */
class CompactSessionManager extends Http2SessionManager {
  readonly #watched = new WeakSet<Http2Session>()

  override async request(...parameters: Parameters<Http2SessionManager["request"]>): Promise<ClientHttp2Stream> {
    const stream = await super.request(...parameters)
    const push = stream.push.bind(stream)
    stream.push = (chunk, encoding) => push(Buffer.isBuffer(chunk) ? compact(chunk) : chunk, encoding)
    // A connection that the server ends in the moment in which it is closed here has nobody left who listens.
    if (stream.session !== undefined && !this.#watched.has(stream.session)) {
      this.#watched.add(stream.session)
      stream.session.on("error", () => undefined)
    }
    return stream
  }
}

/** The same bytes in memory of which they take half or more. */
function compact(bytes: Buffer): Buffer {
  if (bytes.length * 2 >= bytes.buffer.byteLength) return bytes
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}

/** Says with every call who calls. */
export function bearer(token: string): Interceptor {
  return next => request => {
    request.header.set("authorization", `Bearer ${token}`)
    return next(request)
  }
}
