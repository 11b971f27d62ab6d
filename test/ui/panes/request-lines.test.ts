import { describe, expect, it } from 'vitest';
import type { RequestRow } from '../../../source/store/state.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { asDuration, noTokens } from '../../../source/shared/types.ts';
import { blockHeight } from '../../../source/ui/request-window.ts';
import { requestColumns } from '../../../source/ui/panes/request-columns.ts';
import { requestHeading, requestLines } from '../../../source/ui/panes/request-lines.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { busyState, doneRow, later, liveRow, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const ascii = createTheme({ ascii: true, color: false });
const place = (kind: 'wide' | 'narrow' | 'tiny', width: number) => ({
  columns: requestColumns(kind, width, 6),
  width,
  selected: false,
  now,
});
const show = (kind: 'wide' | 'narrow' | 'tiny', width: number, rows = busyState.rows): string[] =>
  rows
    .flatMap((row) => requestLines(theme, row, place(kind, width)))
    .map((line) => line.trimEnd().replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss'));

const refused = { account: 'team-a', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) };
const hung = { account: 'spare', status: null, verdict: 'unreachable', window: null, ms: asDuration(2000) };
const served = { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: asDuration(8000) };

describe('requestLines', () => {
  it('has a row for every kind of request on a wide screen', () => {
    expect([requestHeading(theme, place('wide', 100)).trimEnd(), ...show('wide', 100)]).toEqual([
      '  time     account status         model        wait first   total    in   out cache  note',
      '  hh:mm:ss work    200 ok         sonnet-4.5    0ms 410ms    6.2s  1.2k   640   88%',
      '  hh:mm:ss work    200 ok         haiku-4.5     0ms 180ms   900ms   310    55     —',
      ' ┌hh:mm:ss team-a  429 limited 5h sonnet-4.5      —     —    90ms     —     —     —  -> work',
      ' └hh:mm:ss work    200 ok         sonnet-4.5    0ms 410ms    8.1s  1.2k   640   88%',
      '  hh:mm:ss work    529 busy       sonnet-4.5    0ms     —   130ms  passed to the client',
      '  hh:mm:ss work    200 cut        sonnet-4.5    0ms 410ms    6.2s  1.2k   640   88%  upstream close…',
      '  hh:mm:ss —       503 refused    sonnet-4.5    0ms     —     2ms     —     —     —  no account',
      '  hh:mm:ss work    200 stream     sonnet-4.5      — 400ms     ~4s   300     —   90%  12 kB',
      '  hh:mm:ss home    waiting        haiku-4.5       —     —     ~0s     —     —     —',
    ]);
  });

  it('leaves columns out as the screen gets narrower', () => {
    expect(show('narrow', 60).slice(2, 5)).toEqual([
      ' ┌hh:mm:ss team-a  429 limited 5h -> work         90ms     —',
      ' └hh:mm:ss work    200 ok         sonnet-4.5      8.1s   640',
      '  hh:mm:ss work    529 busy       sonnet-4.5     130ms     —',
    ]);
    expect(show('narrow', 46)[2]).toBe(' ┌hh:mm:ss team-a  429 limited      90ms     —');
    expect(show('tiny', 30).slice(2, 4)).toEqual([
      ' ┌team-a  429 limited     90ms',
      ' └work    200 ok          8.1s',
    ]);
  });

  it('says what a running request does beside its status, at every width', () => {
    const rows = [
      liveRow(1, { status: 200, firstByteMs: 400 }),
      liveRow(2, { status: 200, firstByteMs: 400, stream: false }),
      liveRow(3),
      liveRow(4, { account: null, heldUntil: later(90_000) }),
      liveRow(5, { status: 200, firstByteMs: 400, unsure: true }),
    ];
    const words = ['200 stream', '200 receive', 'waiting', 'held 1:30', '200 ended?'];
    for (const [kind, width, at] of [
      ['wide', 100, 19],
      ['narrow', 46, 19],
      ['tiny', 30, 10],
    ] as const) {
      expect(show(kind, width, rows).map((line) => line.slice(at, at + 11).trim())).toEqual(words);
    }
  });

  it('keeps every column in its place in a wide list, where an error has no figures', () => {
    const columns = requestColumns('wide', 150, 6, { scrolled: 0, wide: true });
    const rows = [
      doneRow(1, { client: 'laptop', project: 'shop', costUsd: 12.4, costKind: 'list value' }),
      doneRow(2, {
        outcome: 'error',
        status: 529,
        tokens: noTokens,
        error: `x: ${'y'.repeat(99)}`,
        costUsd: null,
      }),
    ];
    const heading = requestHeading(theme, { columns, width: 150 });
    const [first = '', second = ''] = rows.flatMap((row) =>
      requestLines(theme, row, { columns, width: 150, selected: false, now }),
    );
    for (const [name, one, two] of [
      ['client', 'laptop', 'default'],
      ['project', 'shop', '—'],
    ] as const) {
      const at = heading.indexOf(name);
      expect([first.slice(at).startsWith(one), second.slice(at).startsWith(two)]).toEqual([true, true]);
    }
    expect(first).toMatch(/ — {3}12\.40 {2}$| — {3}12\.40 +/);
    expect(heading).toContain('~cost $ ~list $');
  });

  it('says where each attempt went on, and when it began', () => {
    const row = doneRow(1, { attempts: [refused, hung, served], at: later(-9000) });
    const lines = requestLines(theme, row, place('wide', 100));
    const seconds = lines.map((line) =>
      line
        .replace(/\d\d:\d\d:/, '')
        .slice(0, 27)
        .trimEnd(),
    );
    expect(seconds).toEqual([
      ' ┌56 team-a  429 limited 5h',
      ' ├56 spare   — no answer',
      ' └56 work    200 ok',
    ]);
    expect(lines[0]).toContain('-> spare');
    expect(lines[1]).toContain('-> work');
  });

  it('has the same lines in the same order when the answer comes', () => {
    const asked = liveRow(1, { account: 'spare', failures: [refused, hung] });
    const waiting = liveRow(1, { account: 'work', failures: [refused, hung] });
    const ended = doneRow(1, { attempts: [refused, hung, served], at: waiting.request.at });
    const above = (row: RequestRow): string[] => requestLines(theme, row, place('wide', 120)).slice(0, -1);
    expect(above(waiting)).toEqual(above(ended));
    expect(above(waiting)).toHaveLength(2);
    // Until another account is asked, the failed attempt is what its own line tells.
    expect(above(asked)).toHaveLength(1);
    const gaveUp = doneRow(1, {
      account: 'spare',
      attempts: [refused, hung],
      outcome: 'rejected',
      status: 502,
    });
    expect(above(gaveUp)).toHaveLength(1);
    for (const row of [asked, waiting, ended, gaveUp]) {
      expect(requestLines(theme, row, place('narrow', 60))).toHaveLength(blockHeight(row));
    }
  });

  it('marks the selected request by more than a colour, once', () => {
    const row = doneRow(1, { attempts: [refused, served] });
    const [first = '', last = ''] = requestLines(theme, row, { ...place('wide', 100), selected: true });
    expect(first).toMatch(/^ ┌/);
    expect(last).toMatch(/^>└/);
    expect(requestLines(ascii, row, { ...place('wide', 100), selected: true })[1]).toMatch(/^>`/);
  });

  it('gives an error the room of counts that are not known', () => {
    const error = 'invalid_request_error: prompt is too long for it';
    const failed = doneRow(1, { outcome: 'error', status: 400, error, tokens: noTokens });
    expect(show('wide', 100, [failed])[0]).toContain('  invalid request: prompt is too l');
    const known = doneRow(1, { outcome: 'error', status: 400, error });
    expect(show('wide', 100, [known])[0]).toContain('1.2k   640   88%  invalid reques…');
  });

  it.each(hostileText)('lets no %s in a name, a model or an error act on the terminal', (_, text) => {
    const attempt = { account: text, status: 429, verdict: text, window: text, ms: asDuration(9) };
    const rows = [
      doneRow(1, { account: `${text}2`, model: text, outcome: 'error', error: text, attempts: [attempt] }),
      doneRow(2, { model: null, path: text, outcome: 'error', error: text, tokens: noTokens }),
      liveRow(3, { account: `${text}2`, model: text, failures: [attempt] }),
    ];
    for (const [kind, width] of [
      ['tiny', 30],
      ['narrow', 60],
      ['wide', 100],
      ['wide', 200],
    ] as const) {
      for (const line of rows.flatMap((row) => requestLines(theme, row, place(kind, width)))) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('keeps its columns whatever the names are made of', () => {
    const odd = doneRow(1, { account: '日本語のアカウント', model: 'é'.repeat(40), attempts: [] });
    const plain = requestLines(theme, doneRow(1), place('wide', 100))[0] ?? '';
    const [line = ''] = requestLines(theme, odd, place('wide', 100));
    expect(displayWidth(line)).toBe(displayWidth(plain));
    expect(line.slice(-55)).toBe(plain.slice(-55));
  });
});
