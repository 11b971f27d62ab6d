import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keys, type Pty } from '../kit/pty.ts';
import { startSignInMock, type SignInMock } from '../kit/sign-in-mock.ts';
import { instanceOf, shows } from './at-screen.ts';
import { answer, expectAsBefore, expectKeys, leaveToShell, openShell, program, shellAsks } from './shell.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();

// Nothing that a login is asked for besides leaves this machine.
const nowhere = 'http://127.0.0.1:9/';

const writeConfig = (config: object): void =>
  writeFileSync(join(world.home, 'config.json'), JSON.stringify({ usagePollMs: 0, ...config }), {
    mode: 0o600,
  });

const settingsOf = (mock: SignInMock): object => {
  const urls = Object.entries(mock.settings()).map(([key, value]) => [key.replace('oauth.', ''), value]);
  return { ...(Object.fromEntries(urls) as object), usageUrl: nowhere };
};

/** The login `home`, whose tokens are lost, or those of a Claude Code. */
const withLostLogin = async (linkedTo: string | null): Promise<void> => {
  const at = '2026-01-31T12:00:00.000Z';
  const login = { termsAcceptedAt: at, linkedTo, accountUuid: null, organization: null, plan: null };
  const place = { baseUrl: 'http://127.0.0.1:9', priority: 100, weight: 1, paused: false };
  const home = { id: 'id-home', name: 'home', kind: 'login', ...place, store: 'vault', createdAt: at, login };
  writeConfig({ oauth: settingsOf(await startSignInMock()), accounts: [home] });
};

/** A provider at which one signs in, and the login `home` of it; `work` beside it serves everybody. */
const withLogin = async (): Promise<SignInMock> => {
  const mock = await startSignInMock();
  writeConfig({ oauth: settingsOf(mock) });
  await world.add('work', await world.provider({ work: unlimited }));
  const options = ['--no-browser', '--accept-terms', '--base-url', mock.url];
  const login = world.start(['account', 'login', 'home', ...options]);
  login.closeInput();
  const address = await login.waitForLine(/^http:.*localhost/, { from: 'stderr' });
  await fetch(mock.signIn(address));
  expect((await login.exit).code).toBe(0);
  return mock;
};

/** The screen in a shell, with `home` selected. */
const openOnHome = async (args: string): Promise<Pty> => {
  const pty = await openShell(world);
  pty.send(`${program} ${args}\r`);
  await pty.waitFor((lines) => shows(/^ ?>.* home /)(lines) && shows('quit')(lines));
  return pty;
};

/** Presses R, and waits until the normal screen shows that from then on; resolves with all that came. */
const leaveFor = async (pty: Pty, text: string): Promise<string> => {
  const from = pty.raw().length;
  const since = (): string => pty.raw().subarray(from).toString();
  pty.send('R');
  await pty.waitFor(() => !pty.screen.alternate() && since().includes(text));
  return since();
};

/** Leaves the screen for a sign-in; the addresses that it shows. */
const leaveToSignIn = async (pty: Pty): Promise<{ callback: string; paste: string }> => {
  const [callback = '', paste = ''] = (await leaveFor(pty, 'code (not shown):')).match(/http:\S+/g) ?? [];
  return { callback, paste };
};

const isBack =
  (pty: Pty, text: string | RegExp) =>
  (lines: string[]): boolean =>
    pty.screen.alternate() && shows(text)(lines) && shows('quit')(lines);

/** Whether the sign-in still listens: it may end a moment after the program that it was started by. */
const listens = (listener: string): Promise<boolean> =>
  fetch(listener).then(
    () => true,
    () => false,
  );

/** How the standard streams of a process are open, where the system tells that. */
const openModes = (pid: number): string[] =>
  process.platform === 'linux'
    ? [0, 1, 2].map(
        (stream) => /flags:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/${stream}`, 'utf8'))?.[1] ?? '',
      )
    : [];

describe('R on a login', () => {
  it('leaves the screen for the sign-in and comes back to what happened meanwhile', async () => {
    const mock = await withLogin();
    const pty = await openOnHome('--port 0');
    const { url, pid } = await instanceOf(world);
    const before = openModes(pid);
    const { paste } = await leaveToSignIn(pty);
    for (const text of ['one', 'two', 'three']) await sdkFor(url).messages.create(ask(text));
    const drawn = pty.raw().length;
    pty.send(`\u001B[200~${mock.codeFrom(paste)}\u001B[201~\r`);
    await pty.waitFor(
      (lines) =>
        isBack(pty, 'home: signed in again')(lines) &&
        lines.filter((line) => line.includes('200 ok')).length === 3,
    );
    expect(pty.raw().subarray(drawn).toString()).not.toMatch(/code-[0-9a-f]{8}/);
    expect(mock.exchanges).toHaveLength(2);
    expect(openModes(pid)).toEqual(before);
    await expectKeys(pty);
    await leaveToShell(pty);
    await answer(pty, 'echo "left $?"', /left 0/);
    await expectAsBefore(pty);
    expect(pty.screen.text()).toContain('signed in to home again');
  });

  it('on an attached screen: neither ctrl+z nor ctrl+c means more than the sign-in', async () => {
    const mock = await withLogin();
    await world.serve();
    const pty = await openOnHome('attach');
    mock.account = { uuid: 'account-2', email_address: 'other@example.com' };
    for (const [typed, words] of [
      [keys.ctrlC, 'home: the sign-in was given up'],
      [`${keys.ctrlZ}yes\r`, 'home: signed in again'],
    ] as const) {
      const { paste } = await leaveToSignIn(pty);
      const from = pty.raw().length;
      pty.send(`${mock.codeFrom(paste)}\r`);
      await pty.waitFor(() => pty.raw().subarray(from).includes('Put it in its place?'));
      pty.send(typed);
      await pty.waitFor(isBack(pty, words));
    }
    expect(mock.exchanges).toHaveLength(3);
    await leaveToSignIn(pty);
    pty.send(keys.ctrlC);
    await pty.waitFor(isBack(pty, 'home: the sign-in was given up'));
    await leaveToShell(pty);
    await answer(pty, 'echo "left $?"', /left 0/);
    await expectAsBefore(pty);
  });

  it('keeps the words of a failure until Enter: a linked login is signed in with Claude Code', async () => {
    await withLostLogin('/home/ann/.claude');
    const pty = await openOnHome('--port 0');
    const words = await leaveFor(pty, 'Press Enter to go back');
    expect(words).toMatch(/that of the Claude Code in \/home\/ann\/\.claude; sign in there/);
    pty.send('x\r');
    await pty.waitFor(isBack(pty, 'home: nobody has signed in'));
    await leaveFor(pty, 'Press Enter to go back');
    pty.send('\u0004');
    await pty.waitFor(isBack(pty, 'home: nobody has signed in'));
    await leaveToShell(pty);
    await expectAsBefore(pty);
  });

  it('ends with the program: SIGTERM ends the sign-in, too, and the terminal is as it was', async () => {
    await withLostLogin(null);
    const pty = await openOnHome('--port 0');
    const { pid } = await instanceOf(world);
    const { callback } = await leaveToSignIn(pty);
    const listener = new URL(callback).searchParams.get('redirect_uri') ?? '';
    process.kill(pid, 'SIGTERM');
    await shellAsks(pty);
    await answer(pty, 'echo "left $?"', /left 143/);
    await expectAsBefore(pty);
    await expect.poll(() => listens(listener)).toBe(false);
  });

  it('ends with the terminal: a window that is closed leaves neither program behind', async () => {
    await withLostLogin(null);
    const pty = await openOnHome('--port 0');
    const { callback } = await leaveToSignIn(pty);
    pty.hangUp();
    await until(
      () => world.run(['status']),
      ({ code }) => code === 4,
    );
    const listener = new URL(callback).searchParams.get('redirect_uri') ?? '';
    await expect.poll(() => listens(listener)).toBe(false);
  });
});
