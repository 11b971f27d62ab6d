import { realpathSync, statSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readMembers, setMember } from '../config/json-edit.ts';
import type { Clock } from '../shared/clock.ts';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { claudeCodeFile, credentialsFile } from './claude-code-file.ts';
import { claudeCodeKeychain, keychainItem } from './claude-code-keychain.ts';
import { claudeCodeManners, withFolderLocks, type LockManners } from './folder-lock.ts';
import type { LoginStore } from './login-store.ts';
import { parseLogin, type Login } from './login.ts';
import type { RawDocument } from './raw-document.ts';

const root = 'claudeAiOauth';
const tokenKeys = ['accessToken', 'refreshToken', 'expiresAt', 'scopes'];

const usualFolder = (): string => join(homedir(), '.claude');

/** Where Claude Code keeps its login, as it decides it itself. */
export const claudeCodeFolder = (env: Environment): string =>
  resolve(env['CLAUDE_SECURESTORAGE_CONFIG_DIR'] || env['CLAUDE_CONFIG_DIR'] || usualFolder());

/** The two locks under which Claude Code refreshes, the newer one first. */
const lockPaths = (folder: string): string[] => {
  let real = folder;
  try {
    real = realpathSync(folder);
  } catch {
    // The first lock will say that the folder is not there.
  }
  // The older one lies beside the folder, and nobody says whether beside the link or beside what it leads to.
  return [...new Set([join(folder, '.oauth_refresh.lock'), `${folder}.lock`, `${real}.lock`])];
};

const entryOf = (text: string): unknown => {
  const document: unknown = JSON.parse(text);
  return isRecord(document) ? document[root] : undefined;
};

/** null for none, and for the empty one that Claude Code leaves there when its own refresh has failed. */
const refreshTokenIn = ({ refreshToken }: Readonly<Record<string, unknown>>): string | null =>
  typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : null;

/** The login in the text of a credentials file, of which nothing else is looked at; null when there is none. */
export const loginInCredentials = (text: string): Login | null => {
  const entry = entryOf(text);
  return isRecord(entry) ? parseLogin({ [root]: entry }) : null;
};

/** The plan in the provider's own word, as Claude Code keeps it beside the login; null when it does not say. */
export const planInCredentials = (text: string): string | null => {
  const entry = entryOf(text);
  const plan = isRecord(entry) ? entry['subscriptionType'] : null;
  return typeof plan === 'string' && plan !== '' ? plan : null;
};

/** What to write of a login. What it does not know stays as it is: an empty token never takes the place of a full one. */
const membersOf = ({ accessToken, refreshToken, expiresAt, scopes }: Login): [string, unknown][] => [
  ['accessToken', accessToken.reveal()],
  ...(refreshToken === null ? [] : [['refreshToken', refreshToken.reveal()] as [string, unknown]]),
  ...(expiresAt === null ? [] : [['expiresAt', expiresAt] as [string, unknown]]),
  ...(scopes.length === 0 ? [] : [['scopes', scopes] as [string, unknown]]),
];

/** The text with the login in it, everything else byte for byte as it was. */
const withLogin = (name: string, text: string, login: Login): string => {
  const reading = readMembers(text, root, tokenKeys);
  if (!reading.ok) throw unfit(name, reading.problem);
  const present = new Map(reading.members.map(({ key, value }) => [key, JSON.stringify(value)]));
  return membersOf(login)
    .map(([key, value]) => [key, JSON.stringify(value)] as const)
    .filter(([key, raw]) => present.get(key) !== raw)
    .reduce((done, entry) => setMember(done, root, entry), text);
};

const unfit = (name: string, problem: string): CcrError =>
  new CcrError('store_unavailable', `${name} ${problem}`, { hint: 'sign in with Claude Code again' });

const changedMeanwhile = (name: string): CcrError =>
  new CcrError('login_changed', `Claude Code has signed in anew or out meanwhile (${name})`, {
    hint: 'what it has stored is used',
  });

/** A writer that does not replace its file in one step leaves half a text there for a moment. */
const readTries = 4;
const readAgainMs = 40;
const writeTries = 5;

const readWhole = async (document: RawDocument): Promise<{ text: string; login: Login | null } | null> => {
  for (let left = readTries; ; left -= 1) {
    const text = await document.read();
    if (text === null) return null;
    try {
      return { text, login: loginInCredentials(text) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (left <= 1) throw unfit(document.name, 'is not valid JSON');
    }
    await delay(readAgainMs);
  }
};

/**
 * The keychain item, and the file where there is no item: Claude Code itself goes to the file when the keychain is locked, so
 * a keychain that gives nothing is a reason to fail only where there is no file.
 */
const keychainFirst = (item: RawDocument, file: RawDocument): RawDocument => {
  const pick = async (): Promise<RawDocument> => {
    try {
      if ((await item.read()) !== null) return item;
    } catch (error) {
      if ((await file.read()) === null) throw error;
    }
    return file;
  };
  return {
    name: item.name,
    read: async () => (await pick()).read(),
    replace: async (before, after) => (await pick()).replace(before, after),
  };
};

/** What Claude Code keeps its credentials in: its file, on macOS its keychain item first. */
export const claudeCodeDocument = (
  folder: string,
  platform: NodeJS.Platform = process.platform,
  securityProgram?: string,
): RawDocument => {
  const file = claudeCodeFile(folder);
  if (platform !== 'darwin') return file;
  const item = keychainItem(folder === usualFolder() ? null : folder);
  return keychainFirst(claudeCodeKeychain(item, securityProgram), file);
};

const standardLookMs = 5000;

/** Which file is there, and which state of it; empty for none, and where nobody may look. */
const stampOf = (stat: Stats | undefined): string =>
  stat === undefined ? '' : [stat.ino, stat.mtimeMs, stat.size].join();

const lookNow = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    // Whoever reads it is told why it cannot be.
    return undefined;
  }
};

/**
 * Looks at the file now and then, in the background: notices of the system get lost when a file is replaced. What is there when
 * it begins is not told; whoever wants to miss nothing reads after that.
 */
const watchCredentials = (path: string, lookMs: number, onChange: () => void): (() => void) => {
  let last = stampOf(lookNow(path));
  const look = async (): Promise<void> => {
    const now = stampOf(await stat(path).catch(() => undefined));
    if (now === last) return;
    last = now;
    onChange();
  };
  const timer = setInterval(() => void look(), lookMs);
  timer.unref();
  return () => clearInterval(timer);
};

export type ClaudeCodeStoreOptions = {
  /** The folder of that Claude Code: `~/.claude`, or what its CLAUDE_CONFIG_DIR says. */
  folder: string;
  clock: Pick<Clock, 'now'>;
  document?: RawDocument;
  manners?: LockManners;
  /** How often its file is looked at for changes. */
  lookMs?: number;
};

/**
 * The login in the store of a Claude Code. It stays that program's: read anew each time, refreshed only under its own
 * locks, and written only over the login that was read last (`login_changed` else), with whatever stands around it.
 */
export const createClaudeCodeStore = (options: ClaudeCodeStoreOptions): LoginStore => {
  const { folder, clock, manners = claudeCodeManners, lookMs = standardLookMs } = options;
  const document = options.document ?? claudeCodeDocument(folder);
  /**
   * The refresh token that a new login may take the place of: what was there at the first look under the locks, or at the last
   * one without them; undefined before there was one.
   */
  let basis: string | null | undefined;
  let locked = false;

  const readBack = async (login: Login): Promise<void> => {
    const kept = (await readWhole(document))?.login?.accessToken.reveal();
    if (kept !== login.accessToken.reveal()) throw changedMeanwhile(document.name);
  };

  const write = async (login: Login): Promise<void> => {
    for (let left = writeTries; left > 0; left -= 1) {
      const found = await readWhole(document);
      const entry = found === null ? undefined : entryOf(found.text);
      if (found === null || !isRecord(entry)) throw changedMeanwhile(document.name);
      const present = refreshTokenIn(entry);
      const ours = login.refreshToken?.reveal() ?? null;
      // Emptied ones are there to be filled.
      const mayFollow = basis === undefined || present === null || present === basis || present === ours;
      if (!mayFollow) throw changedMeanwhile(document.name);
      const next = withLogin(document.name, found.text, login);
      if (next === found.text || (await document.replace(found.text, next))) {
        await readBack(login);
        basis = ours ?? present;
        return;
      }
    }
    throw changedMeanwhile(document.name);
  };

  return {
    read: async () => {
      const found = await readWhole(document);
      const entry = found === null ? undefined : entryOf(found.text);
      // Others look, too: what they see while somebody renews the login is no leave to write over it.
      if (!locked || basis === undefined) basis = isRecord(entry) ? refreshTokenIn(entry) : null;
      return found?.login ?? null;
    },
    write,
    exclusively: (work) =>
      withFolderLocks(lockPaths(folder), { manners, clock }, async () => {
        [locked, basis] = [true, undefined];
        try {
          return await work();
        } finally {
          locked = false;
        }
      }),
    watch: (onChange) => watchCredentials(credentialsFile(folder), lookMs, onChange),
  };
};
