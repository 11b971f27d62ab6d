import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClaudeCodeStore } from '../../source/credentials/claude-code-store.ts';
import { openLoginStore } from '../../source/credentials/open-login-store.ts';
import { Tokens } from '../../source/credentials/tokens.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { inRun } from '../kit/long-run.ts';
import { heldOf, hour, loginOf, loginPlace, loginRecord } from './login-place.ts';

type Refresher = { ask(line: string): Promise<string>; stop(): void };

const start = (file: string, args: readonly string[]): Refresher => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: ((line: string) => void)[] = [];
  if (child.stdout === null) throw new Error('no output');
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  return {
    ask: (line) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin?.write(`${line}\n`);
      }),
    stop: () => void child.kill('SIGKILL'),
  };
};

const linkTo = (folder: string) => ({
  ...loginRecord('work', 'memory'),
  login: {
    termsAcceptedAt: asEpoch(1),
    linkedTo: folder,
    accountUuid: null,
    organization: null,
    plan: null,
  },
});

test('a login lies with the Claude Code that it is linked to, every other one in a store of ours', async () => {
  const place = await loginPlace();
  const folder = mkdtempSync(join(tmpdir(), 'ccr-linked-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = loginRecord('work');
  const grant = await place.signIn(own, 5000);
  expect(heldOf(await openLoginStore(own, place).read())).toMatchObject(grant);
  const linked = openLoginStore(linkTo(folder), place);
  expect(await linked.read()).toBeNull();
  const theirs = place.oauth.issue('theirs');
  writeFileSync(join(folder, '.credentials.json'), JSON.stringify({ claudeAiOauth: theirs }));
  expect(heldOf(await linked.read())).toMatchObject(theirs);
});

/** A linked login with its door, and what Claude Code does in its folder. */
const linkedPlace = async (lookMs: number) => {
  const place = await loginPlace();
  const folder = mkdtempSync(join(tmpdir(), 'ccr-linked-'));
  const told: (string | undefined)[] = [];
  const tokens = new Tokens({
    ...place,
    openStore: () => createClaudeCodeStore({ folder, clock: place.clock, lookMs }),
    oauth: () => ({ tokenUrl: place.oauth.tokenUrl, clientId: 'client', refreshLeadMs: 600_000 }),
    onChange: (_, { token }) => void told.push(token?.reveal()),
    onNews: () => undefined,
  });
  onTestFinished(async () => {
    await tokens.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const record = linkTo(folder);
  return {
    ...place,
    tokens,
    told,
    start: () => tokens.setAccounts([record]),
    tokenOf: async () => (await tokens.tokenOf(record.id)).token?.reveal(),
    replace: async (refused: string) =>
      (await tokens.replace(record.id, new Secret(refused))).token?.reveal(),
    signIn: (name: string) => {
      const grant = place.oauth.issue(name);
      const claudeAiOauth = { ...grant, expiresAt: place.clock.now() + hour };
      writeFileSync(join(folder, '.credentials.json'), JSON.stringify({ claudeAiOauth }));
      return grant;
    },
  };
};

test('what Claude Code writes is taken over when it writes it: renewed, or signed in to anew', async () => {
  const { oauth, start, tokenOf, signIn, told } = await linkedPlace(20);
  const first = signIn('first');
  start();
  expect(await tokenOf()).toBe(first.accessToken);
  const second = signIn('second');
  await vi.waitFor(() => expect(told.at(-1)).toBe(second.accessToken), 10_000);
  expect(await tokenOf()).toBe(second.accessToken);
  expect(oauth.calls).toEqual([]);
});

test('a token that is refused just after Claude Code has renewed it is replaced without a call', async () => {
  const { oauth, start, tokenOf, signIn, replace } = await linkedPlace(3_600_000);
  const first = signIn('first');
  start();
  expect(await tokenOf()).toBe(first.accessToken);
  const second = signIn('second');
  expect(await replace(first.accessToken)).toBe(second.accessToken);
  expect(oauth.calls).toEqual([]);
});

test(
  'two of our processes and a Claude Code refresh one login: one call each time, and no token is ever used twice',
  async () => {
    const { oauth } = await loginPlace();
    const root = mkdtempSync(join(tmpdir(), 'ccr-race-'));
    const folder = join(root, '.claude');
    const file = join(folder, '.credentials.json');
    mkdirSync(folder);
    const grant = oauth.issue('work');
    writeFileSync(
      file,
      JSON.stringify({
        mcpOAuth: { theirs: 1 },
        claudeAiOauth: { ...grant, expiresAt: 1, subscriptionType: 'max' },
      }),
    );
    const common = [folder, oauth.tokenUrl, '1', '8'];
    const refreshers = [
      start('./linked-refresher.ts', [...common, join(root, 'one')]),
      start('./linked-refresher.ts', [...common, join(root, 'two')]),
      start('../kit/fake-claude-code.ts', common),
    ];
    onTestFinished(() => {
      for (const refresher of refreshers) refresher.stop();
      rmSync(root, { recursive: true, force: true });
    });
    const rounds = inRun(10, 200);
    for (let round = 1; round <= rounds; round += 1) {
      const answers = await Promise.all(refreshers.map((refresher) => refresher.ask(`${round}`)));
      expect(answers[0]).toMatch(new RegExp(`^${round} sk-ant-oat01-work-${round + 1}-`));
      expect(new Set(answers).size).toBe(1);
      expect([oauth.calls.length, oauth.reuses]).toEqual([round, 0]);
      const now = JSON.parse(readFileSync(file, 'utf8')) as { claudeAiOauth: object };
      expect(now).toMatchObject({ mcpOAuth: { theirs: 1 }, claudeAiOauth: { subscriptionType: 'max' } });
      // Ended again for the next round.
      writeFileSync(file, JSON.stringify({ ...now, claudeAiOauth: { ...now.claudeAiOauth, expiresAt: 1 } }));
    }
    expect(loginOf(grant, null).refreshToken?.reveal()).toBe(oauth.calls[0]?.token);
  },
  inRun(30_000, 120_000),
);
