// A small client of the Exec service: one process per session, its output in order, its exit code last.
//
//   const service = connect("127.0.0.1:8080", token)
//   const session = service.session({ container_id, exec_id: "build-1", command: ["make"] })
//   const { stdout, exit } = await session.result()
//
// The messages and their fields are those of dagger/exec/exec.proto, by their literal names.
import { fileURLToPath } from "node:url"
import grpc from "@grpc/grpc-js"
import protoLoader from "@grpc/proto-loader"

const PROTO_ROOT = fileURLToPath(new URL("../../api/src/main/protobuf", import.meta.url))
const CALL_TIMEOUT_MILLIS = 15_000

const definition = protoLoader.loadSync("dagger/exec/exec.proto", {
  includeDirs: [process.env.TAILRACE_PROTO_ROOT ?? PROTO_ROOT],
  keepCase: true, // container_id, not containerId; Width, not width
  longs: String, // timestamps and byte counts do not fit a double
  defaults: true,
  oneofs: true, // response.msg names the field that is set
})
const Exec = grpc.loadPackageDefinition(definition).dagger.exec.Exec

export const status = grpc.status

/**
 * Connects to a server. The connection is made when it is first used. More headers go with each call; one that is
 * undefined is left out.
 */
export function connect(address, token, headers = {}) {
  const metadata = new grpc.Metadata()
  // The user name is empty: the token alone says who calls.
  const authorization = token ? "Basic " + Buffer.from(":" + token).toString("base64") : undefined
  for (const [name, value] of Object.entries({ authorization, ...headers })) {
    if (value !== undefined) metadata.set(name, value)
  }
  return new ExecService(new Exec(address, grpc.credentials.createInsecure()), metadata)
}

class ExecService {
  #client
  #metadata

  constructor(client, metadata) {
    this.#client = client
    this.#metadata = metadata
  }

  /** Starts a process, or joins it if its exec_id is known; the container's id as exec_id is its own process. */
  session(start) {
    const session = new Session(this.#client.Session(this.#metadata))
    session.send({ start })
    return session
  }

  /** A session of which not even the first message was sent. */
  openSession() {
    return new Session(this.#client.Session(this.#metadata))
  }

  /** What happens to a container from now on, beginning with its latest event; to all if the id is empty. */
  lifecycle(containerId = "") {
    return new Lifecycle(this.#client.ContainerLifecycle({ container_id: containerId }, this.#metadata))
  }

  status(containerId, { includeResourceUsage = false } = {}) {
    return this.#call("ContainerStatus", {
      container_id: containerId,
      include_resource_usage: includeResourceUsage,
    })
  }

  pause(containerId) {
    return this.#call("ContainerPause", { container_id: containerId })
  }

  resume(containerId) {
    return this.#call("ContainerResume", { container_id: containerId })
  }

  signal(containerId, signal) {
    return this.#call("ContainerSignal", { container_id: containerId, signal })
  }

  close() {
    this.#client.close()
  }

  #call(method, request) {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + CALL_TIMEOUT_MILLIS }
      this.#client[method](request, this.#metadata, options, (error, response) =>
        error ? reject(error) : resolve(response),
      )
    })
  }
}

/** One client of one process. Iterate over its responses, or wait for its result. */
class Session {
  #call
  #responses

  constructor(call) {
    this.#call = call
    this.#responses = call[Symbol.asyncIterator]()
  }

  send(request) {
    this.#call.write(request)
  }

  write(text) {
    this.send({ stdin: Buffer.from(text) })
  }

  /** An empty piece of stdin is its end. */
  closeStdin() {
    this.send({ stdin: Buffer.alloc(0) })
  }

  /** The fields begin with capitals: Width, Height. */
  resize(width, height) {
    this.send({ resize: { Width: width, Height: height } })
  }

  /** Says that nothing more will be sent; output goes on. */
  halfClose() {
    this.#call.end()
  }

  /** Leaves; the process runs on. */
  cancel() {
    this.#call.cancel()
  }

  async next() {
    const { value, done } = await this.#responses.next()
    return done ? undefined : value
  }

  async ready() {
    const response = await this.next()
    if (response?.msg !== "ready") {
      throw new Error(`first response: ${response?.msg} (expected: ready)`)
    }
    return response.ready
  }

  /** Reads stdout until it contains a text; returns everything read. */
  async readUntil(text) {
    let output = ""
    while (!output.includes(text)) {
      const response = await this.next()
      if (response === undefined) {
        throw new Error(`the session ended before ${JSON.stringify(text)} came; it said ${JSON.stringify(output)}`)
      }
      if (response.msg === "stdout") output += response.stdout
    }
    return output
  }

  /** Everything that is still to come, up to the end of the session. */
  async result() {
    const result = { stdout: [], stderr: [], order: [], exit: undefined }
    for (let response = await this.next(); response !== undefined; response = await this.next()) {
      result.order.push(response.msg)
      if (response.msg === "stdout" || response.msg === "stderr") result[response.msg].push(response[response.msg])
      if (response.msg === "exit") result.exit = response.exit
    }
    this.halfClose()
    return { ...result, stdout: Buffer.concat(result.stdout), stderr: Buffer.concat(result.stderr) }
  }
}

/** A stream of lifecycle events. */
class Lifecycle {
  #call
  #events

  constructor(call) {
    this.#call = call
    this.#events = call[Symbol.asyncIterator]()
  }

  async next() {
    const { value, done } = await this.#events.next()
    return done ? undefined : value
  }

  /** The first event that fits; skips those before it. */
  async until(fits) {
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      if (fits(event)) return event
    }
    throw new Error("the lifecycle ended before the event came")
  }

  close() {
    // Cancelling ends the stream with an error that nobody needs to hear of.
    this.#call.on("error", () => {})
    this.#call.cancel()
  }
}
