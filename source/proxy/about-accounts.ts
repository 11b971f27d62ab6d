import type { Headroom } from '../balancer/headroom.ts';
import type { Sessions } from '../balancer/sessions.ts';
import type { Clock } from '../shared/clock.ts';
import type { AccountRecord } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import type { Budgets } from './budgets.ts';
import type { EventBatcher } from './event-batcher.ts';
import { renewedUntil, type Logins } from './logins.ts';
import type { Proxy } from './proxy.ts';
import type { UsageReader } from './usage-reader.ts';
import { testAccount, type TestContext } from './test-account.ts';

/** Who has to know of the accounts. */
export type AccountParts = {
  pool: AccountPool;
  logins: Logins;
  sessions: Sessions;
  headroom: Pick<Headroom, 'forget'>;
  batcher: EventBatcher;
  clock: Clock;
};

/** Takes over the records; what has gone is forgotten everywhere, and told. */
const replaceAccounts = (
  records: readonly AccountRecord[],
  { pool, sessions, headroom, batcher, clock }: AccountParts,
): void => {
  for (const account of pool.replace(records)) {
    sessions.forget(account);
    headroom.forget(account);
    batcher.emit({ type: 'accountRemoved', at: clock.now(), account });
  }
  batcher.wake();
};

/** The same, and reads what their stores have for them, so that trouble shows before the first request needs it. */
const takeAccounts = (records: readonly AccountRecord[], parts: AccountParts): void => {
  replaceAccounts(records, parts);
  void parts.pool.loadSecrets();
  parts.logins.setAccounts(records);
};

/** The records of the settings, each with the budget of it that is spent; the accounts are told at once, loaded by `take`. */
export const keepRecords = (
  given: readonly AccountRecord[],
  budgets: Budgets,
  parts: AccountParts,
): Pick<Proxy, 'setAccounts' | 'setBudgets'> & { take(): void } => {
  let records = given;
  const marked = (): AccountRecord[] => records.map((record) => budgets.mark(record));
  replaceAccounts(marked(), parts);
  return {
    take: () => takeAccounts(marked(), parts),
    setAccounts(accounts) {
      records = accounts;
      takeAccounts(marked(), parts);
    },
    setBudgets(spent) {
      budgets.set(spent);
      replaceAccounts(marked(), parts);
    },
  };
};

/** What is asked about single accounts. */
export const aboutAccounts = (
  parts: TestContext & Pick<AccountParts, 'pool' | 'logins'> & { usage: UsageReader },
): Proxy['account'] => ({
  reset: (id) => parts.pool.reset(id),
  async readUsage(id) {
    await parts.usage.read(id);
    return parts.pool.viewOf(id);
  },
  test: (id) => testAccount(id, parts),
  refresh: async (id) => renewedUntil(await parts.logins.refresh(id)),
  forgetSecret(id) {
    parts.logins.reload(id);
    parts.pool.forgetSecret(id);
  },
});
