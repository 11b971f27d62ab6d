// The head of an answer, read strictly: whatever two readers could understand in two ways (RFC 9112 sections 2.2, 5.2,
// 6.3 and 11.2) is no answer. Nothing is repaired.

/** How the end of a body is found. */
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; length: number }
  | { kind: 'chunked' }
  /** The body ends with the connection. */
  | { kind: 'close' };

export type ResponseHead = {
  /** Three digits. */
  status: number;
  /** name, value, name, value, …, in the spelling and order they came; a character for each byte. */
  rawHeaders: string[];
  /** By name in lower case; the first one of several, but all options of the connection, joined with `, `. */
  headers: Record<string, string>;
  framing: Framing;
  /** Whether the connection may carry a further request. */
  keepAlive: boolean;
  /** How long the other side says that it keeps an idle connection, in milliseconds; null when it does not say. */
  keepAliveMs: number | null;
};

/** The words behind the status go nowhere; what else they hold does no harm. */
const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: [^\0\r\n]*)?(?=\r\n|$)/;
/** A control character, or a line end of one character. A line end that is whole is CR LF. */
const unclean = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const token = /^[!#$%&'*+\-.^_`|~\w]+$/;
/** More than any provider sends: a number that is still exact, and no list. */
const length = /^\d{1,15}$/;

/**
 * Reads a head without the empty line behind it; a character for each byte. `method` is that of the request, which
 * decides with the status whether there is a body. null for a head that is not clear.
 */
export const parseResponseHead = (text: string, method: string): ResponseHead | null => {
  const start = statusLine.exec(text);
  if (start === null || unclean.test(text.slice(start[0].length))) return null;
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = text.indexOf('\r\n');
  while (at !== -1) {
    const from = at + 2;
    at = text.indexOf('\r\n', from);
    const end = at === -1 ? text.length : at;
    const colon = text.indexOf(':', from);
    if (colon === -1 || colon >= end) return null;
    const name = text.slice(from, colon);
    if (!token.test(name)) return null;
    const value = trimmed(text, colon + 1, end);
    const key = name.toLowerCase();
    rawHeaders.push(name, value);
    // node takes chunks with a tab behind the word for a body without chunks.
    if (framingNames.has(key) && (key in headers || text.slice(colon, end).includes('\t'))) return null;
    collect(headers, key, value);
  }
  const status = Number(start[2]);
  const framing = framingOf(status, method, headers);
  if (framing === null) return null;
  return { status, rawHeaders, headers, framing, ...persistence(start[1] === '1', headers, framing) };
};

const space = 0x20;
const tab = 0x09;
const isBlank = (code: number): boolean => code === space || code === tab;

const trimmed = (text: string, from: number, end: number): string => {
  let first = from;
  let last = end;
  while (first < last && isBlank(text.charCodeAt(first))) first += 1;
  while (last > first && isBlank(text.charCodeAt(last - 1))) last -= 1;
  return text.slice(first, last);
};

/** Say where the body ends: once, and in one way. */
const framingNames = new Set(['content-length', 'transfer-encoding']);

const collect = (headers: Record<string, string>, name: string, value: string): void => {
  const known = headers[name];
  if (known === undefined) headers[name] = value;
  else if (name === 'connection') headers[name] = `${known}, ${value}`;
};

/** Announces the answer, or a tunnel, and is no answer itself. */
export const isInterim = (status: number): boolean => status >= 100 && status < 200;

const framingOf = (status: number, method: string, headers: Record<string, string>): Framing | null => {
  const { 'content-length': announced, 'transfer-encoding': encoding } = headers;
  if (announced !== undefined && (encoding !== undefined || !length.test(announced))) return null;
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') return null;
  if (method === 'HEAD' || isInterim(status) || status === 204 || status === 304) return { kind: 'none' };
  if (encoding !== undefined) return { kind: 'chunked' };
  if (announced === undefined) return { kind: 'close' };
  return { kind: 'length', length: Number(announced) };
};

const persistence = (
  isCurrent: boolean,
  headers: Record<string, string>,
  framing: Framing,
): Pick<ResponseHead, 'keepAlive' | 'keepAliveMs'> => {
  const options = headers['connection']?.toLowerCase().split(',');
  const says = (option: string): boolean => options?.some((each) => each.trim() === option) ?? false;
  const seconds = /(?:^|[\s,;])timeout=(\d{1,9})(?:$|[\s,;])/i.exec(headers['keep-alive'] ?? '')?.[1];
  return {
    keepAlive: framing.kind !== 'close' && !says('close') && (isCurrent || says('keep-alive')),
    keepAliveMs: seconds === undefined ? null : Number(seconds) * 1000,
  };
};
