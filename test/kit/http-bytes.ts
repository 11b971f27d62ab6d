export type HttpHead = {
  /** The first line: request line or status line. */
  startLine: string;
  /** In wire order, names as written. */
  headers: readonly (readonly [string, string])[];
  /** Value of the first header of that name, whatever its case. */
  header(name: string): string | undefined;
};

export type HttpMessage = HttpHead & {
  /** Decoded from chunks when it came in chunks. */
  body: Buffer;
  /** The chunks as they were cut on the wire; empty when the body did not come in chunks. */
  chunks: readonly Buffer[];
  framing: 'chunked' | 'length' | 'close' | 'none';
  /** The terminating chunk or the announced length came. Never true for `close`: only the end of the connection tells. */
  complete: boolean;
  /** Bytes behind the message. */
  rest: Buffer;
};

const blankLine = Buffer.from('\r\n\r\n');

const startLines = /^(HTTP\/1\.[01] \d{3}( |$)|[A-Z]+ \S+ HTTP\/1\.[01]$)/;

/** The head at the beginning of these bytes and where it ends; null while it is not complete, or when it is no HTTP. */
export const parseHead = (bytes: Buffer): { head: HttpHead; end: number } | null => {
  const end = bytes.indexOf(blankLine);
  if (end === -1) return null;
  const [startLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  if (!startLines.test(startLine)) return null;
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string): string | undefined =>
    headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
  return { head: { startLine, headers, header }, end: end + blankLine.length };
};

const readChunks = (bytes: Buffer): { chunks: Buffer[]; complete: boolean; rest: Buffer } => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return { chunks, complete: false, rest: bytes.subarray(at) };
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (Number.isNaN(size)) throw new Error(`not a chunk size at byte ${at} of the body`);
    const start = lineEnd + 2;
    if (size === 0) {
      const trailer = bytes.indexOf('\r\n', start) === start;
      return { chunks, complete: trailer, rest: bytes.subarray(trailer ? start + 2 : start) };
    }
    const partial = bytes.length < start + size + 2;
    chunks.push(bytes.subarray(start, Math.min(bytes.length, start + size)));
    if (partial) return { chunks, complete: false, rest: Buffer.alloc(0) };
    at = start + size + 2;
  }
};

/** The message at the beginning of these bytes, as far as it came; null while its head is not complete. */
export const parseMessage = (bytes: Buffer): HttpMessage | null => {
  const parsed = parseHead(bytes);
  if (parsed === null) return null;
  const { head, end } = parsed;
  const after = bytes.subarray(end);
  if (/chunked/i.test(head.header('transfer-encoding') ?? '')) {
    const { chunks, complete, rest } = readChunks(after);
    return { ...head, body: Buffer.concat(chunks), chunks, framing: 'chunked', complete, rest };
  }
  const announced = head.header('content-length');
  if (announced !== undefined) {
    const length = Number(announced);
    return {
      ...head,
      body: after.subarray(0, length),
      chunks: [],
      framing: 'length',
      complete: after.length >= length,
      rest: after.subarray(length),
    };
  }
  const bodyless = !head.startLine.startsWith('HTTP/') || / (1\d\d|204|304)( |$)/.test(head.startLine);
  return {
    ...head,
    body: bodyless ? Buffer.alloc(0) : after,
    chunks: [],
    framing: bodyless ? 'none' : 'close',
    complete: bodyless,
    rest: bodyless ? after : Buffer.alloc(0),
  };
};
