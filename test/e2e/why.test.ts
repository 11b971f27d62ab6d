import { expect, it } from 'vitest';
import { keys } from '../kit/pty.ts';
import { shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const hour = 3_600_000;

type Row = {
  account: string;
  decision: {
    affinity: string;
    considered: { account: string; verdict: string }[];
    rewriteTokens: number | null;
    rewriteCostUsd: number | null;
  };
};

it('why a request went where it did: exact in JSON, by the clock on the wall on the screen', async () => {
  const upstream = await world.provider({
    // Spent by one answer.
    first: { kind: 'unified', quota: { '7d': 10 }, lengthMs: { '7d': 3 * hour } },
    second: unlimited,
  });
  await world.add('first', upstream, '--priority', '10');
  await world.add('second', upstream, '--priority', '10');
  // Half an hour off, so that no zone of the machine is right by chance.
  const zone = 'Asia/Kolkata';
  const pty = world.open(['--port', '0'], { columns: 110, rows: 30, env: { TZ: zone } });
  const [status] = await until(
    () => world.json<{ url: string | null }>(['status']),
    ([seen]) => (seen?.url ?? null) !== null,
  );
  const client = sdkFor(status?.url ?? '');
  const turn = () => client.messages.create(ask('a question '.repeat(2000), 'one'));
  for (let n = 0; n < 3; n += 1) await turn();

  const rows = await until(
    () => world.json<Row>(['history']),
    (found) => found.length >= 3,
  );
  expect(rows.map(({ account, decision }) => [account, decision.affinity])).toEqual([
    ['first', 'new'],
    ['second', 'moved'],
    ['second', 'warm'],
  ]);
  const { considered, rewriteTokens, rewriteCostUsd } = rows[2]!.decision;
  const verdicts = Object.fromEntries(considered.map(({ account, verdict }) => [account, verdict]));
  const [, reset = ''] = /^limited until (\S+Z) by 7d \(header, (?:just now|\d+ s ago)\)$/.exec(
    verdicts['first'] ?? '',
  )!;
  const { resetsAt } = upstream.truth()['first']!.windows.find(({ id }) => id === '7d')!;
  expect(Date.parse(reset)).toBe(Math.ceil(resetsAt / 1000) * 1000);
  expect(verdicts['second']).toMatch(
    /^chosen: warm conversation stays: moving would write ~5,\d00 tokens again$/,
  );
  expect(rewriteTokens).toBeGreaterThan(5000);
  expect(rewriteCostUsd).toBeCloseTo((rewriteTokens! * 0.125) / 1e6, 9);
  expect(rows[1]!.decision.considered.find(({ account }) => account === 'second')?.verdict).toMatch(
    /^chosen\b.*; the conversation moves: ~5,\d00 tokens are written again$/,
  );

  await pty.waitFor((lines) => lines.filter((line) => / 200 ok /.test(line)).length >= 3);
  pty.send('2');
  pty.send(keys.enter);
  const wall = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  const minute = new Date(Math.ceil(Date.parse(reset) / 60_000) * 60_000);
  const lines = await pty.waitFor(shows(/^ second +chosen: warm conversation stays: moving would write ~5,/));
  const limited = lines.find((line) => line.startsWith(' first'));
  expect(limited?.trimEnd()).toMatch(
    new RegExp(`^ first +limited until ${wall.format(minute)} by 7d \\(header, (?:just now|\\d+ s ago)\\)$`),
  );
  pty.send('q');
  await pty.waitFor(shows('2 Requests'));
});
