import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { signInByBrowser, type SignInRequest } from '../../source/commands/sign-in.ts';
import { loginScopes } from '../../source/credentials/oauth-login.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { useContextHome } from '../kit/command-context.ts';
import { startSignInMock, type SignInMock } from '../kit/sign-in-mock.ts';

const home = useContextHome();

const terminal = () => {
  const modes: boolean[] = [];
  const setRawMode = (on: boolean): number => modes.push(on);
  return { modes, stdin: Object.assign(new PassThrough(), { isTTY: true, setRawMode }) };
};

/** Begins one as a command does, and waits until its addresses are shown. */
const begin = async (
  mock: SignInMock,
  {
    stdin = terminal().stdin,
    env = {},
    ...change
  }: Partial<SignInRequest> & {
    stdin?: PassThrough;
    env?: Record<string, string>;
  } = {},
) => {
  const given = home.context({ env });
  const settings = mock.settings();
  const result = signInByBrowser(
    { ...given.context, stdin: stdin as unknown as NodeJS.ReadStream },
    {
      authorizeUrl: settings['oauth.authorizeUrl'] ?? '',
      tokenUrl: settings['oauth.tokenUrl'] ?? '',
      clientId: 'client-1',
      scopes: loginScopes,
      opensBrowser: false,
      ...change,
    },
  );
  // Refusals are looked at later; none of them is unhandled meanwhile.
  result.catch(() => undefined);
  const urls = (): string[] => given.stderr().match(/http:\S+/g) ?? [];
  while (urls().length < 2) await new Promise(setImmediate);
  const [callbackUrl = '', pasteUrl = ''] = urls();
  const listener = new URL(callbackUrl).searchParams.get('redirect_uri') ?? '';
  return { result, callbackUrl, pasteUrl, listener, stderr: given.stderr };
};

const refusalOf = async (asked: Promise<unknown>): Promise<string> => {
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof CcrError && error.code === 'sign_in_failed') return error.lines.join();
  throw new Error('was not refused');
};

const isOpen = (listener: string): Promise<boolean> =>
  fetch(listener).then(
    () => true,
    () => false,
  );

describe('signing in', () => {
  it('takes the code that the browser brings, and gives listener and terminal back', async () => {
    const mock = await startSignInMock();
    const { stdin, modes } = terminal();
    const { result, callbackUrl, listener } = await begin(mock, { stdin });
    expect(listener).toMatch(/^http:\/\/localhost:\d+\/callback$/);
    const page = await fetch(mock.signIn(callbackUrl));
    expect(page.status).toBe(200);
    expect(await result).toMatchObject({ answer: { way: 'callback' } });
    expect([modes, await isOpen(listener)]).toEqual([[true, false], false]);
  });

  it('takes the code that is pasted, and shows nothing of it', async () => {
    const mock = await startSignInMock();
    const { stdin, modes } = terminal();
    const { result, pasteUrl, listener, stderr } = await begin(mock, { stdin });
    const code = mock.codeFrom(pasteUrl);
    stdin.write(`\u001B[200~${code}\u001B[201~\r`);
    const found = await result;
    expect(found?.answer.way).toBe('paste');
    expect(`${found?.answer.code.reveal()}#${found?.signIn.ways.paste.state}`).toBe(code);
    expect(stderr()).not.toContain('code-');
    expect([modes, await isOpen(listener)]).toEqual([[true, false], false]);
  });

  it('takes the whole address that a browser elsewhere was led to', async () => {
    const mock = await startSignInMock();
    const { stdin } = terminal();
    const { result, callbackUrl } = await begin(mock, { stdin });
    stdin.write(`${mock.signIn(callbackUrl).href}\r`);
    expect(await result).toMatchObject({ answer: { way: 'callback' } });
  });

  it('asks again for what is no code, or the code of another sign-in', async () => {
    const mock = await startSignInMock();
    const { stdin } = terminal();
    const { result, pasteUrl, stderr } = await begin(mock, { stdin });
    for (const [pasted, answer] of [
      ['\r', 'there is no code in it'],
      ['hello\r', 'there is no code in it; paste what the page shows, code#state'],
      ['code-1#guessed\r', 'this code belongs to another sign-in'],
    ] as const) {
      const before = stderr().length;
      stdin.write(pasted);
      while (!stderr().slice(before).includes('code (not shown): ')) await new Promise(setImmediate);
      expect(stderr().slice(before)).toContain(answer);
    }
    stdin.write(`${mock.codeFrom(pasteUrl)}\r`);
    expect(await result).not.toBeNull();
  });

  it('takes one code: the other way is closed by it', async () => {
    const mock = await startSignInMock();
    const { result, callbackUrl, listener } = await begin(mock);
    const target = mock.signIn(callbackUrl);
    const answers = await Promise.allSettled([fetch(target), fetch(target), fetch(target)]);
    const taken = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 200);
    expect(taken).toHaveLength(1);
    expect(await result).not.toBeNull();
    expect(await isOpen(listener)).toBe(false);
  });

  it('ends when the provider refuses it', async () => {
    const mock = await startSignInMock();
    const { result, callbackUrl, listener } = await begin(mock);
    const target = mock.signIn(callbackUrl);
    target.searchParams.delete('code');
    target.searchParams.set('error', 'access_denied\u001B[2J');
    expect((await fetch(target)).status).toBe(200);
    expect(await refusalOf(result)).toBe(
      'the provider refused the sign-in (access_denied\\x1b[2J); nothing was changed; begin again',
    );
    expect(await isOpen(listener)).toBe(false);
  });

  it.each(['\u0003', '\u0004'])('ends with %j at the prompt, as a person who gives up', async (key) => {
    const mock = await startSignInMock();
    const { stdin, modes } = terminal();
    const { result, listener } = await begin(mock, { stdin });
    stdin.write(key);
    expect(await result).toBeNull();
    expect([modes, await isOpen(listener)]).toEqual([[true, false], false]);
  });

  it('ends when it takes too long', async () => {
    const mock = await startSignInMock();
    const { stdin, modes } = terminal();
    const { result, listener } = await begin(mock, { stdin, limitMs: 30 });
    expect(await refusalOf(result)).toMatch(/longer than ten minutes; nothing was changed/);
    expect([modes, await isOpen(listener)]).toEqual([[true, false], false]);
  });
});

describe('signing in without a terminal', () => {
  it('takes a code that is piped', async () => {
    const mock = await startSignInMock();
    const stdin = new PassThrough();
    const { result, pasteUrl } = await begin(mock, { stdin });
    stdin.write(`${mock.codeFrom(pasteUrl)}\n`);
    expect(await result).toMatchObject({ answer: { way: 'paste' } });
  });

  it('goes on waiting for the browser when nothing is piped', async () => {
    const mock = await startSignInMock();
    const stdin = new PassThrough();
    const { result, callbackUrl } = await begin(mock, { stdin });
    stdin.end();
    await fetch(mock.signIn(callbackUrl));
    expect(await result).toMatchObject({ answer: { way: 'callback' } });
  });
});

describe('the browser', () => {
  it('is opened on the page that leads back here, and signs in without anybody at the prompt', async () => {
    const mock = await startSignInMock();
    const opener = join(home.path, 'xdg-open');
    const follow = `#!${process.execPath}\nfetch(process.argv[2]);\n`;
    writeFileSync(opener, follow);
    chmodSync(opener, 0o700);
    const env = { DISPLAY: ':0', PATH: `${home.path}:${process.env['PATH'] ?? ''}` };
    const { result, stderr } = await begin(mock, { env, opensBrowser: true });
    expect(stderr()).toMatch(/^The browser opens the page to sign in\./);
    expect(await result).toMatchObject({ answer: { way: 'callback' } });
  });

  it('is not opened where there is no desktop: the addresses are enough', async () => {
    const mock = await startSignInMock();
    const { stdin } = terminal();
    const { result, stderr } = await begin(mock, { stdin, opensBrowser: true });
    expect(stderr()).toMatch(/^Open this page to sign in/);
    stdin.write('\u0003');
    await result;
  });
});
