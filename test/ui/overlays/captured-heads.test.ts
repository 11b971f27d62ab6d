import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FoundHeads } from '../../../source/shared/capture.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { CcrError } from '../../../source/shared/errors.ts';
import { asDuration } from '../../../source/shared/types.ts';
import { createCapturedHeads, headsLines } from '../../../source/ui/overlays/captured-heads.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { doneRow, liveRow, now } from '../sample.ts';
import { commandPlace, plain } from './dialog-place.ts';

const found: FoundHeads = {
  kind: 'found',
  target: '/v1/messages?beta=true',
  headers: [
    ['content-type', 'application/json'],
    ['x-api-key', '[secret]'],
  ],
  answer: { status: 429, headers: [['retry-after', '17']] },
};

const open = (answers: readonly (FoundHeads | Error)[]) => {
  const clock = createFakeClock(now);
  const asked: unknown[] = [];
  const { context, told } = commandPlace(async (name, args) => {
    const answer = answers[asked.length] ?? { kind: 'none' };
    asked.push([name, args]);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { clock, asked, told, heads: createCapturedHeads(context, clock) };
};

describe('the captured heads of a request', () => {
  it('are asked for once, and drawn when they have come', async () => {
    const { heads, asked, told } = open([found]);
    const row = doneRow(1);
    expect([heads.of(row), heads.of(row)]).toEqual([null, null]);
    await nextTurn();
    expect([heads.of(row), heads.of(row)]).toEqual([found, found]);
    expect(asked).toEqual([['request.heads', { request: 'r1' }]]);
    expect(told.changed).toBe(1);
  });

  it('of one request are never taken for those of another', async () => {
    const { heads } = open([found, { kind: 'none' }]);
    heads.of(doneRow(1));
    expect(heads.of(doneRow(2))).toBeNull();
    await nextTurn();
    expect(heads.of(doneRow(2))).toEqual({ kind: 'none' });
  });

  it('are asked for again while they may not have been written yet, and not for ever', async () => {
    const { heads, asked, clock } = open([{ kind: 'none' }, found]);
    const row = doneRow(1, { at: now, totalMs: asDuration(0) });
    heads.of(row);
    await nextTurn();
    heads.of(row);
    expect(asked).toHaveLength(1);
    clock.advance(1000);
    expect(heads.of(row)).toEqual({ kind: 'none' });
    await nextTurn();
    expect(heads.of(row)).toEqual(found);
    const old = open([]);
    const past = doneRow(1, { at: now, totalMs: asDuration(0) });
    old.clock.advance(20_000);
    old.heads.of(past);
    await nextTurn();
    old.clock.advance(60_000);
    old.heads.of(past);
    expect(old.asked).toHaveLength(1);
  });

  it('are not asked for before the request has ended, and may be refused', async () => {
    const { heads, asked } = open([new CcrError('history_unavailable', 'the history is busy')]);
    expect(heads.of(liveRow(1))).toBeNull();
    expect(asked).toEqual([]);
    heads.of(doneRow(1));
    await nextTurn();
    expect(headsLines(plain, heads.of(doneRow(1)), 'all', 80)).toEqual([
      '',
      ' Headers    cannot be read: the history is busy',
    ]);
  });
});

describe('as lines', () => {
  const read = (heads: FoundHeads | null, mode: 'off' | 'errors' | 'all' = 'all', columns = 80): string =>
    headsLines(plain, heads, mode, columns).join('\n');

  it('stand by name, those of the request before those of its answer', () => {
    expect(read(found)).toBe(
      [
        '',
        ' Headers of the request',
        ' to         /v1/messages?beta=true',
        ' content-type application/json',
        ' x-api-key    [secret]',
        '',
        ' Headers of the answer, 429',
        ' retry-after 17',
      ].join('\n'),
    );
    expect(read({ ...found, answer: null })).toContain('No answer came');
  });

  it('say that none are kept, and how to have them kept', () => {
    expect(read(null)).toBe('');
    expect(read({ kind: 'none' }, 'off')).toContain('none are kept; ccr-tui config set capture errors');
    expect(read({ kind: 'none' }, 'errors')).toContain('capture keeps those of failures');
    expect(read({ kind: 'none' }, 'all')).toMatch(/none are kept of this request$/);
  });

  it('hold no credential that slipped through', () => {
    const key = 'sk-ant-api03-MARKED-0123456789abcdefghij';
    const answer = { status: 200, headers: [['set-cookie', `a=${key}`]] as const };
    const text = read({ ...found, target: `/v1?k=${key}`, headers: [['x-note', key]], answer });
    expect(text).toContain('[secret]');
    expect(text).not.toContain('MARKED');
  });

  it.each(hostileText)('let no %s act on the terminal, and fit', (_, text) => {
    const headers = [[text, text.repeat(40)]] as const;
    for (const columns of [30, 59, 100]) {
      const lines = [
        ...headsLines(
          plain,
          { ...found, target: text, headers, answer: { status: 200, headers } },
          'all',
          columns,
        ),
        ...headsLines(plain, { kind: 'unreadable', reason: text }, 'all', columns),
      ];
      for (const line of lines) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});
