import type { LimitReading } from '../balancer/limits.ts';
import { isExtra, isTroubled } from '../shared/limit-window.ts';
import { chooseNext } from './choose-next.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext } from './forward.ts';
import type { Withheld } from './headers.ts';
import { isProbe } from './try-account.ts';

/**
 * What a client does not see of the words of one account on its limits: Claude Code warns, or stops asking, when an account is
 * nearly used up, although the next request would be served by another one. `limits` is what the answer tells; null for nothing.
 */
export const withheldOf = (
  exchange: Exchange,
  limits: LimitReading | null,
  context: ForwardContext,
): Withheld => {
  const { limitHeaders } = context.config();
  if (limitHeaders === 'pass') return 'nothing';
  if (limitHeaders === 'withhold') return 'quotas';
  return tellsOfTrouble(limits) && isOtherReady(exchange, context) ? 'quotas' : 'nothing';
};

const tellsOfTrouble = (limits: LimitReading | null): boolean =>
  limits !== null &&
  (isTroubled(limits.status) ||
    limits.windows.some((window) => isTroubled(window.status) && !isExtra(window)));

/** Whether another account would serve this request as well; one that failed last, or is limited, is not counted upon. */
const isOtherReady = (exchange: Exchange, context: ForwardContext): boolean => {
  if (exchange.account === null) return false;
  const tried = new Set([exchange.account.id]);
  const choice = chooseNext(
    exchange,
    { verdicts: [], tried, probed: true, owner: null, waited: null },
    context,
  );
  return choice.kind === 'use' && !isProbe(choice);
};
