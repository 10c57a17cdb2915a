import { connect } from "node:net"
import type { Interceptor } from "@connectrpc/connect"
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node"
import type { Channel } from "./connection.js"
import type { Endpoint } from "./endpoint.js"

/** One record carries at most 64 KiB of output; an inspect may carry long environments. */
const MESSAGE_BYTES_MAX = 8 << 20

/** What a stream that nobody reads holds in this process. */
const WINDOW_BYTES = 1 << 20
const PING_INTERVAL_MILLIS = 20_000
const PING_TIMEOUT_MILLIS = 10_000

/** gRPC over HTTP/2, by TCP or by a unix socket. One connection, made with the first call and again when it was lost. */
export function grpcChannel(endpoint: Endpoint, token: string | undefined): Channel {
  const { baseUrl, socket } = endpoint
  const sessionManager = new Http2SessionManager(
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
    close: () => {
      sessionManager.abort(new Error("the client was closed"))
    },
  }
}

/** Says with every call who calls. */
export function bearer(token: string): Interceptor {
  return next => request => {
    request.header.set("authorization", `Bearer ${token}`)
    return next(request)
  }
}
