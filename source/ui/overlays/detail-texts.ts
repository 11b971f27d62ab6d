import type { CallLimit } from '../../shared/call-limit.ts';
import { compactCount } from '../../shared/duration.ts';
import { isTroubled } from '../../shared/limit-window.ts';
import { localTime, withZone } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { EpochMs, TokenCounts } from '../../shared/types.ts';
import type { PricedRequest, RequestRow } from '../../store/state.ts';
import { endWords, outcomeWord, refusalText } from '../../store/wording.ts';
import { attemptTexts, ownTexts, type RequestTexts } from '../panes/request-texts.ts';
import { passedOver } from '../request-window.ts';
import { percent } from '../widgets/gauge.ts';

// What the detail of a request says of it, part by part; safe on a terminal. Empty where there is nothing to say.

const joined = (texts: readonly string[], by = ', '): string => texts.filter((text) => text !== '').join(by);

const named = (name: string, value: string | null, max = 120): string =>
  value === null || value === '' ? '' : `${name}${sanitize(value, max)}`;

const finished = (row: RequestRow): PricedRequest | null => (row.kind === 'finished' ? row.request : null);

/** What was asked for. */
export const askedText = ({ request }: RequestRow): string =>
  joined([sanitize(`${request.method} ${request.path}`, 160), request.stream ? 'streamed' : '']);

/** The model that was asked for, and the one that answered, where that says another name. */
export const modelText = (row: RequestRow): string => {
  const { model } = row.request;
  const served = finished(row)?.upstreamModel ?? null;
  return joined([named('', model), served === model ? '' : named('answered by ', served)]);
};

/** Who asked, with what key, from where and for what. */
export const clientText = (row: RequestRow): string => {
  const { agent, client, project } = row.request;
  const { clientAddress = null } = finished(row) ?? {};
  const from = named('from ', clientAddress, 60);
  return joined([named('', agent), named('key ', client), from, named('project ', project)]);
};

const routeText = ({ account, status, window, total }: RequestTexts): string =>
  joined([account, status, window, total], ' ');

/** Every attempt in its order, the account that has the request last; `next` stands between two of them. */
export const routeOf = (row: RequestRow, now: EpochMs, next: string): string => {
  const attempts = passedOver(row).map((attempt) => routeText(attemptTexts(row, attempt, null)));
  return [...attempts, routeText(ownTexts(row, now))].join(` ${next} `);
};

/** When it came, and until when it is kept waiting at most. */
export const beganText = (row: RequestRow, now: EpochMs): string => {
  const held = row.kind === 'live' ? row.request.heldUntil : undefined;
  const waits = held === undefined ? '' : `waits for an account, until ${localTime(held, now)}`;
  return joined([withZone(row.request.at), waits]);
};

/** What a plan gave is no money: its word stands before the figure. */
const money = (word: string, usd: number): string => `${word} ~${usd.toFixed(usd < 0.995 ? 4 : 2)} USD`;

const costText = (row: RequestRow): string => {
  const { costUsd = null, costKind = null } = finished(row) ?? {};
  return costUsd === null ? 'cost —' : money(costKind ?? 'list value', costUsd);
};

/** What went in and out, and what that costs; nothing while none of that is known. */
export const tokensText = (row: RequestRow, now: EpochMs): string => {
  const { costUsd = null } = finished(row) ?? {};
  if (costUsd === null && Object.values(row.request.tokens).every((count) => count === null)) return '';
  const { input, output, cache } = ownTexts(row, now);
  return `${input} in, ${output} out, ${cache} of the input cached, ${costText(row)}`;
};

const writes: readonly (readonly [tokens: 'cacheWrite5m' | 'cacheWrite1h', words: string])[] = [
  ['cacheWrite5m', 'written for 5m'],
  ['cacheWrite1h', 'written for 1h'],
];

/** What was written to the prompt cache, apart for how long; one word where that was nothing. */
const writtenText = (tokens: TokenCounts): string => {
  const known = writes.flatMap(([name, words]) => {
    const count = tokens[name];
    return count === null ? [] : [{ count, words }];
  });
  const some = known
    .filter(({ count }) => count > 0)
    .map(({ count, words }) => `${compactCount(count)} ${words}`);
  return some.length > 0 || known.length === 0 ? joined(some) : 'nothing written';
};

/** What was read from the prompt cache and written to it, and what reading from it saved; nothing while that is not told. */
export const cacheText = (row: RequestRow): string => {
  const { tokens } = row.request;
  const read = tokens.cacheRead === null ? '' : `${compactCount(tokens.cacheRead)} read`;
  const { cacheSavedUsd: saved = null, costKind = null } = finished(row) ?? {};
  const saves = saved === null ? '' : money(costKind === 'cost' ? 'saved' : 'saved list value', saved);
  return joined([read, writtenText(tokens), saves]);
};

/** How it ended; nothing while it runs. */
export const endedText = (row: RequestRow): string => {
  const request = finished(row);
  if (request === null) return '';
  const { status, stopReason } = request;
  const how = endWords(request, true);
  const refused = refusalText(request);
  const { word } = outcomeWord(request);
  const got =
    status === null
      ? joined(['no answer', how === '' ? word : ''])
      : `${status} ${word}${refused === '' ? '' : `: ${refused}`}`;
  return joined([got, how, named('stop reason ', stopReason, 60)]);
};

const limitText = ({ id, scope, utilization, status, resetsAt }: CallLimit, at: EpochMs): string => {
  const name = sanitize(scope === null ? id : `${id} ${scope}`, 40);
  const troubled = isTroubled(status) ? sanitize(status ?? '', 30) : '';
  const until = resetsAt === null ? '' : `until ${localTime(resetsAt, at)}`;
  return joined([name, percent(utilization), troubled, until], ' ');
};

/** What its answer told of the account's windows; nothing where it told of none. */
export const limitsText = (row: RequestRow): string => {
  const { limits = [] } = finished(row) ?? {};
  return limits.length === 0
    ? ''
    : `after it ${joined(limits.map((limit) => limitText(limit, row.request.at)))}`;
};

/** Every id that it goes by, each to be marked and copied by itself. */
export const idTexts = (row: RequestRow): { label: string; text: string }[] => [
  { label: 'Id', text: named('', row.request.id, 80) },
  { label: 'Upstream', text: named('', finished(row)?.upstreamRequestId ?? null, 80) },
  { label: 'Session', text: named('', row.request.session, 80) },
];
