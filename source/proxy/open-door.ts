import { createAuthDelay, type AuthDelay } from './auth-delay.ts';
import { createBudgets, type Budgets } from './budgets.ts';
import { createClientKeys, type ClientKeys, type ClientKeysOptions } from './client-keys.ts';
import type { ProxyOptions } from './proxy.ts';

/** Who may come in, and how fast those may ask who may not. */
export const openDoor = (
  {
    keys: { records, ...given } = { records: [], loadPepper: async () => null },
    onAuthFailed = () => undefined,
    budgets = [],
  }: Pick<ProxyOptions, 'keys' | 'onAuthFailed' | 'budgets'>,
  parts: Omit<ClientKeysOptions, 'loadPepper' | 'spending'>,
): { keys: ClientKeys; authDelay: AuthDelay; budgets: Budgets } => {
  const opened = createClientKeys({ ...parts, ...given });
  opened.replace(records);
  const monotonic = (): number => parts.clock.monotonic();
  return {
    keys: opened,
    authDelay: createAuthDelay({ monotonic, onFailed: onAuthFailed }),
    budgets: createBudgets(budgets, parts.clock),
  };
};
