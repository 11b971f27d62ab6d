import { describe, expect, it } from 'vitest';
import { refuseDuplicate } from '../../../source/credentials/find-account.ts';
import { checkNewAccount, checkSecret } from '../../../source/credentials/account-input.ts';
import type { CommandArgs, CommandResults } from '../../../source/shared/commands.ts';
import { CcrError } from '../../../source/shared/errors.ts';
import { Secret } from '../../../source/shared/secret.ts';
import type { AccountRecord } from '../../../source/shared/types.ts';
import { openAddAccount } from '../../../source/ui/overlays/add-account.ts';
import { openConnect } from '../../../source/ui/overlays/connect.ts';
import { accountOf, emptyState } from '../sample.ts';
import { dialogPlace, readDialog, type, typeText } from './dialog-place.ts';

const key = 'sk-ant-api03-CANARY-0123456789abcdefghij';
type Args = CommandArgs<'account.add'>;

/** What an instance does with it as far as a form can tell: its checks, its answer, and the wiping of the key. */
const instance = (options: { fail?: CcrError[]; notice?: string } = {}) => {
  const seen: { args: Args; key: string; bytes: Uint8Array }[] = [];
  const run = async (args: Args, bytes: Uint8Array): Promise<CommandResults['account.add']> => {
    const text = Buffer.from(bytes).toString('utf8');
    seen.push({ args, key: text, bytes });
    const failure = options.fail?.shift();
    if (failure !== undefined) throw failure;
    const { name, kind } = checkNewAccount(args);
    checkSecret(kind, new Secret(text), args.force);
    refuseDuplicate([{ name: 'taken' } as AccountRecord], name);
    bytes.fill(0);
    return { account: accountOf(name, { kind }), store: 'vault', notice: options.notice ?? null };
  };
  return { seen, run };
};

const open = (run: ReturnType<typeof instance>['run'], accounts = [accountOf('taken')]) => {
  const place = dialogPlace(run, { ...emptyState, url: 'http://127.0.0.1:4180', accounts });
  return { dialog: openAddAccount(place.context, openConnect), ...place };
};

/** All that was under way has been answered. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const noKeyIn = (text: string): void => {
  for (let at = 0; at + 4 <= key.length; at += 1) {
    const part = key.slice(at, at + 4);
    // These stand in the explanation of what a key looks like.
    if (!'sk-ant-api'.includes(part)) expect(text).not.toContain(part);
  }
};

describe('adding an account', () => {
  it('takes a paste and an Enter', async () => {
    const { run, seen } = instance();
    const { dialog, told } = open(run);
    dialog.paste(`  ${key}\r\n`);
    noKeyIn(readDialog(dialog));
    type(dialog, 'enter');
    await settle();
    expect(seen).toMatchObject([
      { key, args: { name: 'work', kind: 'api-key', baseUrl: null, force: false } },
    ]);
    expect(readDialog(dialog)).toMatch(/work is added\. Its key is in the encrypted vault\.[\s\S]*c shows/);
    expect(told.changed).toBe(1);
    type(dialog, 'enter');
    expect(told.closed).toBe(1);
  });

  it('takes name, kind, address and a typed key, field by field', async () => {
    const { run, seen } = instance();
    const { dialog } = open(run);
    typeText(dialog, 'relayx');
    type(dialog, 'backspace', 'enter', 'right', 'enter');
    typeText(dialog, 'https://relay.example/v1');
    type(dialog, 'tab');
    typeText(dialog, 'any-key-x');
    type(dialog, 'backspace');
    expect(readDialog(dialog)).toMatch(
      /relay[\s\S]*\[compatible\][\s\S]*relay\.example\/v1[\s\S]*8 characters/,
    );
    type(dialog, 'enter');
    await settle();
    expect(seen).toMatchObject([
      { key: 'any-key-', args: { name: 'relay', kind: 'compatible', baseUrl: 'https://relay.example/v1' } },
    ]);
  });

  it('shows no part of the key at any time, at any size', async () => {
    const { run } = instance({ fail: [new CcrError('store_unavailable', 'the keychain is locked')] });
    const { dialog, told } = open(run);
    const frames: string[] = [];
    const look = (): void => {
      for (const [columns, rows] of [
        [100, 28],
        [60, 18],
        [30, 4],
      ] as const) {
        frames.push(readDialog(dialog, { columns, rows }));
      }
    };
    for (const letter of key) {
      type(dialog, letter);
      look();
    }
    for (const name of ['enter', 'up', 'up', 'down', 'down', 'enter']) {
      type(dialog, name);
      look();
      await settle();
      look();
    }
    noKeyIn([...frames, ...told.sentences].join('\n'));
    expect(frames.join('\n')).toContain('keychain is locked');
  });

  it('keeps everything that was typed when it is refused, and sends it again', async () => {
    const locked = new CcrError('store_unavailable', 'the keychain is locked', { hint: 'unlock it' });
    const { run, seen } = instance({ fail: [locked] });
    const { dialog } = open(run);
    typeText(dialog, 'mine');
    dialog.paste(key);
    type(dialog, 'enter');
    await settle();
    expect(readDialog(dialog)).toMatch(/mine[\s\S]*40 characters[\s\S]*keychain is locked; unlock it/);
    expect(seen[0]?.bytes.every((byte) => byte === 0)).toBe(true);
    type(dialog, 'enter');
    await settle();
    expect(seen.map(({ args, key }) => [args.name, key])).toEqual([
      ['mine', key],
      ['mine', key],
    ]);
    expect(readDialog(dialog)).toContain('mine is added');
  });

  it('says by the key what is wrong with it, until that is changed', async () => {
    const { run } = instance();
    const { dialog } = open(run);
    type(dialog, 'tab', 'tab');
    typeText(dialog, 'hello');
    type(dialog, 'enter');
    await settle();
    expect(readDialog(dialog)).toMatch(/5 characters\n +✗ this is not a key of the Claude Console; wanted/);
    type(dialog, 'ctrl+u');
    expect(readDialog(dialog)).not.toContain('✗');
    type(dialog, 'enter');
    expect(readDialog(dialog)).toContain('✗ no key yet');
  });

  it('says that a name is taken while it is typed, and does not send it', async () => {
    const { run, seen } = instance();
    const { dialog } = open(run);
    typeText(dialog, 'taken');
    expect(readDialog(dialog)).toMatch(/taken.*\n +✗ there already is an account taken; choose another name/);
    dialog.paste(key);
    type(dialog, 'enter');
    await settle();
    expect(seen).toEqual([]);
    // The cursor is back where it is to be mended.
    type(dialog, '2', 'enter', 'enter', 'enter');
    await settle();
    expect(seen).toMatchObject([{ key, args: { name: 'taken2' } }]);
  });

  it('refuses several lines in words, and takes none of them', () => {
    const { run } = instance();
    const { dialog } = open(run);
    type(dialog, 'shift+tab');
    dialog.paste(`${key}\r${key}`);
    expect(readDialog(dialog)).toMatch(/none yet|key/);
    expect(readDialog(dialog)).toContain('several lines were pasted');
    noKeyIn(readDialog(dialog));
    expect(readDialog(dialog)).not.toContain('characters');
  });

  it('a pasted name or address is one, a pasted key never is', () => {
    const { run } = instance();
    const { dialog } = open(run);
    dialog.paste('team-a\n');
    expect(readDialog(dialog)).toContain('team-a');
    dialog.paste('0123456789abcdef0123456789abcdef');
    expect(readDialog(dialog)).not.toContain('0123456789');
    expect(readDialog(dialog)).toContain('32 characters');
  });

  it('a key that is typed into the name goes where it is not shown', () => {
    const { run } = instance();
    const { dialog } = open(run);
    typeText(dialog, key);
    noKeyIn(readDialog(dialog));
    expect(readDialog(dialog)).toContain('40 characters');
  });

  it('shows escapes of a paste as text', () => {
    const { run } = instance();
    const { dialog } = open(run);
    dialog.paste('a\u001B[2Jb\u202Ec');
    expect(readDialog(dialog)).toContain('a\\x1b[2Jb\\u202ec');
  });

  it('Esc gives up and wipes', async () => {
    const { run, seen } = instance();
    const { dialog, told } = open(run);
    dialog.paste(key);
    type(dialog, 'escape');
    expect(told.closed).toBe(1);
    expect(readDialog(dialog)).not.toContain('characters');
    await settle();
    expect(seen).toEqual([]);
  });

  it('tells the outcome in a sentence when it was closed meanwhile', async () => {
    const good = open(instance({ notice: 'mind the key file' }).run);
    good.dialog.paste(key);
    type(good.dialog, 'enter', 'x', 'escape');
    await settle();
    expect(good.told.sentences).toEqual(['added work; its key is in the encrypted vault; mind the key file']);
    const bad = open(instance({ fail: [new CcrError('locked', 'somebody else writes')] }).run);
    bad.dialog.paste(key);
    type(bad.dialog, 'enter', 'escape');
    await settle();
    expect(bad.told.sentences).toEqual(['work was not added: somebody else writes']);
  });

  it('goes on with another account, or with what to set in a client', async () => {
    const { run, seen } = instance();
    const { dialog, told } = open(run);
    dialog.paste(key);
    type(dialog, 'enter');
    await settle();
    type(dialog, 'a');
    expect(readDialog(dialog)).toMatch(/none yet/);
    dialog.paste(key);
    type(dialog, 'enter');
    await settle();
    expect(seen).toHaveLength(2);
    type(dialog, 'c');
    expect(readDialog(dialog)).toContain('ccr-tui run -- claude');
    type(dialog, 'escape');
    expect(told.closed).toBe(1);
  });
});
