import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../source/shared/decision.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { asDuration, asEpoch, noTokens } from '../../../source/shared/types.ts';
import { detailLines } from '../../../source/ui/overlays/detail-lines.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { doneRow, liveRow, now } from '../sample.ts';
import { plain } from './dialog-place.ts';

/** Two in the afternoon of the machine's own zone. */
const at = asEpoch(new Date(2026, 10, 22, 14, 0, 0).getTime());
const half = new Date(2026, 10, 22, 14, 32, 0).toISOString();

const decision: Decision = {
  strategy: 'sticky',
  affinity: 'warm',
  considered: [
    { account: 'work', verdict: 'chosen: warm conversation stays: moving would write ~84,000 tokens again' },
    { account: 'home', verdict: `limited until ${half} by 7d (header, 3 s ago)` },
    { account: 'team-a', verdict: 'client: a Claude login serves Claude Code only; paused by you' },
  ],
  rewriteTokens: 84_000,
  rewriteCostUsd: 0.42,
};

const read = (row = doneRow(1, { at, decision }), columns = 100): string[] =>
  detailLines(plain, row, columns, now).map((line) => line.trimEnd());

describe('why a request went where it did', () => {
  it('names each account and its reason, in local time and with the price of a move', () => {
    const lines = read();
    expect(lines.slice(lines.indexOf(' Why') + 1)).toEqual([
      ' work       chosen: warm conversation stays: moving would write ~84,000 tokens again (~0.42 USD)',
      ' home       limited until 14:32 by 7d (header, 3 s ago)',
      ' team-a     not for this client: a Claude login serves Claude Code only; paused by you',
    ]);
    expect(lines.find((line) => line.startsWith(' Strategy'))).toMatch(
      /sticky: the conversation stays where its cache is$/,
    );
  });

  it('begins with the one that was chosen, wherever it stood', () => {
    const considered = [...decision.considered.slice(1), ...decision.considered.slice(0, 1)];
    const lines = read(doneRow(1, { at, decision: { ...decision, considered } }));
    expect(lines.slice(lines.indexOf(' Why') + 1).map((line) => line.split(' ')[1])).toEqual([
      'work',
      'home',
      'team-a',
    ]);
  });

  it.each([
    [0.0049, '(less than a cent)'],
    [0.0051, '(~0.01 USD)'],
    [12.345, '(~12.35 USD)'],
    [null, 'tokens again'],
  ])('a price of %s is told as %s', (rewriteCostUsd, words) => {
    const lines = read(doneRow(1, { decision: { ...decision, rewriteCostUsd } }), 140);
    expect(lines.find((line) => line.startsWith(' work '))?.endsWith(words)).toBe(true);
  });

  it.each([
    ['cost', 'cost ~0.0123 USD'],
    ['list value', 'list value ~0.0123 USD'],
    [null, 'list value ~0.0123 USD'],
  ] as const)('money is told from what a plan gave: %s', (costKind, words) => {
    expect(
      read(doneRow(1, { costUsd: 0.0123, costKind })).find((line) => line.startsWith(' Tokens')),
    ).toMatch(new RegExp(`, ${words}$`));
    expect(read(doneRow(1, { costUsd: null, costKind })).join('\n')).toContain(', cost —');
  });

  it('is told while it runs too', () => {
    expect(read(liveRow(2, { at, decision })).join('\n')).toContain('home       limited until 14:32 by 7d');
    expect(read(liveRow(2, { at })).join('\n')).toContain('no account was chosen');
  });

  it('says when there was none to choose from', () => {
    const none = { ...decision, affinity: null, considered: [] };
    expect(read(doneRow(1, { decision: none })).join('\n')).toContain('No account to choose from');
  });

  it('names every attempt in its order', () => {
    const attempts = [
      { account: 'team-a', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) },
      { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(8000) },
    ];
    expect(read(doneRow(1, { attempts })).find((line) => line.startsWith(' Route'))).toBe(
      ' Route      team-a 429 limited 5h 90ms → work 200 ok 6.2s',
    );
  });

  it('tells every token, what caching saved, and which model answered', () => {
    const row = doneRow(1, {
      upstreamModel: 'claude-sonnet-4-5-fallback',
      tokens: { input: 1200, output: 640, cacheRead: 9000, cacheWrite5m: 300, cacheWrite1h: 4100 },
      cacheSavedUsd: 0.03,
      project: 'website',
      clientAddress: '192.0.2.7',
      stopReason: 'max_tokens',
    });
    const text = read(row).join('\n');
    expect(text).toMatch(/^ Cache +9k read, 300 written for 5m, 4\.1k written for 1h, saved ~0\.0300 USD$/m);
    expect(text).toMatch(/^ Model +claude-sonnet-4-5-20250929, answered by claude-sonnet-4-5-fallback$/m);
    expect(text).toMatch(/^ Client +claude-code, key default, from 192\.0\.2\.7, project website$/m);
    expect(text).toMatch(/^ Ended +200 ok, stop reason max_tokens$/m);
    expect(text).toMatch(/^ Asked +POST \/v1\/messages, streamed$/m);
  });

  it('tells in one sentence how an answer ended that is not whole', () => {
    const ended = (fields: Parameters<typeof doneRow>[1]): string[] =>
      read(doneRow(1, { stopReason: null, ...fields })).filter((line) => /^ (?:Ended|Error)/.test(line));
    const cut = { outcome: 'truncated', error: 'the answer was cut' } as const;
    expect(ended(cut)).toEqual([' Ended      200 cut, the answer stopped before its end']);
    expect(ended({ ...cut, error: 'cut when the proxy stopped' })).toEqual([
      ' Ended      200 cut',
      ' Error      cut when the proxy stopped',
    ]);
    const refused = { outcome: 'rejected', status: 503, error: 'no_account' } as const;
    expect(ended(refused)).toEqual([' Ended      503 refused: no account could serve']);
    expect(ended({ ...refused, status: 401, error: 'key_wrong' })).toEqual([
      ' Ended      401 refused: key wrong',
    ]);
    const left = { outcome: 'aborted', error: null } as const;
    expect(ended({ ...left, status: 200 })).toEqual([' Ended      200 aborted, the client left first']);
    expect(ended({ ...left, status: null })).toEqual([' Ended      no answer, the client left first']);
  });

  it('has each id in a line of its own', () => {
    const row = doneRow(1, { session: 'session-1', upstreamRequestId: 'req_1' });
    expect(read(row).filter((line) => /^ (?:Id|Upstream|Session) /.test(line))).toEqual([
      ` Id         ${row.request.id}`,
      ' Upstream   req_1',
      ' Session    session-1',
    ]);
  });

  it('says nothing of what was not told, and 0 only of what is', () => {
    const silent = doneRow(1, { tokens: noTokens, stopReason: null, costUsd: null, cacheSavedUsd: null });
    const text = read(silent).join('\n');
    expect(text).not.toMatch(/Tokens|Cache|Error|Careful|stop reason|answered by|project/);
    // One figure is worth the line, and shows which are not known.
    const told = read(doneRow(1, { tokens: { ...noTokens, input: 12 }, costUsd: null })).join('\n');
    expect(told).toMatch(/^ Tokens +12 in, — out, — of the input cached, cost —$/m);
    expect(read(doneRow(1)).join('\n')).toMatch(/^ Cache +9k read, nothing written, saved/m);
    const byPlan = read(doneRow(1, { costKind: 'list value', cacheSavedUsd: 4.2 })).join('\n');
    expect(byPlan).toMatch(/saved list value ~4\.20 USD$/m);
    expect(read(liveRow(2)).join('\n')).not.toMatch(/Ended|0 written/);
  });

  it('tells how the limits of its account stood after it, as its answer said', () => {
    const limits = [
      { id: '5h', scope: null, utilization: 0.684, status: 'allowed', resetsAt: asEpoch(at + 3 * 3_600_000) },
      { id: '7d', scope: 'opus', utilization: 1, status: 'rejected', resetsAt: null },
      { id: 'tokens', scope: null, utilization: null, status: null, resetsAt: null },
    ];
    expect(read(doneRow(1, { at, limits })).join('\n')).toMatch(
      /^ Limits +after it 5h 68% until 17:00, 7d opus 100% rejected, tokens —$/m,
    );
    expect(read(doneRow(1, { at, limits: [] })).join('\n')).not.toContain('Limits');
  });

  it('warns of a request that may have run twice', () => {
    expect(read(doneRow(1, { mayHaveRunTwice: true })).join('\n')).toMatch(
      /^ Careful +it may have run twice/m,
    );
  });

  it.each([100, 60, 30])('fits into %i columns', (columns) => {
    for (const line of detailLines(plain, doneRow(1, { at, decision }), columns, now)) {
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it.each(hostileText)('lets no %s act on the terminal', (_, text) => {
    const considered = [{ account: text, verdict: `chosen: ${text}` }];
    const row = doneRow(1, {
      path: text,
      model: text,
      client: text,
      session: text,
      project: text,
      clientAddress: text,
      agent: text,
      upstreamModel: `${text}!`,
      stopReason: text,
      limits: [{ id: text, scope: text, utilization: 0.5, status: text, resetsAt: asEpoch(Number.NaN) }],
      error: text,
      outcome: 'error',
      decision: { strategy: text, affinity: 'warm', considered },
      upstreamRequestId: text,
    });
    for (const line of detailLines(plain, row, 80, now)) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(displayWidth(line)).toBeLessThanOrEqual(80);
    }
  });
});
