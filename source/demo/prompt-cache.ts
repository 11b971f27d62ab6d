import { createHash } from 'node:crypto';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { isJson, type Json } from './parse-request.ts';

const ttlMs = { '5m': 300_000, '1h': 3_600_000 } as const;
type Ttl = keyof typeof ttlMs;

export type PromptTokens = { input: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };

/** Prefixes that one account has in its cache: hash → when it expires, and how long a hit keeps it. */
export type PrefixCache = Map<string, { expiresAt: EpochMs; ttl: Ttl }>;

/** A token is about four bytes of text. */
export const tokensOf = (bytes: number): number => Math.ceil(bytes / 4);

const breakpoint = (block: Json): Ttl | null => {
  if (!isJson(block.cache_control)) return null;
  return block.cache_control.ttl === '1h' ? '1h' : '5m';
};

type Prefix = { hash: string; tokens: number; mark: Ttl | null };

const prefixes = (model: string, blocks: readonly Json[]): Prefix[] => {
  const hash = createHash('sha256').update(model);
  let bytes = 0;
  return blocks.map((block) => {
    const { cache_control: _, ...content } = block;
    const text = JSON.stringify(content);
    bytes += Buffer.byteLength(text);
    hash.update(text);
    return { hash: hash.copy().digest('base64'), tokens: tokensOf(bytes), mark: breakpoint(block) };
  });
};

/** The input tokens of a prompt, cached or not. */
export const promptTokens = (blocks: readonly Json[]): number => prefixes('', blocks).at(-1)?.tokens ?? 0;

/**
 * The input tokens of a request on this account, split as the API bills them, and the cache as it is afterwards (changed
 * in place): what lies before the last `cache_control` is read as far as it was seen within its lifetime, and written else.
 */
export const chargePrompt = (
  cache: PrefixCache,
  prompt: { model: string; blocks: readonly Json[] },
  now: EpochMs,
): PromptTokens => {
  for (const [hash, { expiresAt }] of cache) if (expiresAt <= now) cache.delete(hash);
  const all = prefixes(prompt.model, prompt.blocks);
  const total = all.at(-1)?.tokens ?? 0;
  const last = all.findLastIndex(({ mark }) => mark !== null);
  const cacheable = all.slice(0, last + 1);
  const end = cacheable.at(-1)?.tokens ?? 0;
  const hit = cacheable.findLast(({ hash }) => cache.has(hash));
  const cacheRead = hit?.tokens ?? 0;
  const found = hit === undefined ? undefined : cache.get(hit.hash);
  if (hit !== undefined && found !== undefined) {
    cache.set(hit.hash, { ttl: found.ttl, expiresAt: asEpoch(now + ttlMs[found.ttl]) });
  }
  const written = { '5m': 0, '1h': 0 };
  let from = cacheRead;
  for (const { hash, tokens, mark } of cacheable) {
    if (mark === null || tokens <= from) continue;
    written[mark] += tokens - from;
    from = tokens;
    cache.set(hash, { ttl: mark, expiresAt: asEpoch(now + ttlMs[mark]) });
  }
  return {
    input: Math.max(1, total - end),
    cacheRead,
    cacheWrite5m: written['5m'],
    cacheWrite1h: written['1h'],
  };
};
