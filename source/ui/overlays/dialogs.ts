import type { Dialog, DialogContext } from '../dialog.ts';
import type { Dialogs } from '../open-dialog.ts';
import { openAccountDetail } from './account-detail.ts';
import { openRemove, openReset, readUsage } from './account-dialogs.ts';
import { openAddAccount } from './add-account.ts';
import { openConnect } from './connect.ts';
import { openDemoRefusal } from './demo-refusal.ts';
import { openStatistics } from './statistics.ts';

/** What opens on top of the panes, by action. `alias`: see `connectBlocks`. */
export const createDialogs = (alias: string | null): Dialogs => {
  const connect = (context: DialogContext): Dialog => openConnect(context, alias);
  return {
    'account.add': (context) =>
      context.state().demo === true ? openDemoRefusal(context) : openAddAccount(context, connect),
    'account.detail': (context) => openAccountDetail(context),
    'account.remove': openRemove,
    'account.reset': openReset,
    'account.usage': readUsage,
    'client.connect': connect,
    'statistics.show': openStatistics,
  };
};
