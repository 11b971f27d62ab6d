import { isUsageDue, unaskedUsage, usageAsked, usageWait, type UsageTimes } from '../balancer/usage-times.ts';
import type { Config } from '../config/schema.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountId, AccountRecord } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import type { AskUsageContext } from './ask-usage.ts';

export type UsageContext = Omit<AskUsageContext, 'config' | 'pool'> & {
  pool: AskUsageContext['pool'] & Pick<AccountPool, 'recordOf' | 'candidates'>;
  config(): ReturnType<AskUsageContext['config']> & Pick<Config, 'usagePollMs'>;
};

export type UsageReader = {
  /** Asks for the next login whose windows nobody has told of for a while, one at a time. Call it every second or so. */
  tick(): void;
  /** Asks for one account now. Rejects with `failed` and the reason; what is known of the account is as it was then. */
  read(id: AccountId): Promise<void>;
};

type Known = { times: UsageTimes; profileAt: number | null; asking: Promise<string | null> | null };

const unknown: Known = { times: unaskedUsage, profileAt: null, asking: null };
const dayMs = 86_400_000;
/** Where nothing is asked in the background a person may ask all the same. */
const standardPollMs = 600_000;

const isAnonymous = ({ login }: AccountRecord): boolean =>
  login !== undefined && (login.plan === null || login.organization === null);

const failed = (message: string, hint: string): CcrError => new CcrError('failed', message, { hint });

/** Reads the usage of Claude logins, and once a day who they belong to as long as that is not known. */
export const createUsageReader = (context: UsageContext): UsageReader => {
  const { pool, clock, config } = context;
  const known = new Map<AccountId, Known>();
  const of = (id: AccountId): Known => known.get(id) ?? unknown;
  const change = (id: AccountId, part: Partial<Known>): void => void known.set(id, { ...of(id), ...part });

  const ask = async (record: AccountRecord): Promise<string | null> => {
    const { id } = record;
    // Loaded when there is a login: most installations have none, and all that is known of settings comes with it.
    const { askProfile, askUsage } = await import('./ask-usage.ts');
    const problem = await askUsage(record, context);
    const { times, profileAt } = of(id);
    const at = clock.monotonic();
    change(id, { times: usageAsked(times, problem === null, config().usagePollMs || standardPollMs, at) });
    const isRecent = profileAt !== null && at - profileAt < dayMs;
    if (problem !== null || !isAnonymous(record) || isRecent) return problem;
    change(id, { profileAt: at });
    await askProfile(record, context);
    return null;
  };

  /** Who asks while it is asked gets the same answer. */
  const once = (record: AccountRecord): Promise<string | null> => {
    const { asking } = of(record.id);
    if (asking !== null) return asking;
    const mine = ask(record).finally(() => change(record.id, { asking: null }));
    change(record.id, { asking: mine });
    return mine;
  };

  return {
    tick() {
      for (const [id, { asking }] of known) {
        if (asking !== null) return;
        if (pool.recordOf(id) === null) known.delete(id);
      }
      const at = { pollMs: config().usagePollMs, now: clock.now(), monotonic: clock.monotonic() };
      const due = pool
        .candidates()
        .find(({ record, runtime }) => isUsageDue(record, runtime.windows, of(record.id).times, at));
      if (due !== undefined) void once(due.record);
    },

    async read(id) {
      const record = pool.recordOf(id);
      if (record === null) throw new CcrError('unknown_account', 'there is no such account');
      const { name, kind } = record;
      if (kind !== 'login') {
        throw failed(`${name} has no usage to read`, `its kind is ${kind}, not login`);
      }
      const wait = Math.ceil(usageWait(of(id).times, clock.monotonic()) / 1000);
      if (wait > 0) throw failed(`the usage of ${name} was read just now`, `again in ${wait} s`);
      const problem = await once(record);
      if (problem !== null) throw failed(`the usage of ${name} could not be read: ${problem}`, 'try later');
    },
  };
};
