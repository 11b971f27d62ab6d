import { RecentMap } from '../shared/recent-map.ts';
import type { AccountId } from '../shared/types.ts';
import type { Exchange } from './exchange.ts';
import { FieldScanner } from './field-scanner.ts';
import { messagesPath } from './route-table.ts';
import type { UsageTap } from './usage-tap.ts';

// Batches and files lie with the account that made them: whoever asks another one for them hears that there is nothing.

/** A batch or a file, and whose it is. */
export type Owner = { id: string; account: AccountId };

/** Who made which batch or file: the newest ten thousand. */
export type Owners = {
  /** The account that made what this path leads to; null when the path leads to neither, or nobody knows. */
  of(path: string): AccountId | null;
  made(id: string, account: AccountId): void;
};

export const mostOwners = 10_000;
/** No provider's names are nearly as long. */
const longestId = 200;

const makes = /^\/v1\/(?:messages\/batches|files)$/;
const leadsTo = /^\/v1\/(?:messages\/batches|files)\/([^/]+)/;

/** Whether this request makes a batch or a file. */
export const isMaking = (method: string | undefined, path: string): boolean =>
  method === 'POST' && path !== messagesPath && makes.test(path);

/** `known` oldest first; `add` is told of each one that is new. */
export const createOwners = (known: readonly Owner[], add: (owner: Owner) => void): Owners => {
  const makers = new RecentMap<AccountId>(mostOwners);
  for (const { id, account } of known) makers.set(id, account);
  return {
    of(path) {
      const id = leadsTo.exec(path)?.[1];
      return id === undefined ? null : (makers.get(id) ?? null);
    },
    made(id, account) {
      if (id === '' || id.length > longestId) return;
      makers.set(id, account);
      add({ id, account });
    },
  };
};

/** The tap of an answer, which learns the name of what was made where the request makes something. */
export const nameTap = (
  tap: UsageTap,
  { request, path, account }: Pick<Exchange, 'request' | 'path' | 'account'>,
  owners: Owners,
): UsageTap => {
  if (account === null || !isMaking(request.method, path)) return tap;
  const scanner = new FieldScanner(new Set(['id']));
  return {
    ...tap,
    push(chunk) {
      tap.push(chunk);
      if (scanner.complete) return;
      scanner.push(chunk);
      const id = scanner.complete ? scanner.fields().get('id') : null;
      if (typeof id === 'string') owners.made(id, account.id);
    },
  };
};
