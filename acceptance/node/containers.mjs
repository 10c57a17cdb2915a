// Containers for the tests to work on, made over HTTP with JSON.
const CONTAINER_START_MILLIS = 30_000

export class Containers {
  #base
  #headers
  #made = []

  constructor(address, token) {
    this.#base = `http://${address}/v1/containers`
    this.#headers = { "content-type": "application/json" }
    if (token) this.#headers.authorization = `Bearer ${token}`
  }

  /** Makes a container that runs a shell script, and starts it. Returns its id. */
  async run(script, spec = {}) {
    return this.#create(script, spec, true)
  }

  /** Makes a container and does not start it. */
  async create(script, spec = {}) {
    return this.#create(script, spec, false)
  }

  async start(id) {
    await this.#call("POST", `${this.#base}/${id}/start`, {})
  }

  async remove(id) {
    await this.#call("DELETE", `${this.#base}/${id}?force=true`)
    this.#made = this.#made.filter(made => made !== id)
  }

  /** Removes what is left of all that were made. */
  async removeAll() {
    for (const id of [...this.#made]) await this.remove(id)
  }

  async #create(script, spec, start) {
    const image = process.env.TAILRACE_IMAGE ?? "busybox"
    const container = await this.#call("POST", this.#base, {
      spec: { image, command: ["sh", "-c", script], network: "NETWORK_MODE_NONE", ...spec },
      start,
    })
    this.#made.push(container.id)
    return container.id
  }

  async #call(method, url, body) {
    const response = await fetch(url, {
      method,
      headers: this.#headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(CONTAINER_START_MILLIS),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
}
