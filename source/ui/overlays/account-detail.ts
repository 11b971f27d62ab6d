import { systemClock } from '../../shared/clock.ts';
import { asCcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, keyHint, moveHint } from '../keymap.ts';
import { titleLine } from '../line.ts';
import { createScrollText } from '../scroll-text.ts';
import { noAccount } from './account-dialogs.ts';
import { accountDetailLines, type ToldAudit } from './account-detail-lines.ts';

/** What leads to another account of the list. */
const walks: ReadonlySet<string> = new Set(['select.next', 'select.previous']);

/** What the keys of the accounts still do while one of them is looked at. */
const kept: ReadonlySet<string> = new Set([
  'account.toggle',
  'account.prefer',
  'account.usage',
  'account.reset',
  'account.login',
  'undo',
]);

/** The account's records of the audit log, asked for once. */
const askAudit = ({ commander, changed }: DialogContext, account: string): (() => ToldAudit) => {
  let told: ToldAudit = 'asked';
  const tell = (answer: ToldAudit): void => {
    told = answer;
    changed();
  };
  commander
    .run('audit.list', { account })
    .then(tell, (error: unknown) => tell({ problem: sanitize(asCcrError(error).lines.join('; '), 300) }));
  return () => told;
};

/**
 * All that is known of the selected account, as it goes on; null when none is selected. It stays open from one account to
 * the next.
 */
export const openAccountDetail = (context: DialogContext, clock = systemClock): Dialog | null => {
  const opened = context.account();
  if (opened === null) return noAccount(context);
  let account = opened;
  let audit = askAudit(context, account.name);
  const scrolled = createScrollText(context.keys);
  const walk = (action: string): void => {
    // A prompt may have opened this while another pane had the keys.
    context.perform('pane.accounts');
    context.perform(action);
    const next = context.account();
    if (next === null || next.id === account.id) return;
    account = next;
    audit = askAudit(context, account.name);
    scrolled.toTop();
  };
  return {
    beside: true,
    lines(theme, { columns, rows }) {
      const state = context.state();
      const found = state.accounts.find(({ id }) => id === account.id);
      account = found ?? account;
      const place = { columns, now: clock.now(), audit: audit() };
      const shown = scrolled.shown(accountDetailLines(theme, state, account, place), rows - 1);
      const below = scrolled.below() > 0 ? `${scrolled.below()} more below` : '';
      const note = found === undefined ? 'removed' : below;
      const title = `Account ${sanitize(account.name, 60)}`;
      return [titleLine(theme, { title, note, focused: true }, columns), ...shown];
    },
    footer: () => [
      ...keyHint(context.keys, ['account.toggle'], account.paused ? 'resume' : 'pause'),
      ...keyHint(context.keys, ['account.prefer'], 'prefer'),
      ...moveHint(context.keys, 'next account'),
      ...(scrolled.hints().length > 0
        ? keyHint(context.keys, ['select.page-down', 'select.page-up'], 'scroll')
        : []),
      { key: 'Esc', text: 'back' },
    ],
    press(name) {
      const action = context.keys.actionFor(name, 'accounts')?.name ?? '';
      if (closesOpen(context.keys, name, 'account.detail')) context.close();
      else if (walks.has(action)) walk(action);
      else if (kept.has(action)) context.perform(action);
      else scrolled.press(name);
    },
    paste: () => {},
  };
};
