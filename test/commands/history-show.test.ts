import { rmSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run as history } from '../../source/commands/history.ts';
import { run } from '../../source/commands/history-show.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { createCaptureKeys } from '../../source/credentials/capture-key.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { capturedOf, sealCapture } from '../../source/history/capture-seal.ts';
import { createHistoryFile } from '../../source/history/history-file.ts';
import type { PassedCapture } from '../../source/shared/capture.ts';
import { asEpoch, type RequestId } from '../../source/shared/types.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { passedBody, passedCapture } from '../history/capture-samples.ts';
import { clockAt, withDatabase } from '../history/rows.ts';
import { useContextHome } from '../kit/command-context.ts';
import { pricedSample } from '../store/samples.ts';

const home = useContextHome();
const at = asEpoch(1_795_000_000_000);
const row = (n: number) => pricedSample(n, { id: `captured-${n}` as RequestId, at });

/** A history with these requests and captures, encrypted with a key in the vault of the home. */
const write = async (rows: readonly number[], captures: readonly PassedCapture[]): Promise<void> => {
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  const keeper = createSecretKeeper({ paths, preference: 'vault' });
  const { key } = await createCaptureKeys({ keeper, preference: 'vault' }).loadOrMake(null);
  const file = createHistoryFile({
    file: paths.history,
    retentionDays: 36_500,
    maxMiB: 16,
    clock: clockAt(at),
  });
  file.commit(rows.map(row));
  file.commitCaptures(captures.map((capture) => sealCapture(capture, key)));
  file.close();
};

const show = async (id: string, options = {}): Promise<string> => {
  const { context, stdout } = home.context({ positionals: [id], options });
  expect(await run(context)).toBe(0);
  return stdout();
};

test('prints heads and bodies, and nothing that a terminal would obey', async () => {
  const body = passedBody('first line\r\nsecond \u001b[2J line\u202e', { total: 900, cut: true });
  const binary = passedBody(Buffer.from([0, 255, 1]), { whole: false, encoding: 'gzip' });
  const answer = { status: 502, headers: [['x-evil', 'a\u001b]0;t\u0007']] as const, body: binary };
  await write([1], [passedCapture(1, { at, body, answer })]);
  const text = await show('captured-1');
  expect(text.split('\n').slice(1)).toEqual([
    '',
    'POST /v1/messages?beta=true',
    'content-type: application/json',
    '',
    'first line',
    'second \\x1b[2J line\\u202e',
    '(900 bytes, the beginning is kept)',
    '',
    '502',
    'x-evil: a\\x1b]0;t\\x07',
    '',
    '(not a text; --json has it as base64)',
    '(3 bytes, it did not come to its end, it came as gzip)',
    '',
  ]);
  expect(text).toMatch(/^2026-11-18T\S+Z {2}\S+ {2}200 ok /);
});

test('--json has the row and the capture, as they are', async () => {
  await write([1], [passedCapture(1, { at })]);
  const text = await show('captured-1', { json: true });
  expect(JSON.parse(text)).toEqual({
    ...historyRow(row(1)),
    capture: capturedOf(passedCapture(1, { at })),
  });
});

test('a request of which nothing was captured is said to be that, one that is not there exits 3', async () => {
  await write([1], [passedCapture(2, { at })]);
  expect(await show('captured-1')).toContain('nothing of its head and body was kept');
  expect(JSON.parse(await show('captured-1', { json: true }))).toMatchObject({ capture: null });
  // Its row may be gone, or not written yet.
  expect(await show('captured-2')).toContain('POST /v1/messages');
  const { context } = home.context({ positionals: ['no\u001bsuch'] });
  await expect(run(context)).rejects.toMatchObject({
    code: 'unknown_request',
    message: 'there is no request no\\x1bsuch in the history',
  });
});

test('without its key a capture is unreadable, which is said, and everything else goes on', async () => {
  await write([1], [passedCapture(1, { at })]);
  for (const name of readdirSync(home.path)) if (name.startsWith('vault')) rmSync(join(home.path, name));
  const { context } = home.context({ positionals: ['captured-1'] });
  await expect(run(context)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/captured-1 cannot be read: the key .* is not there/),
  });
  // With another key, as after a new beginning, the old ones stay unreadable and the new ones can be read.
  await write([], [passedCapture(3, { at })]);
  await expect(run(context)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await show('captured-3')).toContain('CANARY in a body');
  const har = home.context({ options: { har: true }, clock: clockAt(at) });
  expect(await history(har.context)).toBe(0);
  const { entries } = (JSON.parse(har.stdout()) as { log: { entries: Record<string, unknown>[] } }).log;
  expect(entries).toMatchObject([{ request: { headers: [], bodySize: -1 } }]);
  expect(har.stderr()).toMatch(/^ccr-tui: note: what was captured is left out: the key .* is not there/);
});

test('a capture that was changed in the file is refused', async () => {
  await write([1], [passedCapture(1, { at }), passedCapture(2, { at })]);
  withDatabase(resolvePaths({ CCR_TUI_HOME: home.path }).history, (database) =>
    database.exec(
      `update captures set sealed = (select sealed from captures where id = 'captured-2'),
         nonce = (select nonce from captures where id = 'captured-2') where id = 'captured-1'`,
    ),
  );
  const { context } = home.context({ positionals: ['captured-1'] });
  await expect(run(context)).rejects.toThrow('it was changed since, or is damaged');
});

test('history --har has heads and bodies where they were captured, and only there', async () => {
  const binary = passedBody(Buffer.from([255]), { whole: false });
  const captured = passedCapture(2, {
    at,
    answer: { status: 200, headers: [['Content-Type', 'x/y']], body: binary },
  });
  await write([1, 2], [captured]);
  const { context, stdout, stderr } = home.context({ options: { har: true }, clock: clockAt(at) });
  expect(await history(context)).toBe(0);
  expect(stderr()).toBe('');
  const { entries } = (JSON.parse(stdout()) as { log: { entries: Record<string, unknown>[] } }).log;
  expect(entries[0]).toMatchObject({ request: { headers: [], bodySize: -1 }, response: { bodySize: -1 } });
  expect(entries[0]?.['request']).not.toHaveProperty('postData');
  expect(entries[1]).toMatchObject({
    request: {
      headers: [{ name: 'content-type', value: 'application/json' }],
      queryString: [{ name: 'beta', value: 'true' }],
      bodySize: 27,
      postData: { mimeType: 'application/json', text: '{"text":"CANARY in a body"}' },
    },
    response: {
      headers: [{ name: 'Content-Type', value: 'x/y' }],
      bodySize: 1,
      content: {
        size: 1,
        mimeType: 'x/y',
        text: '/w==',
        encoding: 'base64',
        comment: 'it did not come to its end',
      },
    },
  });
});
