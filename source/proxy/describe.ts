import { FieldScanner } from './field-scanner.ts';
import { longestOpening, openingOf } from './opening.ts';
import type { Headers } from '../balancer/limits.ts';

/** What the proxy reads of a request: enough to choose an account and to name the row. */
export type Description = {
  agent: 'claude-code' | 'anthropic-sdk' | 'openai-sdk' | 'other';
  session: string | null;
  /** Key of the conversation for affinity: session and agent, or what it opens with; null when it is none. */
  conversation: string | null;
  model: string | null;
  stream: boolean;
};

/** User agents of the programs that identify themselves, first match wins. */
const agents = [
  ['claude-cli/', 'claude-code'],
  ['claude-code/', 'claude-code'],
  ['Anthropic/', 'anthropic-sdk'],
  ['AsyncAnthropic/', 'anthropic-sdk'],
  ['OpenAI/', 'openai-sdk'],
  ['AsyncOpenAI/', 'openai-sdk'],
] as const;

export const agentOf = (userAgent: string | undefined): Description['agent'] =>
  agents.find(([prefix]) => userAgent?.startsWith(prefix))?.[1] ?? 'other';

/**
 * Whether a request comes from Claude Code itself, by its user agent: the one thing by which that names itself. The
 * Agent SDK runs the same program for another one's sake, and counts only where the user wants it to.
 */
export const isFromClaudeCode = (userAgent: string | undefined, agentSdkCounts: boolean): boolean =>
  agentOf(userAgent) === 'claude-code' && (agentSdkCounts || !/\bagent-sdk\//.test(userAgent ?? ''));

/** A name from outside that becomes a map key or a column: bounded, never empty. */
const bounded = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;

const header = (headers: Headers, name: string): string | null => {
  const value = headers[name];
  return bounded(typeof value === 'string' ? value : value?.[0]);
};

/**
 * Reads headers and body; a body that is no JSON object gives nulls (the provider will say what is wrong with it).
 * `talks`: it is a turn of a conversation, which has to be told from others when the client names no session.
 */
export const describe = (headers: Headers, body: readonly Buffer[], talks = false): Description => {
  const headerSession = header(headers, 'x-claude-code-session-id');
  const streams = endsWithStream(body);
  const sessionFrom = headerSession !== null ? 'known' : talks ? 'opening' : 'asked';
  const fields = readFields(body, wantedFields[streams ? 'known' : 'asked'][sessionFrom]);
  const session = headerSession ?? sessionOf(fields['metadata']);
  const agentId = header(headers, 'x-claude-code-agent-id') ?? '';
  const opening = session === null && talks ? openingOf(fields) : null;
  return {
    agent: agentOf(headers['user-agent'] as string | undefined),
    session,
    conversation: session === null ? opening : `${session}/${agentId}`,
    model: bounded(fields['model']),
    stream: streams || fields['stream'] === true,
  };
};

/**
 * Whether `stream` is the last field of the object and true, as the clients write it. With the model at the front and
 * the session in a header a megabyte of messages between them need not be read. Exact for valid JSON: a quote that
 * directly follows a comma or brace can only open a key there.
 */
const endsWithStream = (body: readonly Buffer[]): boolean => {
  const last = body.at(-1);
  return (
    last !== undefined &&
    /[,{]\s*"stream"\s*:\s*true\s*\}\s*$/.test(last.toString('latin1', last.length - 48))
  );
};

const opening = ['metadata', 'system', 'tools', 'messages'];

/** What has to be looked for, by what is known already: whether it streams, then the session, or what stands for it. */
const wantedFields = {
  known: {
    known: new Set(['model']),
    asked: new Set(['model', 'metadata']),
    opening: new Set(['model', ...opening]),
  },
  asked: {
    known: new Set(['model', 'stream']),
    asked: new Set(['model', 'stream', 'metadata']),
    opening: new Set(['model', 'stream', ...opening]),
  },
} as const;

const smallBody = 4096;

/** Of the conversation so far only how it began. */
const heads: ReadonlySet<string> = new Set(['messages']);

const readFields = (body: readonly Buffer[], wanted: ReadonlySet<string>): Record<string, unknown> => {
  const [first] = body;
  // Parsing a small body whole is cheaper than looking for parts of it.
  if (first && body.length === 1 && first.length <= smallBody) return parseWhole(first);
  const scanner = wanted.has('messages')
    ? new FieldScanner(wanted, longestOpening, heads)
    : new FieldScanner(wanted);
  for (const chunk of body) {
    if (scanner.complete) break;
    scanner.push(chunk);
  }
  return Object.fromEntries(scanner.fields());
};

const parseWhole = (body: Buffer): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** `metadata.user_id` is a JSON string today and was `user_<hex>_account_<uuid>_session_<uuid>` before. */
const sessionOf = (metadata: unknown): string | null => {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const userId = (metadata as { user_id?: unknown }).user_id;
  if (typeof userId !== 'string') return null;
  const old = /_session_([0-9a-f-]{8,64})$/i.exec(userId)?.[1];
  if (old) return old;
  try {
    return bounded((JSON.parse(userId) as { session_id?: unknown } | null)?.session_id);
  } catch {
    return null;
  }
};
