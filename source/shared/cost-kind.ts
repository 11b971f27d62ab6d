import type { AccountKind } from './types.ts';

/** What an amount in USD is: money that is paid by the token, or what use of a plan would have cost by list prices. */
export const costKinds = ['cost', 'list value'] as const;
export type CostKind = (typeof costKinds)[number];

const kindOf: Readonly<Record<AccountKind, CostKind>> = {
  'api-key': 'cost',
  compatible: 'cost',
  openai: 'cost',
  login: 'list value',
  'setup-token': 'list value',
  // The client's own credential: nobody here knows who pays what.
  passthrough: 'list value',
};

/** What the cost of a request of such an account is; null for no account. */
export const costKindOf = (kind: AccountKind | null): CostKind | null =>
  kind === null ? null : kindOf[kind];
