import type { EpochMs } from '../shared/types.ts';
import type { HttpErrorCode } from '../shared/errors.ts';
import type { None } from './forward.ts';

export type PoolRefusal = { code: HttpErrorCode; message: string; headers: Record<string, string> };

/** Above this an SDK must not sleep on our word: it has no limit of its own and would hang for hours. */
const longestClientWaitMs = 60_000;

/** Our answer when no account can take a request. Pure. */
export const refuse = (choice: None, now: EpochMs): PoolRefusal => {
  if (choice.budget === true) {
    return {
      code: 'budget_spent',
      message: `Nothing is left of your budgets${whenWords(choice.availableAt)}: ${reasons(choice)}.`,
      headers: limitHeaders(choice.availableAt, now),
    };
  }
  if (choice.why === 'all_limited') {
    return {
      code: 'all_limited',
      message: `Every account is limited${whenWords(choice.availableAt)}.`,
      headers: limitHeaders(choice.availableAt, now),
    };
  }
  if (choice.why === 'all_overloaded') {
    const message = choice.isFull
      ? 'Every account that could take it has as many requests under way as you allow.'
      : 'Every account is overloaded or failing at the moment.';
    return {
      code: 'all_overloaded',
      message,
      headers: { 'retry-after': '2' },
    };
  }
  return {
    code: 'no_account',
    message: `No account can serve this request: ${reasons(choice)}.${advice(choice)}`,
    headers: {},
  };
};

/** The headers by which Claude Code and the SDKs learn when a limit ends. */
export const limitHeaders = (availableAt: EpochMs | null, now: EpochMs): Record<string, string> => {
  if (availableAt === null) return {};
  const seconds = Math.max(1, Math.ceil((availableAt - now) / 1000));
  return {
    'retry-after': String(seconds),
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(Math.ceil(availableAt / 1000)),
    ...(seconds * 1000 > longestClientWaitMs ? { 'x-should-retry': 'false' } : {}),
  };
};

const whenWords = (availableAt: EpochMs | null): string =>
  availableAt === null ? '' : ` until ${new Date(availableAt).toISOString()}`;

const reasons = ({ decision }: None): string => {
  if (decision.considered.length === 0) return 'there is none yet; add one with: ccr-tui account add NAME';
  const shown = decision.considered.slice(0, 5).map(({ account, verdict }) => `${account} ${verdict}`);
  return shown.join('; ');
};

const advice = ({ decision }: None): string =>
  decision.considered.some(({ verdict }) => verdict.startsWith('paused'))
    ? ' Resume one with: ccr-tui account resume NAME'
    : '';
