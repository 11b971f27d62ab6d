import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CcrError } from '../../../source/shared/errors.ts';
import { historyRow } from '../../../source/store/history-row.ts';
import type { RequestRow } from '../../../source/store/state.ts';
import type { Outside } from '../../../source/ui/outside.ts';
import { openCopyMenu } from '../../../source/ui/overlays/copy-menu.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { busyState, doneRow, finishedOf, liveRow } from '../sample.ts';
import { commandPlace, readDialog, type } from './dialog-place.ts';

/** Two in the afternoon of the machine's own zone. */
const at = (): number => new Date(2026, 10, 22, 14, 6, 51).getTime();

const open = (row: RequestRow = doneRow(1), outside: Outside = {}) => {
  const saved: string[][] = [];
  const place = commandPlace(async () => ({}), { ...busyState, rows: [row] });
  const saveFile = async (name: string, content: string): Promise<string> => {
    saved.push([name, content]);
    return `/home/exports/${name}`;
  };
  const dialog = openCopyMenu({ ...place.context, outside: { saveFile, ...outside } }, at);
  if (dialog === null) throw new Error('nothing opened');
  return { ...place, dialog, saved };
};

describe('the menu of what can be copied', () => {
  it('names each thing and its key', () => {
    const text = readDialog(open().dialog);
    expect(text).toMatch(/ c curl +a command that asks again; \$TOKEN is yours/);
    expect(text).toMatch(/ j JSON +/);
    expect(text).toMatch(/ i id +the x-ccr-request-id/);
    expect(text).toMatch(/ C curl file +a new file in exports, for you alone/);
  });

  it('copies the command, the row or the id, and says how to have it where nothing can be pasted', () => {
    for (const [key, expected] of [
      ['c', /^curl -N -X 'POST' 'http:\/\/127\.0\.0\.1:4180\/v1\/messages' \\\n +-H "x-api-key: \$TOKEN"/],
      ['j', /^\{"id":"r1","at":"/],
      ['i', /^r1$/],
    ] as const) {
      const { dialog, told } = open();
      type(dialog, key);
      expect(told.copied[0]).toMatch(expected);
      expect(told.sentences[0]).toContain(`nothing to paste? ${key.toUpperCase()} writes a file`);
      expect(told.closed).toBe(1);
    }
    const { dialog, told } = open();
    type(dialog, 'j');
    expect(JSON.parse(told.copied[0] ?? '')).toEqual(historyRow(finishedOf({ id: 'r1' as never })));
  });

  it('copies what is known of a request that runs', () => {
    const { dialog, told } = open(liveRow(7));
    type(dialog, 'j');
    expect(JSON.parse(told.copied[0] ?? '')).toMatchObject({ id: 'r7', status: null, account: 'work' });
  });

  it('writes a file by the capital letter, and where no clipboard takes it', async () => {
    const asked = open();
    type(asked.dialog, 'C');
    const without = open(doneRow(1), { withoutClipboard: true });
    type(without.dialog, 'i');
    const long = open(doneRow(1, { error: 'x'.repeat(60_000) }));
    type(long.dialog, 'j');
    await nextTurn();
    expect(asked.saved[0]?.[0]).toBe('request-20261122-140651.sh');
    expect(asked.told.sentences).toEqual(['wrote curl to /home/exports/request-20261122-140651.sh']);
    expect(without.saved).toEqual([['request-20261122-140651.txt', 'r1\n']]);
    expect(long.saved[0]?.[0]).toBe('request-20261122-140651.json');
    for (const { told } of [asked, without, long]) expect(told.copied).toEqual([]);
  });

  it('says why there is no file', async () => {
    const failing = open(doneRow(1), {
      saveFile: () => Promise.reject(new CcrError('failed', 'no file could be written into /x (EROFS)')),
    });
    type(failing.dialog, 'C');
    await nextTurn();
    expect(failing.told.sentences).toEqual(['no file could be written into /x (EROFS)']);
  });

  it('offers no file where none can be written', () => {
    const { context, told } = commandPlace(async () => ({}), busyState);
    const dialog = openCopyMenu(context);
    if (dialog === null) throw new Error('nothing opened');
    expect(readDialog(dialog)).not.toContain('file');
    type(dialog, 'i');
    expect(told.sentences).toEqual(['copied the id of this request']);
  });

  it('opens for no request where none is selected', () => {
    expect(openCopyMenu(commandPlace(async () => ({}), { ...busyState, rows: [] }).context)).toBeNull();
  });

  it.each(hostileText)('lets no %s into the clipboard that a terminal would act on', (_, text) => {
    const said = doneRow(1, { path: text, model: text, error: text, session: text, project: text });
    const row = { ...said, request: { ...said.request, id: text } } as RequestRow;
    for (const key of ['c', 'j', 'i']) {
      const { dialog, told } = open(row);
      type(dialog, key);
      expect(told.copied[0]?.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('copies no credential, wherever a client has put one', () => {
    const key = 'sk-ant-api03-MARKED-0123456789abcdefghij';
    const row = doneRow(1, { path: `/v1/x?key=${key}`, model: key, error: key, session: key, project: key });
    for (const letter of ['c', 'j', 'i', 'C', 'J', 'I']) {
      const { dialog, told, saved } = open({ ...row, request: { ...row.request, id: key } } as RequestRow);
      type(dialog, letter);
      expect([...told.copied, ...saved.flat()].join('')).not.toContain('MARKED');
    }
  });
});
