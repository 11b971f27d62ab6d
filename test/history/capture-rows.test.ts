import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCaptureKeeper } from '../../source/history/capture-keeper.ts';
import { captureBytes, readSealed } from '../../source/history/capture-rows.ts';
import { capturedOf, keyIdOf, openCapture, sealCapture } from '../../source/history/capture-seal.ts';
import { createCaptureTable } from '../../source/history/capture-table.ts';
import { openDatabase } from '../../source/history/database.ts';
import { pruneStep, type Limits } from '../../source/history/retention.ts';
import { insertRow, toRow } from '../../source/history/schema.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { passedBody, passedCapture } from './capture-samples.ts';
import { everything, idsIn, samples } from './rows.ts';

const mebibyte = 1024 * 1024;
const key = randomBytes(32);
let home: TemporaryHome;
let file: string;
let database: DatabaseSync;
beforeEach(async () => {
  home = await temporaryHome();
  file = join(home.path, 'history.sqlite');
  database = openDatabase(file, 4 * mebibyte);
});
afterEach(async () => {
  database.close();
  await home.remove();
});

const table = () => createCaptureTable({ days: 7, maxMiB: 1 });
const countIn = (): unknown => database.prepare('select count(*) as count from captures').get()?.['count'];

describe('a sealed capture', () => {
  test('is what was captured again, with its key alone', () => {
    const passed = passedCapture(1);
    const sealed = sealCapture(passed, key);
    expect(openCapture(sealed, key)).toEqual(capturedOf(passed));
    expect(openCapture(sealed, randomBytes(32))).toBeNull();
    expect(sealed.keyId).toBe(keyIdOf(key));
    expect(keyIdOf(randomBytes(32))).not.toBe(sealed.keyId);
    // Twice the same is never sealed to the same.
    expect(sealCapture(passed, key).sealed).not.toEqual(sealed.sealed);
  });

  test('cannot be put in the place of another one, nor changed', () => {
    const sealed = sealCapture(passedCapture(1), key);
    const other = sealCapture(passedCapture(2), key);
    expect(openCapture({ ...sealed, id: other.id }, key)).toBeNull();
    expect(openCapture({ ...sealed, at: other.at }, key)).toBeNull();
    expect(openCapture({ ...sealed, nonce: other.nonce }, key)).toBeNull();
    expect(openCapture({ ...sealed, nonce: new Uint8Array(3) }, key)).toBeNull();
    expect(openCapture({ ...sealed, sealed: sealed.sealed.subarray(1) }, key)).toBeNull();
    expect(openCapture({ ...sealed, sealed: new Uint8Array(0) }, key)).toBeNull();
  });

  test('keeps bodies of any bytes, as text where they are one', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { body } = capturedOf(passedCapture(1, { body: passedBody(bytes) }));
        const back = body.base64 === null ? Buffer.from(body.text ?? '') : Buffer.from(body.base64, 'base64');
        expect(back).toEqual(Buffer.from(bytes));
      }),
    );
    const binary = capturedOf(passedCapture(1, { body: passedBody(Buffer.from([0xff, 0xfe, 0])) }));
    expect(binary.body).toMatchObject({ text: null, base64: '//4A' });
    // What was cut within a character is a text all the same.
    const cut = passedBody(Buffer.from('añ').subarray(0, 2), { cut: true });
    expect(capturedOf(passedCapture(1, { body: cut })).body).toMatchObject({ text: 'a', base64: null });
  });

  test('has nothing in it that is shaped like a credential, nor the beginning of one', () => {
    const secret = 'sk-ant-api03-0123456789abcdef';
    const text = `{"a":"\\n${secret}","b":"ccr_${'x'.repeat(43)}"}`;
    const open = passedBody(`{"a":"${secret.slice(0, 18)}`, { cut: true });
    const answer = { status: 200, headers: [], body: open };
    const captured = capturedOf(passedCapture(1, { body: passedBody(text), answer }));
    expect(captured.body.text).toBe('{"a":"\\n[secret]","b":"[secret]"}');
    expect(captured.answer?.body.text).toBe('{"a":"[secret]');
  });
});

describe('in the file', () => {
  test('captures are found by the id of their request, and nothing of them can be read', () => {
    const sealed = [1, 2].map((n) => sealCapture(passedCapture(n), key));
    table().commit(database, [...sealed, ...sealed]);
    expect(countIn()).toBe(2);
    const found = readSealed(database, 'captured-2');
    expect(found && openCapture(found, key)).toEqual(capturedOf(passedCapture(2)));
    expect(readSealed(database, 'captured-3')).toBeNull();
    expect(captureBytes(database)).toBe(sealed.reduce((sum, each) => sum + each.sealed.length, 0));
    for (const name of readdirSync(home.path)) {
      expect(readFileSync(join(home.path, name)).includes('CANARY')).toBe(false);
    }
  });

  test('what a foreign hand has put there is read as nothing', () => {
    database.exec("insert into captures values ('x', 'when', 1, 2, 'text', 'y')");
    const found = readSealed(database, 'x');
    expect(found && openCapture(found, key)).toBeNull();
  });

  test('a full disk loses the capture, whole, and the file goes on', () => {
    const captures = table();
    captures.commit(database, [sealCapture(passedCapture(1), key)]);
    database.exec('pragma max_page_count = 20');
    const large = passedCapture(2, { body: passedBody(randomBytes(200_000)) });
    expect(() => captures.commit(database, [sealCapture(large, key)])).toThrow(/full/);
    expect(database.isTransaction).toBe(false);
    expect(countIn()).toBe(1);
    captures.commit(database, [sealCapture(passedCapture(3), key)]);
    expect(countIn()).toBe(2);
  });
});

describe('limits', () => {
  const now = asEpoch(1_795_000_500_000);
  const limits = (captures: NonNullable<Limits['captures']>): Limits => ({
    now,
    olderThan: everything,
    maxBytes: 64 * mebibyte,
    captures,
  });
  const prune = (given: Limits): number => {
    let count = 1;
    while (pruneStep(database, given)) count += 1;
    return count;
  };
  const fill = (count: number, bytes: number): void => {
    const insert = database.prepare(insertRow);
    for (const request of samples(count)) insert.run(...toRow(request));
    const rows = Array.from({ length: count }, (_, n) =>
      sealCapture(passedCapture(n + 1, { body: passedBody(randomBytes(bytes)) }), key),
    );
    table().commit(database, rows);
  };

  test('of age: the old ones go, in small steps, and the requests stay', () => {
    fill(100, 10);
    const olderThan = passedCapture(91).at;
    expect(prune(limits({ olderThan, maxBytes: mebibyte }))).toBeGreaterThan(5);
    expect(countIn()).toBe(10);
    expect(idsIn(file)).toHaveLength(100);
  });

  test('of size: the oldest go, the newest stay', () => {
    fill(60, 20_000);
    prune(limits({ olderThan: everything, maxBytes: mebibyte }));
    expect(captureBytes(database)).toBeLessThan(mebibyte);
    expect(captureBytes(database)).toBeGreaterThan(mebibyte / 3);
    expect(readSealed(database, 'captured-60')).not.toBeNull();
    expect(readSealed(database, 'captured-1')).toBeNull();
    expect(idsIn(file)).toHaveLength(60);
  });

  test('of the whole history: captures go before any request', () => {
    fill(60, 40_000);
    prune({ ...limits({ olderThan: everything, maxBytes: 64 * mebibyte }), maxBytes: mebibyte });
    expect(countIn()).toBeLessThan(40);
    expect(idsIn(file)).toHaveLength(60);
  });
});

test('without a key nothing is written, and that is said', () => {
  const [told, written]: [(string | null)[], unknown[]] = [[], []];
  const writer = {
    writeCaptures(rows: readonly unknown[]) {
      written.push(...rows);
      return null;
    },
    limitCaptures: () => undefined,
  };
  const keeper = createCaptureKeeper(writer, (lost) => told.push(lost));
  keeper.take({ type: 'capture', capture: passedCapture(1) });
  const crossed = Uint8Array.from(key);
  keeper.take({ type: 'captureRules', rules: { key: crossed, days: 1, maxMiB: 1 } });
  keeper.take({ type: 'capture', capture: passedCapture(2) });
  keeper.take({ type: 'captureRules', rules: { key: null, days: 1, maxMiB: 1 } });
  keeper.take({ type: 'capture', capture: passedCapture(3) });
  expect(told).toEqual(['there is no key', null, 'there is no key']);
  expect(written).toHaveLength(1);
  // Nobody needs it any longer.
  expect([...crossed].every((byte) => byte === 0)).toBe(true);
});
