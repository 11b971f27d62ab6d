// The first minute of a person with an empty home: the screen in a terminal, an account added in it, and the first
// answer of the real Claude Code. Part of `npm run e2e:claude-code`.

import { startUpstream } from '../../source/demo/upstream.ts';
import { claude } from '../kit/claude-code.ts';
import { keys, startPty, type Pty } from '../kit/pty.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

type Check = (what: string, holds: boolean, seen: unknown) => void;

const limitMs = 60_000;
const key = 'sk-ant-api03-e2e-first-minute-not-a-key';

const shows =
  (text: string) =>
  (lines: string[]): boolean =>
    lines.some((line) => line.includes(text));

const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;

/** Types each piece once the screen shows what it waits for; a paste counts as one key. */
const type = async (
  pty: Pty,
  steps: readonly (readonly [wait: string, ...keys: string[]])[],
): Promise<number> => {
  let pressed = 0;
  for (const [wait, ...pieces] of steps) {
    await pty.waitFor(shows(wait));
    for (const piece of pieces) pty.send(piece);
    pressed += pieces.length;
  }
  return pressed;
};

/** Checks that it takes at most a minute, and prints how long and how many keys it took. */
export const firstMinute = async (check: Check): Promise<void> => {
  const home = await temporaryHome();
  const upstream = await startUpstream({
    accounts: [{ name: 'work', key, limits: { kind: 'unified' } }],
    pace: { pieceMs: 2 },
  });
  const begun = performance.now();
  const pty = startPty(['--port', '0'], { home: home.path, env: { CCR_TUI_CREDENTIAL_STORE: 'vault' } });
  try {
    // With a key of the Claude Console it is `a`, the paste and Enter: kind and address come with the simulated provider.
    const pressed = await type(pty, [
      ['No account yet', 'a'],
      ['Add an account', keys.tab, keys.right],
      ['[compatible]', keys.tab, paste(upstream.url), paste(key)],
      [`${key.length} characters`, keys.enter],
      ['work is added', keys.enter],
      ['No request yet'],
    ]);
    const addedMs = performance.now() - begun;
    const answer = await claude(home.path, ['-p', 'say hello']);
    const answeredMs = performance.now() - begun;
    check('the first claude -p answers', answer.code === 0 && answer.stdout.trim() !== '', answer);
    check('within a minute of an empty home', answeredMs <= limitMs, answeredMs);
    const shown = await pty.waitFor(shows('200')).then(
      () => true,
      () => false,
    );
    check('the screen shows the request', shown, pty.screen.text());
    check('the key is nowhere in what the terminal got', !pty.raw().includes(key), null);
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    process.stdout.write(
      `      ${pressed} keys to an account that is ready after ${seconds(addedMs)} s; first answer after ${seconds(answeredMs)} s\n`,
    );
    pty.send('q');
    const { code } = await pty.exit;
    check('the screen ends with 0', code === 0, code);
  } finally {
    await pty.stop();
    await upstream.close();
    await home.remove();
  }
};
