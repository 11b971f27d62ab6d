import type { InstanceStatus } from '../../source/shared/commands.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { initialState } from '../../source/store/reduce.ts';

/** What an instance without accounts says of itself, with `part` in it. */
export const statusSample = (part: Partial<InstanceStatus> = {}): InstanceStatus => ({
  version: '1',
  url: 'http://127.0.0.1:1',
  pid: 1,
  uptimeMs: 1,
  strategy: 'sticky',
  credentialStore: 'vault',
  inFlight: 0,
  history: { ok: true, reason: null },
  accounts: [],
  totals: initialState(asEpoch(0)).totals,
  ...part,
});
