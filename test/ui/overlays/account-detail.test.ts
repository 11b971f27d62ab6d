import { describe, expect, it } from 'vitest';
import { CcrError } from '../../../source/shared/errors.ts';
import { keymapOf } from '../../../source/ui/keymap.ts';
import { openAccountDetail } from '../../../source/ui/overlays/account-detail.ts';
import { busyState } from '../sample.ts';
import { commandPlace, plain, readDialog, type } from './dialog-place.ts';

const size = { columns: 100, rows: 30 };
const entry = { at: busyState.startedAt, event: 'account.paused', via: 'screen', detail: '' };

const open = (run: Parameters<typeof commandPlace>[0] = async () => []) => {
  const asked: unknown[] = [];
  const changing = { state: busyState };
  const place = commandPlace((name, args, secret) => {
    asked.push([name, args]);
    return run(name, args, secret);
  }, busyState);
  let selected = 0;
  const dialog = openAccountDetail({
    ...place.context,
    state: () => changing.state,
    account: () => changing.state.accounts[selected] ?? null,
    perform: (action) => {
      place.context.perform(action);
      const to = selected + ({ 'select.next': 1, 'select.previous': -1 }[action] ?? 0);
      selected = Math.max(0, Math.min(to, changing.state.accounts.length - 1));
    },
  });
  if (dialog === null) throw new Error('nothing opened');
  return { ...place, dialog, asked, changing };
};

describe('the detail of an account', () => {
  it('goes on with the account, and says when it was removed meanwhile', () => {
    const { dialog, changing } = open();
    expect(readDialog(dialog, size)).toMatch(/─ Account work ─.*\n State +serving/);
    const [work, ...others] = busyState.accounts;
    const paused = { ...work!, name: 'job', state: 'paused' as const, paused: true };
    changing.state = { ...busyState, accounts: [paused, ...others] };
    expect(readDialog(dialog, size)).toMatch(/─ Account job ─.*\n State +paused/);
    expect(dialog.footer()[0]).toEqual({ key: 'p', text: 'resume' });
    changing.state = { ...busyState, accounts: others };
    expect(readDialog(dialog, size)).toMatch(/─ Account job ─+ removed ─\n State +paused/);
  });

  it('asks once for what was done to it, and draws the answer when it comes', async () => {
    const { dialog, asked, told } = open(async () => [entry]);
    expect(readDialog(dialog, size)).toContain('the audit log is being read');
    await expect.poll(() => told.changed).toBe(1);
    expect(readDialog(dialog, size)).toContain('paused, on the screen');
    expect(asked).toEqual([['audit.list', { account: 'work' }]]);
  });

  it('says why that cannot be told', async () => {
    const { dialog, told } = open(() => Promise.reject(new CcrError('failed', 'the disk is gone')));
    await expect.poll(() => told.changed).toBe(1);
    expect(readDialog(dialog, size)).toContain('the disk is gone');
  });

  it('goes to the next account and back, each with its own records', () => {
    const { dialog, asked } = open();
    type(dialog, 'j');
    expect(readDialog(dialog, size)).toMatch(/─ Account home ─.*\n State +ready/);
    type(dialog, 'k', 'k');
    expect(readDialog(dialog, size)).toContain('─ Account work ─');
    expect(asked).toEqual(['work', 'home', 'work'].map((account) => ['audit.list', { account }]));
  });

  it('names the keys of its person', () => {
    const { context } = commandPlace(async () => [], busyState);
    const keys = keymapOf(['account.toggle P', 'select.next J', 'select.page-down ctrl+e']);
    const dialog = openAccountDetail({ ...context, keys });
    dialog?.lines(plain, { columns: 60, rows: 6 });
    expect(dialog?.footer().map(({ key, text }) => `${key} ${text}`)).toEqual([
      'P pause',
      's prefer',
      'J k next account',
      'Ctrl-E PgUp scroll',
      'Esc back',
    ]);
  });

  it('keeps the keys that act on the account', () => {
    const { dialog, told } = open();
    type(dialog, 'p', 's', 'r', 'X', 'R', 'u', 'D', 'a');
    expect(told.performed).toEqual([
      'account.toggle',
      'account.prefer',
      'account.usage',
      'account.reset',
      'account.login',
      'undo',
    ]);
    expect(told.closed).toBe(0);
  });

  it.each(['enter', 'escape', 'q'])('%s closes it', (key) => {
    const { dialog, told } = open();
    type(dialog, key);
    expect(told.closed).toBe(1);
  });

  it('scrolls where not all of it fits', () => {
    const { dialog } = open();
    const small = { columns: 34, rows: 6 };
    const first = readDialog(dialog, small);
    expect(first).toMatch(/more below/);
    expect(dialog.footer().map(({ text }) => text)).toContain('scroll');
    type(dialog, 'G');
    expect(readDialog(dialog, small)).not.toContain('more below');
    type(dialog, 'g');
    expect(readDialog(dialog, small)).toBe(first);
  });

  it('opens nothing where there is no account', () => {
    const { context } = commandPlace(async () => [], { ...busyState, accounts: [] });
    expect(openAccountDetail(context)).toBeNull();
  });
});
