import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportHistory } from '../../source/commands/history-export.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { samples } from '../history/rows.ts';
import { givenFile } from '../kit/given-file.ts';

let file: string;
givenFile('export.ndjson', (path) => {
  file = path;
});

test('the new file has every request, as the history prints them, for its owner alone', () => {
  expect(exportHistory(file, samples(1203))).toBe(1203);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(samples(1203).map(historyRow));
  expect(process.platform === 'win32' ? 0 : statSync(file).mode & 0o077).toBe(0);
});

test('a file that is there already stays as it is', () => {
  writeFileSync(file, 'precious');
  expect(() => exportHistory(file, samples(1))).toThrow(CcrError);
  expect(readFileSync(file, 'utf8')).toBe('precious');
});

test('when the history cannot be read to its end, no half of it is left', () => {
  const broken = function* () {
    yield* samples(600);
    throw new Error('the disk reports errors');
  };
  expect(() => exportHistory(file, broken())).toThrow(
    '--export: the disk reports errors; nothing was removed',
  );
  expect(existsSync(file)).toBe(false);
});

test('a folder that is not there is said', () => {
  expect(() => exportHistory(join(file, '..', 'none', 'x'), [])).toThrow('--export: ENOENT');
});
