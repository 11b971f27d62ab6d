import type { Option } from './action.ts';

/** What decides which requests an account gets. */
export const shares: readonly Option[] = [
  { name: 'priority', value: 'N', help: 'lower is tried first (default 200, for Claude logins 100)' },
  { name: 'weight', value: 'N', help: 'share of the load for weighted strategies (default 1)' },
  { name: 'cap', value: 'WINDOW=PERCENT,…', help: 'leave it alone from such a share on: 5h=80,7d=90; none' },
  { name: 'models', value: 'GLOB,…', help: 'models it serves, such as claude-sonnet-*; all' },
  {
    name: 'overage',
    value: 'POLICY',
    help: 'beyond a spent plan: forbid, allow (default, comes last) or per cent',
  },
  { name: 'concurrent', value: 'N', help: 'at most so many requests at once; none' },
];
/** Where nobody can be asked. */
export const acceptTerms: Option = {
  name: 'accept-terms',
  value: null,
  help: 'say yes to the notice about Claude logins, which is shown',
};
