import { asEpoch, type AccountId, type AccountRecord } from '../shared/types.ts';
import type { WorldAccount } from './accounts.ts';

/** The account of a world as the balancer knows it; its id is its name. */
export const recordOf = ({ name, kind, priority }: WorldAccount): AccountRecord => ({
  id: name as AccountId,
  name,
  kind: kind === 'plan' ? 'login' : 'api-key',
  baseUrl: 'http://127.0.0.1',
  priority,
  weight: 1,
  paused: false,
  store: 'memory',
  createdAt: asEpoch(0),
});
