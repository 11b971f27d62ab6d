import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCaptureKeeper } from '../../source/history/capture-keeper.ts';
import { createWriter } from '../../source/history/writer.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { temporaryFolders } from '../kit/temporary-folders.ts';
import { passedCapture } from './capture-samples.ts';

const temporaryFolder = temporaryFolders('capture-keeper');
const key = new Uint8Array(32).fill(7);

const open = (file: string) => {
  const writer = createWriter({
    file,
    retentionDays: 30,
    maxMiB: 16,
    clock: { now: () => asEpoch(1_795_000_000_000), monotonic: () => 0 },
    retryMs: 1_000_000,
    onStatus: () => undefined,
  });
  const taken: (string | null)[] = [];
  const keeper = createCaptureKeeper(writer, (lost) => taken.push(lost));
  const rule = (next: Uint8Array | null): void =>
    keeper.take({ type: 'captureRules', rules: { key: next, days: 3000, maxMiB: 4 } });
  return { writer, keeper, taken, rule };
};

test('the heads of a request can be had while its key is in use, and nothing of its body', () => {
  const file = join(temporaryFolder(), 'history.sqlite');
  const { writer, keeper, taken, rule } = open(file);
  rule(key);
  keeper.take({ type: 'capture', capture: passedCapture(1) });
  expect(taken).toEqual([null]);
  expect(keeper.heads(file, 'captured-1')).toEqual({
    answer: {
      kind: 'found',
      target: '/v1/messages?beta=true',
      headers: [['content-type', 'application/json']],
      answer: { status: 400, headers: [['x-word', 'CANARY in a header']] },
    },
  });
  expect(keeper.heads(file, 'captured-2')).toEqual({ answer: { kind: 'none' } });
  for (const other of [null, new Uint8Array(32).fill(8)]) {
    rule(other);
    expect(keeper.heads(file, 'captured-1')).toEqual({
      answer: { kind: 'unreadable', reason: 'the key that it was encrypted with is not in use now' },
    });
  }
  writer.close();
});

test('what is no history is told as a problem', () => {
  const file = join(temporaryFolder(), 'history.sqlite');
  const { keeper, writer } = open(join(temporaryFolder(), 'history.sqlite'));
  expect(keeper.heads(file, 'captured-1')).toEqual({ answer: { kind: 'none' } });
  writeFileSync(file, 'no database at all, and more than a header of one'.repeat(40));
  expect(keeper.heads(file, 'captured-1')).toHaveProperty('problem');
  writer.close();
});
