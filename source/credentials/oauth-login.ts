import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '../shared/secret.ts';
import type { DurationMs, EpochMs } from '../shared/types.ts';
import { asDuration } from '../shared/types.ts';

// Signing in by OAuth with PKCE (RFC 7636, S256) and a state: the parts of it that need neither network nor terminal.

/** How the code comes back: the browser is led to a listener of ours, or a page shows it and a person pastes it. */
export type SignInWay = 'callback' | 'paste';

export type SignIn = {
  /** Never leaves this process before the code is exchanged: without it nobody can use the code. */
  verifier: Secret;
  startedAt: EpochMs;
  /** Each way has a state of its own, which tells later which redirect address a code was made for. */
  ways: Readonly<Record<SignInWay, { state: string; redirectUri: string; url: string }>>;
};

export type SignInOptions = {
  authorizeUrl: string;
  clientId: string;
  scopes: readonly string[];
  /** Where each way leads the browser afterwards. */
  redirectUris: Readonly<Record<SignInWay, string>>;
  now: EpochMs;
  random?: (bytes: number) => Buffer;
};

/** How long a sign-in may take; a code that comes later is refused. */
export const signInLimitMs: DurationMs = asDuration(600_000);

/** What Claude Code asks for, but for the right to make API keys, which serving needs not. */
export const loginScopes: readonly string[] = [
  'user:profile',
  'user:inference',
  'user:sessions:claude_code',
  'user:mcp_servers',
  'user:file_upload',
];

/** All that making an API key takes. */
export const keyScopes: readonly string[] = ['org:create_api_key'];

/** 256 bits, in letters that stand in a URL as they are. */
const newWord = (random: (bytes: number) => Buffer): string => random(32).toString('base64url');

/** Begins a sign-in: new secrets for it, and the address to open for either way. */
export const beginSignIn = (options: SignInOptions): SignIn => {
  const { authorizeUrl, clientId, scopes, redirectUris, now, random = randomBytes } = options;
  const verifier = newWord(random);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const wayOf = (way: SignInWay) => {
    const state = newWord(random);
    const redirectUri = redirectUris[way];
    const url = new URL(authorizeUrl);
    const query = {
      code: 'true',
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { state, redirectUri, url: url.href };
  };
  return {
    verifier: new Secret(verifier),
    startedAt: now,
    ways: { callback: wayOf('callback'), paste: wayOf('paste') },
  };
};

/** What the provider sends back, by whichever way; `code` null when it has refused. */
export type SignInReply = { code: Secret | null; state: string; error: string | null };

/** A code with the way it was made for. */
export type SignInCode = { code: Secret; way: SignInWay };

export type SignInVerdict =
  | { kind: 'accepted'; answer: SignInCode }
  /** The provider says so, in its own word. */
  | { kind: 'denied'; error: string }
  | { kind: 'wrong-state' | 'spent' | 'expired' | 'no-code' };

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const codeText = /^[\x21-\x7e]{1,4000}$/;

/**
 * Judges what comes back to a sign-in. One reply with the right state ends it, whatever it says: what comes later is
 * spent, so that neither a replay nor a second code is ever taken.
 */
export const createSignInJudge = (
  signIn: Pick<SignIn, 'startedAt' | 'ways'>,
  limitMs: DurationMs = signInLimitMs,
): ((reply: SignInReply, now: EpochMs) => SignInVerdict) => {
  let isSpent = false;
  return ({ code, state, error }, now) => {
    const way = (['callback', 'paste'] as const).find((way) => isSame(signIn.ways[way].state, state));
    if (way === undefined) return { kind: 'wrong-state' };
    if (isSpent) return { kind: 'spent' };
    if (now - signIn.startedAt > limitMs) return { kind: 'expired' };
    if (error !== null) {
      isSpent = true;
      return { kind: 'denied', error };
    }
    if (code === null || !codeText.test(code.reveal())) return { kind: 'no-code' };
    isSpent = true;
    return { kind: 'accepted', answer: { code, way } };
  };
};

/** The reply in the query of an address the browser was led to. */
export const replyInQuery = (query: URLSearchParams): SignInReply => {
  const code = query.get('code');
  return {
    code: code === null || code === '' ? null : new Secret(code),
    state: query.get('state') ?? '',
    error: query.get('error'),
  };
};

/** The reply in what a person pasted: `code#state`, or the whole address the browser was led to. null when it is neither. */
export const replyInPaste = (pasted: string): SignInReply | null => {
  const text = pasted.trim();
  if (/^https?:\/\//.test(text)) {
    const url = URL.parse(text);
    return url === null ? null : replyInQuery(url.searchParams);
  }
  const [, code, state] = /^([^#\s]+)#([^#\s]+)$/.exec(text) ?? [];
  return code === undefined || state === undefined ? null : { code: new Secret(code), state, error: null };
};

/** The page of the provider that shows a code to paste: beside the service that will take it. */
export const pasteRedirectUri = (tokenUrl: string): string => new URL('/oauth/code/callback', tokenUrl).href;
