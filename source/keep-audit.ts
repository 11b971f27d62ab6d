import type { Paths } from './config/paths.ts';
import { listAudit } from './credentials/audit-list.ts';
import { openAudit, type Audit } from './credentials/audit.ts';
import type { Bound } from './proxy/listen.ts';
import { atMost, longestEndMs } from './shared/at-most.ts';
import type { AuditEntry } from './shared/audit-entry.ts';
import type { Clock } from './shared/clock.ts';
import type { Store } from './store/store.ts';
import { packageVersion } from './version.ts';

/** The audit log of an instance, from its start to its end. */
export type InstanceAudit = Audit & {
  /** See `listAudit`. */
  list(account: string): Promise<AuditEntry[]>;
  /** Writes what is still to be said, and that the instance has ended. Never rejects, and never takes long. */
  end(): Promise<void>;
};

/**
 * Opens the audit log with the first record: where this instance listens. Wrong keys of clients are recorded by the
 * thread that sees them: those that come too fast for an answer have no row to be counted from.
 */
export const keepAudit = (
  paths: Pick<Paths, 'audit'>,
  clock: Clock,
  store: Store,
  { url, host }: Bound,
): InstanceAudit => {
  const audit = openAudit({
    file: paths.audit,
    via: 'instance',
    clock,
    onProblem: (text) => store.log('warning', text),
  });
  void audit.record({ event: 'instance.started', url, host, version: packageVersion() });
  return {
    ...audit,
    list: (account) => listAudit(paths.audit, account),
    end: () => atMost(audit.record({ event: 'instance.stopped', url }), longestEndMs),
  };
};
