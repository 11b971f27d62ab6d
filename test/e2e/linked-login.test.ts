import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { startOauthMock } from '../kit/oauth-mock.ts';

const home = useCommandHome();

/** A provider that says which token it was shown. */
const startProvider = async (): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ shown: request.headers.authorization }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const shownBy = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'user-agent': 'claude-cli/2.1.330 (external, cli)', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4-6', max_tokens: 1, messages: [] }),
  });
  const { shown = `status ${answer.status}` } = (await answer.json()) as { shown?: string };
  return shown.replace('Bearer ', '');
};

type Credentials = { mcpOAuth: object; claudeAiOauth: { accessToken: string; refreshToken: string } };

it('a linked login serves: with the token that is there, renewed under both locks, and never past a lock that is held', async () => {
  const oauth = await startOauthMock();
  onTestFinished(() => oauth.close());
  const provider = await startProvider();
  const folder = join(home.path, '.claude');
  const file = join(folder, '.credentials.json');
  const locks = [join(folder, '.oauth_refresh.lock'), `${folder}.lock`];
  const put = (grant: object, leftMs: number): void => {
    const claudeAiOauth = { ...grant, expiresAt: Date.now() + leftMs, subscriptionType: 'max' };
    writeFileSync(file, JSON.stringify({ mcpOAuth: { theirs: 1 }, claudeAiOauth }), { mode: 0o600 });
  };
  mkdirSync(folder, { mode: 0o700 });
  const grant = oauth.issue('work');
  put(grant, 3_600_000);
  // What else a login may ask for is at a port where nobody answers.
  const nowhere = 'http://127.0.0.1:9/';
  const urls = { tokenUrl: oauth.tokenUrl, usageUrl: nowhere, profileUrl: nowhere };
  home.write('config.json', JSON.stringify({ usagePollMs: 0, oauth: urls }));
  await home.run(['import', 'claude-code', '--accept-terms', '--base-url', provider]);

  // Close to its end, and Claude Code is just refreshing it: what is valid serves, and nobody is asked.
  put(grant, 60_000);
  for (const lock of locks) mkdirSync(lock);
  const { url, program } = await home.serve();
  expect(await shownBy(url)).toBe(grant.accessToken);
  expect([oauth.calls.length, ...locks.map((lock) => existsSync(lock))]).toEqual([0, true, true]);

  for (const lock of locks) rmdirSync(lock);
  const read = (): Credentials => JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  const changed = () => expect(read().claudeAiOauth.refreshToken).not.toBe(grant.refreshToken);
  await vi.waitFor(changed, { timeout: 15_000, interval: 50 });
  const now = read();
  expect(now).toMatchObject({ mcpOAuth: { theirs: 1 }, claudeAiOauth: { subscriptionType: 'max' } });
  expect(oauth.isLive(now.claudeAiOauth.refreshToken)).toBe(true);
  const renewed = async () => expect(await shownBy(url)).toBe(now.claudeAiOauth.accessToken);
  await vi.waitFor(renewed, { timeout: 15_000, interval: 50 });
  expect([oauth.calls.length, oauth.reuses, ...locks.map((lock) => existsSync(lock))]).toEqual([
    1,
    0,
    false,
    false,
  ]);
  program.signal('SIGTERM');
  await program.exit;
  const ours = ['config.json', 'audit.log'].map((name) => home.read(name)).join();
  for (const token of [grant.accessToken, grant.refreshToken, now.claudeAiOauth.refreshToken]) {
    expect(ours).not.toContain(token);
  }
});
