import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { idsIn } from '../history/rows.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { writeHistory } from '../kit/given-history.ts';
import { pricedSample } from '../store/samples.ts';

const home = useCommandHome();
const dayMs = 86_400_000;
const requests = [40, 31, 2].map((days, n) => pricedSample(n, { at: asEpoch(Date.now() - days * dayMs) }));
const shows =
  (text: string) =>
  (lines: readonly string[]): boolean =>
    lines.some((line) => line.includes(text));
const file = (): string => join(home.path, 'history.sqlite');

beforeEach(() => writeHistory(file(), requests));

describe('history prune', () => {
  it('removes what is older, and writes it to a new file before when asked to', async () => {
    const args = ['history', 'prune', '--older-than', '30d', '--export', 'old.ndjson'];
    const pruned = await home.run(args);
    expect(pruned).toMatchObject({
      code: 0,
      stdout: 'wrote 2 requests to old.ndjson\nremoved 2 requests\n',
      stderr: '',
    });
    const lines = home.read('old.ndjson').trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(requests.slice(0, 2).map(historyRow));
    expect(idsIn(file())).toEqual([requests[2]!.id]);
    // The file is there now: nothing is removed that could not be written.
    expect(
      await home.run(['history', 'prune', '--older-than', '1d', '--export', 'old.ndjson']),
    ).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^ccr-tui: --export: .*old\.ndjson is there already; name a new file\n$/),
    });
    expect(idsIn(file())).toHaveLength(1);
  });

  it('wants to be told how old', async () => {
    expect(await home.run(['history', 'prune'])).toMatchObject({
      code: 2,
      stderr:
        'ccr-tui: history prune needs --older-than AGE; such as --older-than 30d; history clear removes everything\n',
    });
    expect(idsIn(file())).toHaveLength(3);
  });
});

describe('history clear', () => {
  it('asks at a terminal: without a yes everything is kept, with it all goes, and files that had been set aside', async () => {
    writeFileSync(`${file()}.broken-2026-11-22T043005.000Z`, 'x');
    const terminal = home.typeInto(
      'ccr_tui history clear; echo "no $?"; ccr_tui history clear; echo "yes $?"',
    );
    const question = 'Type yes, or press Enter to keep it:';
    await terminal.waitFor(shows(question));
    terminal.send('\r');
    await terminal.waitFor(
      (lines) => shows('no 1')(lines) && lines.filter((line) => line.includes(question)).length === 2,
    );
    expect(idsIn(file())).toHaveLength(3);
    terminal.send('yes\r');
    const lines = await terminal.waitFor(shows('yes 0'));
    expect(lines.join('\n')).toMatch(/removed 3 requests *\nremoved 1 file that had been set aside/);
    expect(idsIn(file())).toEqual([]);
  });

  it('is refused where nobody can be asked, but with --force', async () => {
    expect(await home.run(['history', 'clear'])).toMatchObject({
      code: 2,
      stderr: 'ccr-tui: history clear removes the whole history; give --force where nobody can be asked\n',
    });
    expect(idsIn(file())).toHaveLength(3);
    expect(await home.run(['history', 'clear', '--force'])).toMatchObject({
      code: 0,
      stdout: 'removed 3 requests\n',
    });
    expect(idsIn(file())).toEqual([]);
  });
});
