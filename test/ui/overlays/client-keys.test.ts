import { describe, expect, it } from 'vitest';
import { keyPattern, unlimited, type ClientKeyView } from '../../../source/shared/client-key.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { Secret } from '../../../source/shared/secret.ts';
import { limitOptions } from '../../../source/commands/key-limit-options.ts';
import { openClientKeys } from '../../../source/ui/overlays/client-keys.ts';
import type { Dialog } from '../../../source/ui/dialog.ts';
import type { DialogContext } from '../../../source/ui/dialog.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { asEpoch } from '../../../source/shared/types.ts';
import { emptyState, later } from '../sample.ts';
import { commandPlace, plain, readDialog, type, typeText } from './dialog-place.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const keyOf = (name: string, more: Partial<ClientKeyView> = {}): ClientKeyView => ({
  id: `id-${name}`,
  name,
  kind: 'user',
  createdAt: later(0),
  lastUsedAt: null,
  revokedAt: null,
  limits: unlimited,
  ...more,
});
const secret = `ccr_${'k'.repeat(43)}`;

const open = async (keys: readonly ClientKeyView[], mints = true, state = emptyState) => {
  const ran: [string, unknown, string][] = [];
  const { context, told } = commandPlace(async (name, args, bytes) => {
    ran.push([name, args, bytes === undefined ? '' : Buffer.from(bytes).toString()]);
    if (name === 'key.list') return keys;
    return { key: keyOf('laptop'), notice: null, required: true };
  }, state);
  const limits = (given: Readonly<Record<string, string>>) => limitOptions(given, later(0));
  const outside = mints ? { clientKeys: { mint: () => new Secret(secret), limits } } : {};
  const given: DialogContext = { ...context, outside };
  const place: { dialog: Dialog; listed: number } = {
    dialog: openClientKeys(given, {
      open: (make) => {
        place.dialog = make(given);
      },
      again: () => {
        place.listed += 1;
      },
      place: 'another shell',
    }),
    listed: 0,
  };
  await settled();
  return { place, ran, told };
};

describe('the keys of clients', () => {
  it('are listed with how they stand, never the keys', async () => {
    const { place } = await open([
      keyOf('laptop', { limits: { ...unlimited, dailyUsd: 5 } }),
      keyOf('ci', { limits: { ...unlimited, expiresAt: asEpoch(1) } }),
      keyOf('old', { revokedAt: later(-9) }),
    ]);
    const text = readDialog(place.dialog);
    expect(text).toMatch(
      /> laptop +valid +user +— +5 USD\/day *\n.* ci +expired[^\n]*\n.* old +revoked[^\n]* no limit/,
    );
    expect(text).toMatch(/^ +name +state +kind +last used +limits *\n.*> laptop/m);
    const offered = async (keys: readonly ClientKeyView[]): Promise<string[]> =>
      (await open(keys)).place.dialog.footer().map((hint) => hint.text);
    expect(await offered([])).toEqual(['create', 'close']);
    expect(await offered([keyOf('laptop')])).toEqual(['create', 'revoke', 'close']);
    expect(await offered([keyOf('laptop'), keyOf('ci')])).toEqual(['create', 'revoke', 'move', 'close']);
  });

  it('a creates one, which is shown once and copied by y', async () => {
    const { place, ran, told } = await open([]);
    expect(readDialog(place.dialog)).toContain('No key yet');
    type(place.dialog, 'a');
    typeText(place.dialog, 'laptop');
    type(place.dialog, 'enter');
    await settled();
    expect(ran.at(-1)).toEqual([
      'key.create',
      { name: 'laptop', kind: 'user', limits: unlimited, pid: null },
      secret,
    ]);
    expect(secret).toMatch(keyPattern);
    expect(readDialog(place.dialog)).toContain(secret);
    expect(readDialog(place.dialog)).toContain('every client has to show a key');
    for (const columns of [30, 46, 100]) {
      const lines = place.dialog.lines(plain, { columns, rows: 4 });
      expect(lines.length).toBeLessThanOrEqual(4);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      expect(lines.map((line) => line.trim()).join('')).toContain(secret);
    }
    type(place.dialog, 'enter', 'y');
    expect(told.copied).toEqual([secret]);
    type(place.dialog, 'escape');
    expect(readDialog(place.dialog)).not.toContain('kkk');
    expect(place.listed).toBe(1);
    expect(told.sentences.join('')).not.toContain('kkk');
  });

  it('D revokes the marked one, after a y', async () => {
    const { place, ran } = await open([keyOf('laptop'), keyOf('ci')]);
    type(place.dialog, 'j', 'D');
    expect(readDialog(place.dialog)).toContain('Revoke ci');
    type(place.dialog, 'enter');
    expect(ran.length).toBe(1);
    type(place.dialog, 'y');
    await settled();
    expect(ran.at(-1)?.slice(0, 2)).toEqual(['key.revoke', { key: 'id-ci', kind: null }]);
  });

  it('are only looked at where no key is made, and it says where', async () => {
    const { place, ran, told } = await open([keyOf('laptop')], false);
    type(place.dialog, 'a', 'D');
    expect(told.sentences).toEqual([
      'not from here; in another shell: ccr-tui key create NAME',
      'not from here; in another shell: ccr-tui key revoke NAME',
    ]);
    expect(place.dialog.footer().map((hint) => hint.text)).toEqual(['close']);
    expect(ran.length).toBe(1);
    const none = readDialog((await open([], false)).place.dialog).replaceAll(/\s+/g, ' ');
    expect(none).toContain('One is created in another shell: ccr-tui key create NAME');
    expect(none).not.toContain('a creates one');
  });

  it('are none in a demo, which neither offers to create one nor leads elsewhere', async () => {
    const { place, told } = await open([], false, { ...emptyState, demo: true });
    expect(readDialog(place.dialog)).toMatch(/\n +No key in the demo\. Clients are let in without one\. *$/);
    expect(place.dialog.footer()).toEqual([{ key: 'Esc', text: 'close' }]);
    type(place.dialog, 'a');
    expect(told.sentences).toEqual(['not in the demo']);
  });

  it('fit at every size, whatever they are called', async () => {
    const { place } = await open(hostileText.map(([, text]) => keyOf(text)));
    for (const [columns, rows] of [
      [30, 4],
      [46, 13],
      [100, 28],
    ] as const) {
      const lines = place.dialog.lines(plain, { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      expect(lines.join('')).not.toMatch(hostileCharacter);
    }
  });
});
