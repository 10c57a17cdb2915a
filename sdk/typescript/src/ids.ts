const CONTAINER_BYTES = 32
const EXEC_BYTES = 8

function random(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("")
}

/** Ids are the client's choice, so that a request that is sent again makes no second container. */
export function containerId(): string {
  return random(CONTAINER_BYTES)
}

export function execId(): string {
  return random(EXEC_BYTES)
}
