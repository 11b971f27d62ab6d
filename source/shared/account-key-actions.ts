import type { Action } from './action.ts';

/** What has a key among the accounts and no subcommand. */
export const accountKeyActions: readonly Action[] = [
  {
    name: 'account.detail',
    help: 'show its limits, errors and audit',
    screen: {
      keys: ['enter'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: 'detail',
    },
  },
  {
    name: 'account.toggle',
    help: 'pause or resume the account',
    screen: {
      keys: ['p', 'space'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: 'pause/resume',
      changes: true,
    },
  },
  {
    name: 'account.usage',
    help: 'read the usage of this login',
    screen: {
      keys: ['r'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: null,
      changes: true,
    },
  },
];
