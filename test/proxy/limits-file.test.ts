import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshRuntime } from '../../source/balancer/account-state.ts';
import { openLimitsFile } from '../../source/proxy/limits-file.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { idOf, now, window } from '../balancer/sample.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());
const path = (): string => join(home.path, 'limits.json');

const work = { ...freshRuntime, windows: [window('5h')] };

describe('the file of limits', () => {
  test('has what is known of each account, for its owner alone, and the next process knows it', async () => {
    const file = openLimitsFile(path(), () => [
      [idOf('work'), work],
      [idOf('nothing'), freshRuntime],
    ]);
    expect(file.recall(idOf('work'), now)).toBeUndefined();
    file.changed();
    await file.close();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    const next = openLimitsFile(path(), () => []);
    expect(next.recall(idOf('work'), now)).toEqual(work);
    expect(next.recall(idOf('nothing'), now)).toBeUndefined();
    expect(next.recall(idOf('constructor'), now)).toBeUndefined();
  });

  test.each(['', 'no JSON', '[]', 'null', '{"id-work": 7}'])('that is damaged says nothing (%j)', (text) => {
    writeFileSync(path(), text);
    const known = openLimitsFile(path(), () => []).recall(idOf('work'), now);
    expect(known ?? freshRuntime).toEqual(freshRuntime);
    expect(readFileSync(path(), 'utf8')).toBe(text);
  });

  test('is not there for a process without a home', async () => {
    const file = openLimitsFile(null, () => [[idOf('work'), work]]);
    file.changed();
    await file.close();
    expect(file.recall(idOf('work'), now)).toBeUndefined();
  });
});
