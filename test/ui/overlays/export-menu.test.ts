import { expect, it } from 'vitest';
import type { RequestRow } from '../../../source/store/state.ts';
import { openExportMenu } from '../../../source/ui/overlays/export-menu.ts';
import { historyRow } from '../../../source/store/history-row.ts';
import { doneRow, finishedOf, liveRow } from '../sample.ts';
import { commandPlace, readDialog, type } from './dialog-place.ts';

const at = (): number => new Date(2026, 10, 22, 14, 6, 51).getTime();

const open = (rows: readonly RequestRow[], canSave = true) => {
  const place = commandPlace(async () => ({}));
  const written = Promise.withResolvers<readonly [name: string, content: string]>();
  const outside = {
    version: () => '1.2.3',
    ...(canSave && {
      saveFile: async (name: string, content: string): Promise<string> => {
        written.resolve([name, content]);
        return `/home/exports/${name}`;
      },
    }),
  };
  const told = Promise.withResolvers<string>();
  const context = { ...place.context, outside, tell: (text: string) => told.resolve(text) };
  return { dialog: openExportMenu(context, rows, at), written: written.promise, told: told.promise };
};

/** What a key writes, and what is said of it. */
const written = async (key: string, rows: readonly RequestRow[]) => {
  const { dialog, ...later } = open(rows);
  if (dialog === null) throw new Error('nothing opened');
  type(dialog, key);
  const [name, content] = await later.written;
  return { name, content, told: await later.told };
};

const rows = [...Array.from({ length: 250 }, (_, index) => doneRow(index + 1)), liveRow(251)];
const ids = rows.slice(0, -1).map(({ request }) => request.id as string);

it('says how many are written, and in what formats', () => {
  const { dialog } = open(rows);
  if (dialog === null) throw new Error('nothing opened');
  const text = readDialog(dialog);
  expect(text).toContain('Export 250 shown requests');
  expect(text).toMatch(/ n NDJSON +a JSON object a line/);
  expect(text).toMatch(/ h HAR +an HTTP archive/);
  expect(text).toMatch(/ c CSV +for a spreadsheet/);
});

it('writes the finished ones that are shown, in their order, as the history prints them', async () => {
  const { name, content, told } = await written('n', rows);
  expect(name).toBe('requests-20261122-140651.ndjson');
  const lines = content
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines.map((line) => (line as { id: string }).id)).toEqual(ids);
  expect(lines[0]).toEqual(historyRow(finishedOf({ id: ids[0] as never })));
  expect(told).toBe('wrote 250 requests as NDJSON to /home/exports/requests-20261122-140651.ndjson');
});

it('writes an archive that says who wrote it, and a table', async () => {
  const har = await written('h', rows);
  expect(har.name).toBe('requests-20261122-140651.har');
  const { log } = JSON.parse(har.content) as {
    log: { version: string; creator: unknown; entries: { _ccr: { id: string } }[] };
  };
  expect([log.version, log.creator]).toEqual(['1.2', { name: 'ccr-tui', version: '1.2.3' }]);
  expect(log.entries.map(({ _ccr }) => _ccr.id)).toEqual(ids);
  const csv = await written('c', rows);
  expect(csv.content.trimEnd().split('\r\n')).toHaveLength(251);
});

it('writes no credential, wherever a client has put one, and nothing that a terminal acts on', async () => {
  const key = 'sk-ant-api03-MARKED-0123456789abcdefghij';
  const text = `${key} \u001B]0;owned\u0007 \u009B2J`;
  const given = {
    path: `/v1/x?${text}`,
    model: text,
    error: text,
    session: text,
    project: text,
    agent: text,
  };
  const row = doneRow(1, { ...given, stopReason: text, upstreamRequestId: text, upstreamModel: text });
  for (const format of ['n', 'h', 'c']) {
    const { content } = await written(format, [row]);
    expect(content).not.toContain('MARKED');
    expect(content.replaceAll(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

it('says why there is nothing to write, or no place for it', async () => {
  const none = open([liveRow(1)]);
  expect(none.dialog).toBeNull();
  expect(await none.told).toBe('no finished request is shown: there is nothing to export');
  const nowhere = open(rows, false);
  expect(nowhere.dialog).toBeNull();
  expect(await nowhere.told).toContain('ccr-tui history --json, --har or --csv prints them');
});
