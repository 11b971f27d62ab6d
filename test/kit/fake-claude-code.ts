import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

// A program that refreshes the login in a folder as Claude Code does, with a lock protocol written anew from what is
// published of it: two folders, made in this order, stale after 60 s by their times. It shares no line with what is tested.
// Arguments: FOLDER TOKEN_URL LEAST_WAIT MOST_WAIT. For each line on stdin it makes sure of a valid token, and prints it.

const [folder = '', tokenUrl = '', least = '', most = ''] = process.argv.slice(2);
const file = `${folder}/.credentials.json`;
const locks = [`${folder}/.oauth_refresh.lock`, `${folder}.lock`];

type Oauth = { accessToken: string; refreshToken: string; expiresAt: number };
type Credentials = { claudeAiOauth: Oauth };

const read = async (): Promise<Credentials> => {
  for (;;) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
    } catch {
      await delay(2);
    }
  }
};

const takeOne = (path: string): boolean => {
  for (const isLast of [false, true]) {
    try {
      mkdirSync(path);
      return true;
    } catch {
      if (isLast) return false;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined && stat.mtimeMs > Date.now() - 60_000) return false;
      if (stat !== undefined) rmdirSync(path);
    }
  }
  return false;
};

const give = (paths: readonly string[]): void => {
  for (const path of paths) rmdirSync(path);
};

const take = async (): Promise<void> => {
  for (;;) {
    const taken: string[] = [];
    for (const path of locks) if (taken.length === locks.indexOf(path) && takeOne(path)) taken.push(path);
    if (taken.length === locks.length) return;
    give(taken);
    await delay(Number(least) + Math.random() * (Number(most) - Number(least)));
  }
};

const refresh = async (): Promise<string> => {
  await take();
  try {
    const credentials = await read();
    const { claudeAiOauth: oauth } = credentials;
    // Somebody was quicker.
    if (oauth.expiresAt > Date.now()) return oauth.accessToken;
    const body = { grant_type: 'refresh_token', refresh_token: oauth.refreshToken, client_id: 'fake' };
    const answer = await fetch(tokenUrl, { method: 'POST', body: JSON.stringify(body) });
    const granted = (await answer.json()) as Record<string, unknown>;
    const isGranted = answer.status === 200;
    const next = {
      ...oauth,
      accessToken: isGranted ? String(granted['access_token']) : '',
      refreshToken: isGranted ? String(granted['refresh_token']) : '',
      expiresAt: isGranted ? Date.now() + Number(granted['expires_in']) * 1000 : 0,
    };
    // In place, as many programs write: whoever reads meanwhile finds half of it.
    writeFileSync(file, JSON.stringify({ ...credentials, claudeAiOauth: next }, null, 2));
    return next.accessToken;
  } finally {
    give(locks);
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { claudeAiOauth: oauth } = await read();
  const token = oauth.expiresAt > Date.now() ? oauth.accessToken : await refresh();
  process.stdout.write(`${line} ${token}\n`);
}
