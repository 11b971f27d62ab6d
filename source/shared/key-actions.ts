import type { Action } from './action.ts';
import { accountKeyActions } from './account-key-actions.ts';
import { moveActions } from './move-actions.ts';
import { programKeyActions } from './program-key-actions.ts';
import { requestKeyActions } from './request-key-actions.ts';

/** What has a key and no subcommand, in the order of the help. */
export const keyActions: readonly Action[] = [
  ...accountKeyActions,
  ...moveActions,
  ...requestKeyActions,
  ...programKeyActions,
];
