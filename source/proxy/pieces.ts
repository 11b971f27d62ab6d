/** So many pieces stay as they come: the body of nearly every request has fewer. */
const asTheyCome = 16;
const pageBytes = 16_384;
/** A piece of this size is worth a buffer of its own. */
const largeBytes = pageBytes / 4;

/**
 * Bytes that come in pieces, kept in few buffers. A client may send a megabyte byte by byte, and each small buffer takes
 * half a kilobyte: twenty million of them would end the process within a limit of 32 MiB.
 */
export class Pieces {
  /** What has been added, in its order. The last one is replaced while it grows. */
  readonly chunks: Buffer[] = [];
  #page: Buffer | null = null;
  #filled = 0;

  /** Adds a piece that nobody writes to any more. */
  add(piece: Buffer): void {
    const rest = this.#page ? this.#fill(this.#page, piece) : piece;
    if (rest.length === 0) return;
    if (this.chunks.length < asTheyCome || rest.length >= largeBytes) {
      this.chunks.push(rest);
      return;
    }
    this.#page = Buffer.allocUnsafeSlow(pageBytes);
    this.#filled = rest.copy(this.#page);
    this.chunks.push(this.#page.subarray(0, this.#filled));
  }

  /** Copies as much as the page has room for; what is left over. */
  #fill(page: Buffer, piece: Buffer): Buffer {
    const copied = piece.copy(page, this.#filled);
    this.#filled += copied;
    this.chunks[this.chunks.length - 1] = page.subarray(0, this.#filled);
    if (this.#filled === page.length) this.#page = null;
    return piece.subarray(copied);
  }
}
