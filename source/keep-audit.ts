import type { Paths } from './config/paths.ts';
import { openAudit, type Audit } from './credentials/audit.ts';
import { createAuthFailures } from './credentials/auth-failures.ts';
import type { Bound } from './proxy/listen.ts';
import type { Clock } from './shared/clock.ts';
import type { Store } from './store/store.ts';
import { unlessAborted } from './unless-aborted.ts';
import { packageVersion } from './version.ts';

/** The audit log of an instance, from its start to its end. */
export type InstanceAudit = Audit & {
  /** Writes what is still to be said, and that the instance has ended. Never rejects, and never takes long. */
  end(): Promise<void>;
};

/** How a row says that the key was the reason; the codes of the proxy's own answers. */
const keyRefusals: ReadonlySet<string> = new Set(['key_wrong', 'key_missing']);

/** A disk that does not answer must not keep the program from its end. */
const longestEndMs = 500;

/** Opens the audit log with the first record: where this instance listens. Wrong keys of clients are counted into it. */
export const keepAudit = (
  paths: Pick<Paths, 'audit'>,
  clock: Clock,
  store: Store,
  { url }: Bound,
): InstanceAudit => {
  const audit = openAudit({
    file: paths.audit,
    via: 'instance',
    clock,
    onProblem: (text) => store.apply([{ type: 'logged', at: clock.now(), level: 'warning', text }]),
  });
  void audit.record({ event: 'instance.started', url, version: packageVersion() });
  const failures = createAuthFailures(audit);
  const stop = store.feed.onEvents((events) => {
    for (const { event } of events) {
      if (event.type !== 'requestFinished' || event.request.status !== 401) continue;
      const { error, clientAddress } = event.request;
      if (error !== null && keyRefusals.has(error)) failures.add(clientAddress);
    }
  });
  const finish = async (): Promise<void> => {
    stop();
    await failures.close();
    await audit.record({ event: 'instance.stopped', url });
  };
  return {
    ...audit,
    end: () => unlessAborted(finish(), AbortSignal.timeout(longestEndMs)).catch(() => {}),
  };
};
