import { asCcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { withKey } from '../keymap.ts';
import { windowLabel } from '../panes/account-look.ts';
import { percent } from '../widgets/gauge.ts';
import { openAskLine } from './ask-line.ts';
import { openConfirm } from './confirm.ts';

/** Tells that there is no account to do that to, and how to add one; opens nothing. */
export const noAccount = (context: Pick<DialogContext, 'tell' | 'keys'>): null => {
  context.tell(
    `there is no account yet${withKey(context.keys, 'account.add', (key) => `; ${key} adds one`)}`,
  );
  return null;
};

/** Removes the selected account once its name was typed; null where there is none. */
export const openRemove = (context: DialogContext): Dialog | null => {
  const account = context.account();
  if (account === null) return noAccount(context);
  const { id, name, inFlight } = account;
  const running = inFlight > 0 ? ' Its requests in flight go on to their end.' : '';
  return openAskLine(context, {
    title: `Remove ${sanitize(name, 60)}`,
    text: `The account and its secret are removed; this cannot be undone.${running} Type its name to go on.`,
    label: 'name',
    initial: '',
    enter: 'remove',
    check: (typed) => (typed === name ? null : `type ${name} to remove it, or press Esc`),
    submit: async () => {
      const { name: removed, notice = null } = await context.commander.run('account.remove', { account: id });
      return `removed ${removed}${notice === null ? '' : `; ${notice}`}`;
    },
  });
};

/** Forgets what is known of the selected account's limits, after a `y`; null where there is none. */
export const openReset = (context: DialogContext): Dialog | null => {
  const account = context.account();
  if (account === null) return noAccount(context);
  const { id, name, reason } = account;
  const marked = reason === null ? '' : ` (${reason})`;
  return openConfirm(context, {
    title: `Reset ${sanitize(name, 60)}`,
    text: `Forget what is known of its limits and failures${marked}? It is used again at once; a limit that still stands is learned from the next answer.`,
    yes: 'reset',
    confirmed: () => {
      context.commander.run('account.reset', { account: id }).then(
        (view) => context.tell(`reset ${view.name}; it is ${view.state}`),
        (error: unknown) => context.tell(asCcrError(error).lines.join('; ')),
      );
    },
  });
};

/** Reads the usage of the selected account; opens nothing, and tells what it has learned. */
export const readUsage = (context: DialogContext): null => {
  const account = context.account();
  if (account === null) return noAccount(context);
  const { id, name } = account;
  context.tell(`reading the usage of ${name}`);
  context.commander.run('account.usage', { account: id }).then(
    ({ windows }) => {
      const shares = windows.map((each) => `${windowLabel(each)} ${percent(each.utilization)}`);
      context.tell(`${name}: ${shares.join(', ') || 'no window was told'}`);
    },
    (error: unknown) => context.tell(asCcrError(error).lines.join('; ')),
  );
  return null;
};
