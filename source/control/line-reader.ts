const newline = 0x0a;

export type LineReader = {
  /** Takes the next bytes as they came; calls `onLine` for each complete line in them. */
  push(chunk: Uint8Array): void;
};

/**
 * Cuts a byte stream into lines, whatever the chunks. A line is given without its end, is only valid during the call
 * and is wiped after it. One longer than `maxBytes` (asked at each piece) calls `onTooLong` once and ends the reading:
 * nothing behind it can be trusted.
 */
export const createLineReader = (options: {
  maxBytes: () => number;
  onLine: (line: Buffer) => void;
  onTooLong: () => void;
}): LineReader => {
  const { maxBytes, onLine, onTooLong } = options;
  let buffer = Buffer.alloc(0);
  let held = 0;
  let over = false;
  const hold = (piece: Buffer): void => {
    if (held + piece.length > buffer.length) {
      // Doubling: a long line in small pieces is copied few times, and costs memory of its own size only.
      const larger = Buffer.alloc(Math.max(512, 2 * (held + piece.length)));
      buffer.copy(larger, 0, 0, held);
      buffer.fill(0);
      buffer = larger;
    }
    piece.copy(buffer, held);
    held += piece.length;
  };
  const fits = (bytes: number): boolean => {
    if (held + bytes <= maxBytes()) return true;
    over = true;
    buffer = Buffer.alloc(0);
    onTooLong();
    return false;
  };
  const emit = (piece: Buffer): void => {
    let line = piece;
    if (held > 0) {
      hold(piece);
      line = buffer.subarray(0, held);
    }
    onLine(line);
    line.fill(0);
    held = 0;
    // One large line must not keep its memory for the rest of a long connection.
    if (buffer.length > 65_536) buffer = Buffer.alloc(0);
  };
  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let start = 0;
      while (start < bytes.length) {
        if (over) return;
        const end = bytes.indexOf(newline, start);
        const piece = bytes.subarray(start, end === -1 ? bytes.length : end);
        if (!fits(piece.length)) return;
        if (end === -1) {
          hold(piece);
          return;
        }
        emit(piece);
        start = end + 1;
      }
    },
  };
};
