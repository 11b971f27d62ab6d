import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createOwnLoginStore } from '../../source/credentials/own-login-store.ts';
import { Tokens } from '../../source/credentials/tokens.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { killAtStep } from '../e2e/kill-at-step.ts';
import { inRun } from '../kit/long-run.ts';
import { heldOf, hour, loginPlace, loginRecord, type LoginPlace } from './login-place.ts';

const record = loginRecord('work');
const file = fileURLToPath(new URL('./own-refresher.ts', import.meta.url));

/** Another process of ours in the same home. */
const startRefresher = ({ paths, oauth }: LoginPlace, ...flags: string[]) => {
  const args = [...flags, file, paths.home, oauth.tokenUrl, JSON.stringify(record)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  if (child.stdout === null) throw new Error('no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    waiting.shift()?.(line);
  });
  child.stdin?.on('error', () => undefined);
  return {
    child,
    lines,
    exit: once(child, 'exit'),
    ask: (line: string) =>
      new Promise<string>((resolve) => {
        waiting.push(resolve);
        child.stdin?.write(`${line}\n`);
      }),
  };
};

/** What the next start finds: a token, or why there is none. */
const startAgain = async (place: LoginPlace): Promise<string> => {
  const { paths, oauth, keeper } = place;
  const tokens = new Tokens({
    ...place,
    clock: systemClock,
    // Whoever held the lock is dead for certain: no need to wait as long as a user would have to.
    openStore: (account) => createOwnLoginStore({ record: account, keeper, paths, staleMs: 2000 }),
    oauth: () => ({ tokenUrl: oauth.tokenUrl, clientId: 'ours', refreshLeadMs: 600_000 }),
    onChange: () => undefined,
    onNews: () => undefined,
    patienceMs: 30_000,
  });
  tokens.setAccounts([record]);
  const { token, problem } = await tokens.tokenOf(record.id);
  await tokens.close(5000);
  return token?.reveal() ?? `${problem?.state}: ${problem?.reason}`;
};

/** A home with a login whose token has ended in all our clocks. */
const ended = async (): Promise<LoginPlace> => {
  const place = await loginPlace();
  await place.signIn(record, -hour * 24 * 365);
  return place;
};

const isToken = (text: string): boolean => text.startsWith('sk-ant-oat01-');

const batched = (size: number, count: number): number[][] =>
  Array.from({ length: count / size }, (_, batch) =>
    Array.from({ length: size }, (_, n) => batch * size + n + 1),
  );

/** A refresh that dies at the n-th step that changes something on disk, and what the next start makes of it. */
const killedAt = async (step: number) => {
  const place = await ended();
  const refresher = startRefresher(place, killAtStep(step));
  await Promise.race([refresher.ask('now'), refresher.exit]);
  refresher.child.kill('SIGKILL');
  await refresher.exit;
  const stored = heldOf(await place.storeOf(record).read());
  const isStored = place.oauth.isLive(stored?.refreshToken ?? '');
  const calls = place.oauth.calls.length;
  const found = await startAgain(place);
  // An entry that turned out to be over goes while its account serves already.
  const entries = () => readdirSync(place.paths.journal).filter((name) => name.endsWith('.json'));
  const journal = await vi.waitUntil(() => entries().length === 0, 15_000).then(entries, entries);
  return { step, isStored, calls, found, journal };
};

describe('SIGKILL', () => {
  // In batches: thirty programs at once would be a test of something else.
  const batches = inRun([[2, 9, 16]], batched(5, 30));

  test(
    'at any step of a refresh: the account works after the next start, or says what was cut off; a stored login is never lost',
    async () => {
      const ends: Awaited<ReturnType<typeof killedAt>>[] = [];
      for (const steps of batches) ends.push(...(await Promise.all(steps.map(killedAt))));
      for (const { step, isStored, found, journal } of ends) {
        // Whatever was in the store is still good: then it works, without a person.
        expect([step, isToken(found)]).toEqual([step, isStored]);
        expect(found).toMatch(
          isStored ? /^sk-ant-/ : /an earlier refresh was cut off before its answer was stored/,
        );
        expect(journal).toEqual([]);
      }
      // The steps reach from before the first call to after the last one.
      expect(ends.some(({ calls }) => calls === 0)).toBe(true);
      expect(ends.some(({ calls, isStored }) => calls === 1 && isStored)).toBe(true);
    },
    inRun(60_000, 240_000),
  );

  test('before the provider has carried it out costs nothing; after that, but before its answer, it is explained', async () => {
    const killedWhile = async (hang: 'before' | 'after'): Promise<string> => {
      const place = await ended();
      place.oauth.fail({ hang });
      const refresher = startRefresher(place);
      void refresher.ask('now');
      await place.oauth.called(1);
      expect(place.journal.pending(record.id)).toMatch(/^[0-9a-f]{64}$/);
      refresher.child.kill('SIGKILL');
      await refresher.exit;
      return startAgain(place);
    };
    const [before, after] = await Promise.all([killedWhile('before'), killedWhile('after')]);
    expect(before).toMatch(/^sk-ant-oat01-/);
    expect(after).toMatch(/^needs-login: .*was cut off.*ccr-tui account login work/);
  }, 60_000);

  test('after a token was handed out never loses the login', async () => {
    const place = await ended();
    const refresher = startRefresher(place);
    const given = await refresher.ask('now');
    refresher.child.kill('SIGKILL');
    await refresher.exit;
    expect(await startAgain(place)).toBe(given);
    expect(place.oauth.reuses).toBe(0);
  });
});

test(
  'two processes of ours with one login: each renewal is one call, and no token is ever used twice',
  async () => {
    const place = await ended();
    const refreshers = [startRefresher(place), startRefresher(place)];
    const rounds = inRun(5, 200);
    for (let round = 1; round <= rounds; round += 1) {
      const [one, other] = await Promise.all(refreshers.map(({ ask }) => ask(round === 1 ? 'now' : 'renew')));
      expect([isToken(one ?? ''), isToken(other ?? ''), place.oauth.reuses]).toEqual([true, true, 0]);
    }
    expect(place.oauth.isLive(heldOf(await place.storeOf(record).read())?.refreshToken ?? '')).toBe(true);
    expect(place.oauth.calls.length).toBeGreaterThanOrEqual(rounds);
  },
  inRun(60_000, 240_000),
);
