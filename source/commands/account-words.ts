import { capPercent } from '../shared/account-limits.ts';
import type { AccountView } from '../shared/types.ts';

/** Caps as `--cap` takes them: `5h=80,7d=90`; `none`. */
export const capsText = (caps: AccountView['caps']): string =>
  Object.entries(caps ?? {})
    .map(([window, share]) => `${window}=${capPercent(share)}`)
    .join(',') || 'none';

/** Overage as `--overage` takes it: `allow`, `forbid`, `50`. */
export const overageText = (overage: AccountView['overage'] = 'allow'): string =>
  typeof overage === 'number' ? String(capPercent(overage)) : overage;

/** The number of requests at once as `--concurrent` takes it: `4`; `none`. */
export const concurrentText = (concurrent: AccountView['concurrent']): string => String(concurrent ?? 'none');

/** Models as `--models` takes them: `claude-opus-*,…`; `all`. */
export const modelsText = (models: AccountView['models']): string => models?.join(',') ?? 'all';
