import { createHash, timingSafeEqual } from 'node:crypto';
import { screenVias, type ScreenVia } from '../shared/audit-event.ts';
import type { Command } from '../shared/commands.ts';
import type { ErrorShape } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
import { isRecord } from '../shared/is-record.ts';
import { Secret } from '../shared/secret.ts';
import { mayCarrySecret, parseCommand } from './command-table.ts';

// One JSON object per line, both ways. The first line of a client is `hello`; until it has shown the right token it
// gets no byte. A secret is base64 in a field of its own beside the command, so that no log of commands can hold it.

export const protocolVersion = 1;
/** The longest line a server takes, in bytes. */
export const requestLimit = 1024 * 1024;
/** The longest line before the token was shown: room for a hello and nothing else. */
export const helloLimit = 4096;
/** The longest line a client takes: a snapshot of the whole state is one line. */
export const answerLimit = 64 * 1024 * 1024;
const secretLimit = 64 * 1024;

/** Who answers, as `welcome` says. */
export type Welcome = {
  protocol: number;
  version: string;
  pid: number;
  url: string;
  /** Whether this connection may change nothing, whoever wanted that. */
  readOnly: boolean;
};

export type ClientMessage =
  /** `via` is who asks, where the other end says so: a command that a screen has carried out. */
  | { kind: 'hello'; token: Secret; protocol: number; readOnly: boolean; via: ScreenVia | undefined }
  | { kind: 'command'; id: number; command: Command; secret: Uint8Array | null }
  | { kind: 'subscribe'; id: number; after: number | null }
  /** Not understood. With an id it can be answered; without one the line was no message at all. */
  | { kind: 'problem'; id: number | null; problem: string };

export type Subscription = {
  /** True: the events after `after` follow. False: start from the snapshot. */
  resumed: boolean;
  /** All events that follow have a greater number. */
  seq: number;
  snapshot: unknown;
};

export type ServerMessage =
  | { kind: 'welcome'; welcome: Welcome }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number | null; error: ErrorShape }
  | { kind: 'event'; event: NumberedEvent }
  /** The instance ends in order; only answers to what is under way may follow. */
  | { kind: 'goodbye' }
  | { kind: 'problem'; problem: string };

type Fields = Record<string, unknown>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The fields of an object; none of anything else. */
const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

const parseObject = (line: Uint8Array): Fields | null => {
  try {
    const value: unknown = JSON.parse(utf8.decode(line));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const parseHello = (hello: unknown): ClientMessage => {
  const { token, protocol, readOnly = false, via } = fieldsOf(hello);
  if (typeof token !== 'string' || !isCount(protocol) || typeof readOnly !== 'boolean') {
    return { kind: 'problem', id: null, problem: 'hello: wanted token, protocol and maybe readOnly' };
  }
  const screen = screenVias.find((each) => each === via);
  return { kind: 'hello', token: new Secret(token), protocol, readOnly, via: screen };
};

/** What a client without the token wants to be let in as; null when the line is no such hello. */
export const parseHelloWish = (line: Uint8Array): { protocol: number; readOnly: boolean } | null => {
  const { protocol, readOnly = false } = fieldsOf(parseObject(line)?.hello);
  return isCount(protocol) && typeof readOnly === 'boolean' ? { protocol, readOnly } : null;
};

/** The bytes of a base64 text, null when absent, false when it is none, or too long. */
const parseSecret = (value: unknown): Uint8Array | null | false => {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > (secretLimit * 4) / 3 + 4) return false;
  if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return false;
  // A copy of its own: bytes out of Node's shared pool could not be wiped without harm to their neighbours.
  return new Uint8Array(Buffer.from(value, 'base64'));
};

const parseRequest = (id: number, fields: Fields): ClientMessage => {
  const command = parseCommand(fields.command);
  if ('problem' in command) return { kind: 'problem', id, problem: command.problem };
  const secret = parseSecret(fields.secret);
  if (secret === false) return { kind: 'problem', id, problem: 'secret: wanted base64 of at most 64 KiB' };
  if (secret !== null && !mayCarrySecret(command.name)) {
    secret.fill(0);
    return { kind: 'problem', id, problem: `${command.name} takes no secret` };
  }
  return { kind: 'command', id, command, secret };
};

/** What a client said in one line (without its end). Total: whatever the bytes, a message or a `problem`. */
export const parseClientLine = (line: Uint8Array): ClientMessage => {
  const fields = parseObject(line);
  if (fields === null) return { kind: 'problem', id: null, problem: 'wanted one JSON object per line' };
  if (Object.hasOwn(fields, 'hello')) return parseHello(fields.hello);
  const { id } = fields;
  if (!isCount(id)) return { kind: 'problem', id: null, problem: 'id: wanted a whole number from 0 up' };
  if (Object.hasOwn(fields, 'command')) return parseRequest(id, fields);
  if (Object.hasOwn(fields, 'subscribe')) {
    const { after } = fieldsOf(fields.subscribe);
    if (after === null || isCount(after)) return { kind: 'subscribe', id, after };
    return { kind: 'problem', id, problem: 'subscribe.after: wanted a whole number from 0 up, or null' };
  }
  return { kind: 'problem', id, problem: 'wanted hello, command or subscribe' };
};

const parseWelcome = (value: unknown): ServerMessage => {
  const { protocol, version, pid, url, readOnly = false } = fieldsOf(value);
  if (!isCount(protocol) || typeof version !== 'string' || !isCount(pid) || typeof url !== 'string') {
    return { kind: 'problem', problem: 'welcome not understood' };
  }
  return { kind: 'welcome', welcome: { protocol, version, pid, url, readOnly: readOnly === true } };
};

const parseEvent = (value: unknown): ServerMessage => {
  const { seq, event } = fieldsOf(value);
  const { type, at } = fieldsOf(event);
  if (!isCount(seq) || typeof type !== 'string' || !Number.isFinite(at)) {
    return { kind: 'problem', problem: 'event not understood' };
  }
  // What is inside an event is the protocol version's promise: both ends of one version share its type.
  return { kind: 'event', event: value as NumberedEvent };
};

const parseError = (id: number | null, value: unknown): ServerMessage => {
  const { code, message, hint = null, problems = [] } = fieldsOf(value);
  const lines = Array.isArray(problems) ? problems.filter((line) => typeof line === 'string') : [];
  if (typeof code !== 'string' || typeof message !== 'string') {
    return { kind: 'problem', problem: 'error not understood' };
  }
  const shape = { code, message, hint: typeof hint === 'string' ? hint : null, problems: lines };
  // A code that this version does not know is told by errorFromShape.
  return { kind: 'error', id, error: shape as ErrorShape };
};

/** What a server said in one line. Total, as parseClientLine. */
export const parseServerLine = (line: Uint8Array): ServerMessage => {
  const fields = parseObject(line);
  if (fields === null) return { kind: 'problem', problem: 'wanted one JSON object per line' };
  if (Object.hasOwn(fields, 'event')) return parseEvent(fields.event);
  if (Object.hasOwn(fields, 'welcome')) return parseWelcome(fields.welcome);
  if (Object.hasOwn(fields, 'goodbye')) return { kind: 'goodbye' };
  const { id = null } = fields;
  if (id !== null && !isCount(id)) return { kind: 'problem', problem: 'id not understood' };
  if (Object.hasOwn(fields, 'error')) return parseError(id, fields.error);
  if (id !== null && Object.hasOwn(fields, 'result')) return { kind: 'result', id, result: fields.result };
  return { kind: 'problem', problem: 'answer not understood' };
};

/** What a subscription answered, or null when it is none. */
export const parseSubscription = (value: unknown): Subscription | null => {
  const { resumed, seq, snapshot = null } = fieldsOf(value);
  return typeof resumed === 'boolean' && isCount(seq) ? { resumed, seq, snapshot } : null;
};

/** One line on the wire. */
export const encodeLine = (message: object): string => `${JSON.stringify(message)}\n`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests: their length is always the same, so neither the time nor an exception tells a thing. */
export const isSameToken = (given: Secret, wanted: Secret): boolean =>
  timingSafeEqual(digest(given.reveal()), digest(wanted.reveal()));
