import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { NumberedEvent, ProxyEvent } from '../../source/shared/events.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { plainOutput } from '../../source/ui/plain.ts';
import { awkwardText, hostileCharacter, hostileText } from '../kit/hostile-text.ts';
import { accountOf, finishedOf, later, now } from './sample.ts';

const facts = { url: 'http://127.0.0.1:4180', home: '/home/me/.ccr', pid: 123, version: '1.0.0' };

const start = (json: boolean, stream?: Writable, spoken = false) => {
  let written = '';
  const collect = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const out = stream ?? collect;
  const listeners = new Set<(event: NumberedEvent) => void>();
  const feed = {
    subscribe: (listener: (event: NumberedEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  let state = initialState(now);
  const output = plainOutput({
    feed,
    log: () => state.log,
    price: priceOf,
    out,
    json,
    ...(spoken ? { spoken: () => state.accounts } : {}),
  });
  let seq = 0;
  const tell = (event: ProxyEvent): void => {
    seq += 1;
    state = applyEvents(state, [event], priceOf);
    for (const listener of listeners) listener({ seq, event });
  };
  const lines = (): string[] => written.split('\n').slice(0, -1);
  return { output, tell, lines, listeners };
};

const { costUsd: _, ...request } = finishedOf();
const finished: ProxyEvent = { type: 'requestFinished', at: now, request };

describe('plainOutput', () => {
  it('writes a sentence once that comes true again and again among others', () => {
    const { tell, lines } = start(false);
    const told = (ms: number, name: string, rests: boolean): void =>
      tell({
        type: 'accountChanged',
        at: later(ms),
        account: accountOf(
          name,
          rests ? { state: 'benched', reason: 'overloaded (529)', availableAt: later(ms + 1000) } : {},
        ),
      });
    tell({ type: 'listening', at: later(-60_000), url: facts.url, host: '127.0.0.1', port: 4180 });
    for (const name of ['work', 'home']) told(-59_900, name, false);
    for (let ms = 0; ms < 20_000; ms += 2000) {
      for (const name of ['work', 'home']) {
        told(ms, name, true);
        told(ms + 1000, name, false);
      }
    }
    expect(lines().map((line) => line.slice(10))).toEqual([
      'warning: work is overloaded (529), trying again in 1s',
      'warning: home is overloaded (529), trying again in 1s',
    ]);
  });

  it('says to who listens how things stand and what changes, and nothing of requests', () => {
    const { output, tell, lines } = start(false, undefined, true);
    const changed = (name: string, part: Parameters<typeof accountOf>[1] = {}): void =>
      tell({ type: 'accountChanged', at: now, account: accountOf(name, part) });
    const limited = {
      state: 'limited',
      reason: 'reached its 5h limit',
      availableAt: later(720_000),
    } as const;
    tell({ type: 'listening', at: later(-60_000), url: facts.url, host: '127.0.0.1', port: 4180 });
    changed('work');
    changed('team\u001B[2J', limited);
    const before = lines().length;
    output.listening(facts);
    for (let n = 0; n < 5; n += 1) tell(finished);
    changed('work', limited);
    const [first, second, ...rest] = lines().slice(before);
    expect(first).toBe('listening on http://127.0.0.1:4180');
    expect(second).toBe('1 of 2 accounts can serve; team\\x1b[2J is limited');
    expect(rest).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}warning: work reached its 5h limit/),
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}error: no account can serve until /),
    ]);
  });

  it('writes a line for every finished request and every log sentence', () => {
    const { output, tell, lines } = start(false);
    output.listening(facts);
    tell(finished);
    tell({ type: 'logged', at: later(0), level: 'warning', text: 'team-a reached its 5h limit' });
    tell({ type: 'listening', at: now, url: facts.url, host: '127.0.0.1', port: 4180 });
    output.stopped({ cut: 0 });
    const [first, row, log, last, ...more] = lines();
    expect(first).toBe('listening on http://127.0.0.1:4180');
    expect(row).toMatch(/^\d\d:\d\d:\d\d {2}work +200 ok +sonnet-4\.5 +6\.2s +in 1\.2k +out 640$/);
    expect(log).toMatch(/^\d\d:\d\d:\d\d {2}warning: team-a reached its 5h limit$/);
    expect(last).toBe('stopped');
    expect(more).toEqual([]);
  });

  it.each([...hostileText, ...awkwardText])('%s is shown, not obeyed, and exact in JSON', (_, text) => {
    const hostile: ProxyEvent = {
      ...finished,
      request: { ...request, model: text, account: text, path: text, outcome: 'error', error: text },
    };
    const written = (json: boolean): string[] => {
      const { tell, lines } = start(json);
      tell(hostile);
      tell({ type: 'logged', at: now, level: 'info', text });
      return lines();
    };
    const [words, json] = [written(false), written(true)];
    expect(words).toHaveLength(2);
    expect(json).toHaveLength(1);
    for (const line of [...words, ...json]) expect(line).not.toMatch(hostileCharacter);
    expect(JSON.parse(json[0] ?? '')).toMatchObject({ model: text, error: text });
  });

  it('writes JSON objects alone: listening, the history row of each request, stopped', () => {
    const { output, tell, lines } = start(true);
    output.listening(facts);
    tell({ type: 'logged', at: now, level: 'info', text: 'not for programs' });
    tell(finished);
    output.stopped({ cut: 2 });
    const [first, row, last, ...more] = lines().map((line): unknown => JSON.parse(line));
    expect(first).toEqual({ event: 'listening', ...facts });
    const costUsd = priceOf(request.upstreamModel, request.tokens, request.at);
    expect(row).toEqual(JSON.parse(JSON.stringify(historyRow({ ...request, costUsd }))));
    expect(last).toEqual({ event: 'stopped', cut: 2 });
    expect(more).toEqual([]);
  });

  it('tells what changed, and that once', () => {
    const { tell, lines } = start(false);
    const account = accountOf('work');
    tell({ type: 'listening', at: later(-60_000), url: facts.url, host: '127.0.0.1', port: 4180 });
    tell({ type: 'accountChanged', at: later(-59_900), account });
    tell({ type: 'accountChanged', at: now, account: { ...account, paused: true, state: 'paused' } });
    tell({
      type: 'accountChanged',
      at: now,
      account: { ...account, paused: true, state: 'paused', requests: 1 },
    });
    expect(lines().map((line) => line.slice(10))).toEqual([
      'work paused',
      'error: no account can serve: all are paused',
    ]);
  });

  it('is silent after the last line', () => {
    const { output, tell, lines, listeners } = start(false);
    output.stopped({ cut: 0 });
    tell(finished);
    expect(lines()).toEqual(['stopped']);
    expect(listeners.size).toBe(0);
  });

  it('keeps a bounded backlog for a slow reader, and counts the lines that are missing', async () => {
    let written = '';
    let isSlow = true;
    let goOn = (): void => {};
    const out = new Writable({
      write: (chunk, _encoding, done) => {
        written += String(chunk);
        if (isSlow) goOn = done;
        else done();
      },
    });
    const { output, tell } = start(true, out);
    for (let n = 0; n < 20_000; n += 1) tell(finished);
    expect(out.writableLength).toBeLessThan(5 * 1024 * 1024);
    const drained = once(out, 'drain');
    isSlow = false;
    goOn();
    await drained;
    output.stopped({ cut: 0 });
    await new Promise((resolve) => out.end(resolve));
    const lines = written.trimEnd().split('\n');
    const { event, count } = JSON.parse(lines.at(-2) ?? '') as { event: string; count: number };
    expect([event, count + lines.length - 2]).toEqual(['dropped', 20_000]);
  });

  it('ends quietly when the reader has gone', async () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const out = new Writable({ write: (_chunk, _encoding, done) => done(broken) });
    const { output, tell, listeners } = start(true, out);
    const error = once(out, 'error');
    output.listening(facts);
    await output.gone;
    await error;
    expect(listeners.size).toBe(0);
    tell(finished);
    output.stopped({ cut: 0 });
  });
});
