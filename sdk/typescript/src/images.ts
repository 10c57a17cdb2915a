import type { CallOptions as WireOptions } from "@connectrpc/connect"
import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { TailraceError } from "./errors.js"
import type { Image as WireImage, ImageProgress as WireProgress } from "./gen/tailrace/v1/images_pb.js"
import { SentArchive } from "./sent-archive.js"

/** An image of the runtime. */
export interface Image {
  /** `sha256:` and 64 hex digits. */
  readonly id: string
  readonly references: readonly string[]
  readonly digest: string
  readonly sizeBytes: number
  /** os/architecture[/variant] */
  readonly platform: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
}

/** How far one part of an image has come. */
export interface ImageProgress {
  /** A layer's digest, `manifest`, `archive`. */
  readonly part: string
  /** `waiting`, `downloading`, `unpacking`, `done` */
  readonly status: string
  readonly doneBytes: number
  /** 0: not known. */
  readonly totalBytes: number
}

/** What fetching and importing take. */
export interface TransferOptions extends CallOptions {
  /** Is told how far each part has come. */
  progress?: (progress: ImageProgress) => void
}

/** The runtime's images. References are as in Docker: `busybox` is `docker.io/library/busybox:latest`. */
export class Images {
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** All images. */
  async list(options?: CallOptions): Promise<Image[]> {
    const found = await this.#connection.ask(wire => this.#connection.images.list({}, wire), options)
    return found.images.map(imageOf)
  }

  /** The image that a reference, an id or an unambiguous prefix of one names. NOT_FOUND. */
  async get(reference: string, options?: CallOptions): Promise<Image> {
    return imageOf(await this.#connection.ask(wire => this.#connection.images.get({ reference }, wire), options))
  }

  /** Fetches an image from its registry. NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE. */
  async pull(reference: string, options: TransferOptions = {}): Promise<Image> {
    const images = await this.#transfer(wire => this.#connection.images.pull({ reference }, wire), options)
    return images[0] as Image
  }

  /**
   * Loads an archive: a docker-archive, an OCI layout as a tar, either gzipped or not, or the tar of a root file system.
   * INVALID_ARGUMENT if the bytes are none of these. UNSUPPORTED in browsers, which cannot stream a request.
   *
   * @param reference the name to give; empty: as in the archive
   */
  importArchive(
    archive: Uint8Array | AsyncIterable<Uint8Array>,
    reference = "",
    options: TransferOptions = {},
  ): Promise<Image[]> {
    if (!this.#connection.isDuplex) {
      return Promise.reject(new TailraceError("UNSUPPORTED", "importArchive: not over gRPC-Web (expected: Node)"))
    }
    const sent = new SentArchive({ reference }, archive)
    return this.#transfer(wire => this.#connection.images.import(sent.requests(), wire), options).catch((error: unknown) => {
      throw sent.causeOf(error)
    })
  }

  /** Removes a name and, when it was the last one, the image. With `force` even if a container was made of it. */
  async remove(reference: string, options: CallOptions & { force?: boolean } = {}): Promise<void> {
    const force = options.force ?? false
    await this.#connection.call(wire => this.#connection.images.remove({ reference, force }, wire), options)
  }

  async #transfer(open: (wire: WireOptions) => AsyncIterable<WireProgress>, options: TransferOptions): Promise<Image[]> {
    let images: Image[] = []
    for await (const message of this.#connection.stream(open, options)) {
      if (message.images.length > 0) images = message.images.map(imageOf)
      if (message.part !== "") {
        options.progress?.({
          part: message.part,
          status: message.status,
          doneBytes: Number(message.doneBytes),
          totalBytes: Number(message.totalBytes),
        })
      }
    }
    if (images.length === 0) {
      throw new TailraceError("INCOMPLETE", "the server ended the transfer without naming an image")
    }
    return images
  }
}

function imageOf(image: WireImage): Image {
  return {
    id: image.id,
    references: image.references,
    digest: image.digest,
    sizeBytes: Number(image.sizeBytes),
    platform: image.platform,
    entrypoint: image.entrypoint,
    command: image.command,
  }
}
