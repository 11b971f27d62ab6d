import { spawn, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';

export type KeychainCall = { service: string; account: string } & (
  | { call: 'get' }
  | { call: 'set'; password: string }
  | { call: 'delete' }
);

export type KeychainRequest = KeychainCall & { id: number };

export type KeychainAnswer =
  | { id: number; ok: true; value: string | boolean | null }
  | { id: number; ok: false; loaded: boolean; message: string };

export type KeychainCalls = (call: KeychainCall) => Promise<string | boolean | null>;

export type KeychainCallsOptions = {
  /** How long one call may take when no person is there to answer a dialog. */
  timeoutMs?: number;
  /** How long calls fail at once after one that did not answer. */
  pauseMs?: number;
  /** How long the process waits for a further call. */
  idleMs?: number;
  /** Environment of the process. */
  env?: NodeJS.ProcessEnv;
  /** The program to run. */
  program?: string;
};

const hint =
  'unlock or install a keychain, or keep new secrets in the vault: ccr-tui config set credentialStore vault';

/** `store_unavailable` with the hint that helps. */
export const keychainUnavailable = (what: string): CcrError =>
  new CcrError('store_unavailable', what, { hint });

/** keytar has no error codes; its texts come from libsecret, macOS or Windows and name no secret. */
const failure = ({ loaded, message }: { loaded: boolean; message: string }): CcrError => {
  if (!loaded) return keychainUnavailable('this system has no keychain that can be used');
  if (/locked|unlock|dismissed/i.test(message)) return keychainUnavailable('the keychain is locked');
  return keychainUnavailable(`the keychain does not work (${sanitize(message, 120)})`);
};

const ourProgram = (): string =>
  fileURLToPath(new URL(`./keychain-process${extname(import.meta.url)}`, import.meta.url));

const isAnswer = (message: unknown, id: number): message is KeychainAnswer =>
  typeof message === 'object' && message !== null && 'id' in message && message.id === id && 'ok' in message;

/** One answer of the process, or the reason why there will be none; never waits longer than `timeoutMs`. */
const ask = async (
  child: ChildProcess,
  request: KeychainRequest,
  timeoutMs: number,
): Promise<KeychainAnswer | 'silent' | 'gone'> =>
  new Promise((resolve) => {
    const end = (result: KeychainAnswer | 'silent' | 'gone'): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onGone).off('error', onGone);
      child.channel?.unref();
      resolve(result);
    };
    const onMessage = (message: unknown): void => {
      if (isAnswer(message, request.id)) end(message);
    };
    const onGone = (): void => end('gone');
    const timer = setTimeout(() => end('silent'), timeoutMs);
    child.on('message', onMessage).once('exit', onGone).once('error', onGone);
    child.channel?.ref();
    child.send(request, (error) => {
      if (error !== null) end('gone');
    });
  });

/**
 * Calls of the native keychain, in a process of their own that is started for the first one and ended when idle. One
 * call at a time. A call that does not answer in time costs the process its life, and the calls behind it fail at
 * once for a while (`store_unavailable`), so that a hung keychain is felt once and not by every account in turn.
 */
export const createKeychainCalls = (options: KeychainCallsOptions = {}): KeychainCalls => {
  const { timeoutMs = 3000, pauseMs = 5000, idleMs = 1000, env = process.env } = options;
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let silentUntil = Number.NEGATIVE_INFINITY;
  let lastId = 0;

  const stop = (): void => {
    clearTimeout(idle);
    child?.kill('SIGKILL');
    child = null;
  };

  const start = (): ChildProcess => {
    // stderr is dropped: GLib prints warnings there, over whatever the terminal shows.
    const started = spawn(process.execPath, [options.program ?? ourProgram()], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env,
      windowsHide: true,
    });
    started.unref();
    // Without a listener a failed start would be thrown at the whole process.
    started.on('error', () => {});
    return started;
  };

  const attempt: KeychainCalls = async (call) => {
    const silent = (): CcrError =>
      keychainUnavailable(`the keychain did not answer within ${timeoutMs / 1000} s`);
    if (performance.now() < silentUntil) throw silent();
    clearTimeout(idle);
    if (child === null || child.exitCode !== null || child.signalCode !== null || !child.connected)
      child = start();
    lastId += 1;
    const answer = await ask(child, { ...call, id: lastId }, timeoutMs);
    if (answer === 'silent') silentUntil = performance.now() + pauseMs;
    if (answer === 'silent' || answer === 'gone') {
      stop();
      throw answer === 'silent' ? silent() : keychainUnavailable('the keychain broke off');
    }
    idle = setTimeout(stop, idleMs);
    idle.unref();
    if (!answer.ok) throw failure(answer);
    return answer.value;
  };

  return (call) => {
    const turn = tail.then(() => attempt(call));
    tail = turn.catch(() => {});
    return turn;
  };
};
