import { spawn, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';

export type KeychainCall =
  | ({ service: string; account: string } & (
      | { call: 'get' }
      | { call: 'set'; password: string }
      | { call: 'delete' }
    ))
  /** The names of the service's entries. What they hold does not leave the keychain's process. */
  | { service: string; call: 'list' };

export type KeychainRequest = KeychainCall & { id: number };

/** What was read (null: nothing there), whether something was deleted, or names. */
export type KeychainValue = string | boolean | null | string[];

export type KeychainAnswer =
  | { id: number; ok: true; value: KeychainValue }
  | { id: number; ok: false; loaded: boolean; message: string };

export type KeychainCalls = (call: KeychainCall) => Promise<KeychainValue>;

export type KeychainCallsOptions = {
  /** How long one call may take when no person is there to answer a dialog. */
  timeoutMs?: number;
  /** Somebody is there who can answer a dialog: how long that may take in all, and where to say that it is waited for. */
  person?: { waitMs: number; onWaiting(): void };
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
const meanings: readonly { texts: RegExp; what: string }[] = [
  { texts: /locked|unlock|dismissed|interaction is not allowed/i, what: 'the keychain is locked' },
  {
    texts: /denied|not authorized|not permitted|cancel|passphrase you entered is not correct/i,
    what: 'the keychain denies access',
  },
  {
    texts: /no space|disk full|quota|not enough (?:storage|space|memory)|too (?:large|long)/i,
    what: 'the keychain is full',
  },
];

const failure = ({ loaded, message }: { loaded: boolean; message: string }): CcrError => {
  if (!loaded) return keychainUnavailable('this system has no keychain that can be used');
  const meaning = meanings.find(({ texts }) => texts.test(message));
  if (meaning !== undefined) return keychainUnavailable(meaning.what);
  return keychainUnavailable(`the keychain does not work (${sanitize(message, 120)})`);
};

const ourProgram = (): string =>
  fileURLToPath(new URL(`./keychain-process${extname(import.meta.url)}`, import.meta.url));

const isAnswer = (message: unknown, id: number): message is KeychainAnswer =>
  typeof message === 'object' && message !== null && 'id' in message && message.id === id && 'ok' in message;

type Patience = Pick<KeychainCallsOptions, 'person'> & { timeoutMs: number };

/** Runs `give` when the time is over: a person is told of it once, and then has more. Returns what ends that. */
const startPatience = ({ timeoutMs, person }: Patience, give: () => void): (() => void) => {
  let timer = setTimeout(() => {
    if (person === undefined) return give();
    person.onWaiting();
    timer = setTimeout(give, person.waitMs - timeoutMs);
  }, timeoutMs);
  return () => clearTimeout(timer);
};

/** One answer of the process, or the reason why there will be none; never waits longer than it has patience. */
const ask = async (
  child: ChildProcess,
  request: KeychainRequest,
  patience: Patience,
): Promise<KeychainAnswer | 'silent' | 'gone'> =>
  new Promise((resolve) => {
    const end = (result: KeychainAnswer | 'silent' | 'gone'): void => {
      endPatience();
      child.off('message', onMessage).off('exit', onGone).off('error', onGone);
      child.channel?.unref();
      resolve(result);
    };
    const onMessage = (message: unknown): void => {
      if (isAnswer(message, request.id)) end(message);
    };
    const onGone = (): void => end('gone');
    const endPatience = startPatience(patience, () => end('silent'));
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
  const { timeoutMs = 3000, person, pauseMs = 5000, idleMs = 1000, env = process.env } = options;
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
      keychainUnavailable(`the keychain did not answer within ${(person?.waitMs ?? timeoutMs) / 1000} s`);
    if (performance.now() < silentUntil) throw silent();
    clearTimeout(idle);
    if (child === null || child.exitCode !== null || child.signalCode !== null || !child.connected)
      child = start();
    lastId += 1;
    const answer = await ask(child, { ...call, id: lastId }, { timeoutMs, ...(person && { person }) });
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
