import { hash } from 'node:crypto';
import type { ChoiceRequest } from '../balancer/choose.ts';
import type { Sessions } from '../balancer/sessions.ts';
import { cacheLives, placeOf } from '../balancer/warmth.ts';
import { workAhead } from '../balancer/work.ts';
import type { Clock } from '../shared/clock.ts';
import type { AccountId, DurationMs } from '../shared/types.ts';
import type { Exchange } from './exchange.ts';
import { FieldScanner } from './field-scanner.ts';
import { messagesPath } from './route-table.ts';

// Where a conversation belongs is where its prompt cache is. What it costs to find out is paid only where it matters:
// by a conversation that is new, or was quiet for minutes.

export type PlacementContext = { sessions: Sessions; clock: Pick<Clock, 'now'> };

type Placement = Required<
  Pick<ChoiceRequest, 'session' | 'home' | 'movedAt' | 'isCold' | 'knowsPrefix' | 'promptTokens' | 'need'>
>;

/** Of the JSON of a request, about. */
const bytesPerToken = 4;

const knowsNone = (): boolean => false;
const needNothing = (): number => 0;
const nowhere: Placement = {
  session: false,
  home: null,
  movedAt: null,
  isCold: false,
  knowsPrefix: knowsNone,
  promptTokens: 0,
  need: needNothing,
};

/**
 * What the choice has to know of the conversation that a request belongs to. A question about it (how many tokens it has)
 * is best asked where it is, and is no turn of it.
 */
export const placementOf = (exchange: Exchange, { sessions, clock }: PlacementContext): Placement => {
  const conversation = exchange.description?.conversation ?? null;
  if (conversation === null) return nowhere;
  const session = isTurn(exchange);
  const now = clock.now();
  // A request that waits is placed ten times a second: its body is looked through once.
  const lifeOf = (): DurationMs => (exchange.cacheLife ??= cacheLifeOf(exchange));
  const known = sessions.homeOf(conversation);
  const { home, isCold } = placeOf(known, lifeOf, now);
  const tokens = Math.round(exchange.body.length / bytesPerToken);
  const need = (): number => workAhead(exchange.description?.model ?? null, tokens, lifeOf());
  if (home !== null) {
    const movedAt = known?.movedAt ?? null;
    return { session, home, movedAt, isCold, knowsPrefix: knowsNone, promptTokens: tokens, need };
  }
  if (!session) return nowhere;
  const knowsPrefix = (account: AccountId): boolean =>
    sessions.knowsPrefix((exchange.prefix ??= prefixOf(exchange)), account, lifeOf(), now);
  return { session, home, movedAt: null, isCold, knowsPrefix, promptTokens: 0, need };
};

/** Only what runs a model reads and writes a prompt cache. */
const isTurn = ({ path }: Exchange): boolean => path === messagesPath;

/** Remembers which account has a conversation now; what it begins with is looked at once for each. */
export const settle = (
  exchange: Exchange,
  account: AccountId,
  { sessions, clock }: PlacementContext,
): void => {
  const conversation = exchange.description?.conversation ?? null;
  if (conversation === null || !isTurn(exchange)) return;
  const isKnown = (sessions.homeOf(conversation)?.prefix ?? null) !== null;
  const prefix = exchange.prefix ?? (isKnown ? null : prefixOf(exchange));
  const now = clock.now();
  sessions.served(conversation, { account, at: now, prefix, movedAt: exchange.isMoved ? now : undefined });
};

const longLives = ['"ttl":"1h"', '"ttl": "1h"'];

/** How long the provider keeps this request in its cache. Within a text the quotes would be escaped. */
const cacheLifeOf = ({ body }: Exchange): DurationMs => {
  const isLong = body.chunks.some((chunk) => longLives.some((words) => chunk.includes(words)));
  return isLong ? cacheLives.long : cacheLives.short;
};

/** Tools and system prompts together are hardly ever longer. */
const longestPrefix = 1_048_576;

/** A name for what the request begins with. */
const prefixOf = ({ body, description }: Exchange): string => {
  const scanner = new FieldScanner(new Set(['tools', 'system']), longestPrefix);
  for (const chunk of body.chunks) scanner.push(chunk);
  const texts = scanner.texts();
  const parts = [description?.model, texts.get('tools'), texts.get('system')];
  return hash('sha1', parts.map((part) => part ?? '').join('\n'), 'base64');
};
