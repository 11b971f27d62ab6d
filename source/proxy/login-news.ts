import type { TokenNews } from '../credentials/token-work.ts';
import type { AuditEvent } from '../shared/audit-event.ts';
import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import type { EpochMs } from '../shared/types.ts';

/** What the state, the screen and the log learn of a login. */
export const eventOfNews = (news: TokenNews, at: EpochMs): ProxyEvent => {
  const { id: account, name: accountName } = news.record;
  switch (news.kind) {
    case 'renewed':
      return { type: 'tokenRefreshed', at, account, accountName, expiresAt: news.expiresAt };
    case 'failed': {
      const { reason, failures, retryAt } = news;
      return { type: 'tokenRefreshFailed', at, account, accountName, reason, failures, retryAt };
    }
    case 'unstored': {
      const where = news.spilled
        ? 'it is kept in the encrypted emergency file'
        : 'it is kept in memory ALONE: do not stop this program before it is stored';
      const text = `the renewed login of ${accountName} was not stored (${news.reason}); ${where}, and storing it is tried again`;
      return { type: 'logged', at, level: 'error', text };
    }
    case 'stored':
      return { type: 'logged', at, level: 'info', text: `the renewed login of ${accountName} is stored now` };
  }
};

/** What is written down of it; null for what repeats. */
export const auditOfNews = (news: TokenNews): AuditEvent | null => {
  const account = news.record.name;
  if (news.kind === 'renewed') return { event: 'token.refreshed', account };
  if (news.kind === 'stored') return { event: 'token.stored', account };
  if (news.kind === 'unstored') {
    return { event: 'token.unstored', account, reason: news.reason, emergency: news.spilled };
  }
  // The first of a row of failures, and the last: between them they only repeat.
  if (news.failures > 1 && news.retryAt !== null) return null;
  return { event: 'token.refreshFailed', account, reason: news.reason, ended: news.retryAt === null };
};

export type NewsTellerOptions = {
  emit(event: ProxyEvent): void;
  clock: Pick<Clock, 'now'>;
  /** Who wants to know, too. */
  further: ((news: TokenNews) => void) | undefined;
};

/** Whom the door to the tokens tells its news. */
export const newsTeller =
  ({ emit, clock, further }: NewsTellerOptions) =>
  (news: TokenNews): void => {
    emit(eventOfNews(news, clock.now()));
    further?.(news);
  };
