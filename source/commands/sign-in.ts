import { openLoginCallback } from '../credentials/login-callback.ts';
import {
  beginSignIn,
  createSignInJudge,
  pasteRedirectUri,
  replyInPaste,
  signInLimitMs,
  type SignIn,
  type SignInCode,
  type SignInReply,
  type SignInVerdict,
} from '../credentials/oauth-login.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import type { CommandContext } from './context.ts';
import { browserCommand, startBrowser } from './open-browser.ts';
import { printLines } from './print.ts';
import { readSecret } from './read-secret.ts';

export type SignInRequest = {
  authorizeUrl: string;
  tokenUrl: string;
  clientId: string;
  scopes: readonly string[];
  /** False when nothing but the addresses is to be shown. */
  opensBrowser: boolean;
  limitMs?: number;
};

/** A sign-in with the code that came back to it. */
export type SignInResult = { signIn: SignIn; answer: SignInCode };

const failed = (message: string): CcrError =>
  new CcrError('sign_in_failed', message, { hint: 'nothing was changed; begin again' });

const tooLate = (): CcrError => failed('the sign-in has taken longer than ten minutes');

/** What a pasted text was, where it did not end the sign-in. */
const again: Partial<Readonly<Record<SignInVerdict['kind'], string>>> = {
  'wrong-state': 'this code belongs to another sign-in; paste the one that the page of now shows',
  'no-code': 'there is no code in it; paste what the page shows, code#state',
};

type Settle = { done: (result: SignInResult | null) => void; fail: (error: Error) => void };

/** Takes what a verdict means for the whole; false when it goes on. */
const settle = (verdict: SignInVerdict, signIn: SignIn, { done, fail }: Settle): boolean => {
  if (verdict.kind === 'accepted') done({ signIn, answer: verdict.answer });
  else if (verdict.kind === 'expired') fail(tooLate());
  else if (verdict.kind === 'denied')
    fail(failed(`the provider refused the sign-in (${sanitize(verdict.error, 80)})`));
  else return verdict.kind === 'spent';
  return true;
};

type Paste = Settle & {
  context: Pick<CommandContext, 'stdin' | 'stderr'>;
  signIn: SignIn;
  judge: (reply: SignInReply) => SignInVerdict;
  signal: AbortSignal;
};

/** Asks for the code until one settles it, the person gives up, or there is nothing more to read. */
const takePastes = async (paste: Paste): Promise<void> => {
  const { context, signIn, judge, signal, done } = paste;
  const { stdin, stderr } = context;
  const isTerminal = stdin.isTTY;
  while (!signal.aborted) {
    let bytes: Buffer | null = null;
    let problem = again['no-code'] ?? '';
    try {
      bytes = await readSecret(stdin, stderr, { question: 'code (not shown): ', signal });
      if (bytes === null) return signal.aborted ? undefined : done(null);
      const reply = replyInPaste(takeSecret(bytes).reveal());
      if (reply !== null) {
        const verdict = judge(reply);
        if (settle(verdict, signIn, paste)) return;
        problem = again[verdict.kind] ?? problem;
      }
    } catch (error) {
      if (!(error instanceof CcrError)) throw error;
      // A pipe that holds nothing, such as /dev/null, is nobody who could paste: the browser may still come back.
      if (!isTerminal && bytes === null) return;
    }
    await printLines(stderr, [`ccr-tui: ${problem}`]);
    if (!isTerminal) return;
  }
};

const instructions = (signIn: SignIn, isOpened: boolean): string[] => [
  isOpened
    ? 'The browser opens the page to sign in. If it does not, open it yourself, on this machine:'
    : 'Open this page to sign in, in a browser of this machine:',
  '',
  signIn.ways.callback.url,
  '',
  'Or, in a browser of any machine, this one, and paste the code that it shows at the end:',
  '',
  signIn.ways.paste.url,
  '',
];

/**
 * Has a person sign in with a browser. The code comes by the browser, which is led to a listener of ours, or by what is
 * pasted, whichever is first; the listener and the prompt end with it in every case. Null when the person gave up (ctrl+c).
 * Rejects with `sign_in_failed`.
 */
export const signInByBrowser = async (
  context: Pick<CommandContext, 'stdin' | 'stderr' | 'env' | 'clock'>,
  request: SignInRequest,
): Promise<SignInResult | null> => {
  const { stderr, env, clock } = context;
  const { authorizeUrl, tokenUrl, clientId, scopes, limitMs = signInLimitMs } = request;
  const callback = await openLoginCallback();
  const taken = new AbortController();
  const { promise, resolve: done, reject: fail } = Promise.withResolvers<SignInResult | null>();
  const late = setTimeout(() => fail(tooLate()), limitMs);
  try {
    const redirectUris = { callback: callback.redirectUri, paste: pasteRedirectUri(tokenUrl) };
    const signIn = beginSignIn({ authorizeUrl, clientId, scopes, redirectUris, now: clock.now() });
    const judgeNow = createSignInJudge(signIn);
    const judge = (reply: SignInReply): SignInVerdict => judgeNow(reply, clock.now());
    callback.listen((reply) => {
      const verdict = judge(reply);
      settle(verdict, signIn, { done, fail });
      return verdict;
    });
    const { url } = signIn.ways.callback;
    const command = request.opensBrowser ? browserCommand(url, { platform: process.platform, env }) : null;
    await printLines(stderr, instructions(signIn, command !== null));
    // One that is not there needs no word: the addresses stand there.
    if (command !== null) void startBrowser(command, env);
    takePastes({ context, signIn, judge, signal: taken.signal, done, fail }).catch(fail);
    return await promise;
  } finally {
    clearTimeout(late);
    taken.abort();
    await callback.close();
  }
};
