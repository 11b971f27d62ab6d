// The real Claude Code, connected for good: its own settings lead it through the proxy, nothing in its environment does.
// Part of `npm run e2e:claude-code`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startUpstream } from '../../source/demo/upstream.ts';
import { claudeAlone } from '../kit/claude-code.ts';
import { runProgram, startProgram, type Program } from '../kit/program.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

type Check = (what: string, holds: boolean, seen: unknown) => void;

const key = 'sk-ant-api03-e2e-connected-not-a-key';
// As an editor on Windows may have left it: a mark, tabs, CRLF, no line break at the end.
const settingsText =
  '\uFEFF{\r\n\t"includeCoAuthoredBy": false,\r\n\t"env": {\r\n\t\t"EDITOR": "true"\r\n\t}\r\n}';

/** Checks connect, three runs of Claude Code and disconnect in one home. */
export const connected = async (check: Check): Promise<void> => {
  const home = await temporaryHome();
  const settings = join(home.path, '.claude', 'settings.json');
  const upstream = await startUpstream({ accounts: [{ name: 'work', key, limits: { kind: 'unified' } }] });
  const env = { CCR_TUI_CREDENTIAL_STORE: 'vault' };
  const run = (args: readonly string[], input = '') => runProgram(args, { home: home.path, input, env });
  let serve: Program | null = null;
  try {
    mkdirSync(join(home.path, '.claude'));
    writeFileSync(settings, settingsText);
    const before = await claudeAlone(home.path, ['-p', 'say hello']);
    check('Claude Code has nowhere to go before connect', before.code !== 0, before);

    await run(['account', 'add', 'work', '--base-url', upstream.url], `${key}\n`);
    serve = startProgram(['serve', '--port', '0', '--json'], { home: home.path, env });
    await serve.waitForLine('listening');
    const connect = await run(['connect', 'claude-code']);
    check('connect says so', connect.code === 0 && connect.stdout.includes('is connected to'), connect);

    const first = await claudeAlone(home.path, ['-p', 'say hello']);
    check('connected, claude -p answers', first.code === 0 && first.stdout.trim() !== '', first);
    const second = await claudeAlone(home.path, ['-p', '--continue', 'and again']);
    check('and a second turn does', second.code === 0, second);
    const served = upstream.requests.filter(({ account }) => account === 'work').length;
    check('both were served by the account', served >= 2, upstream.requests.length);

    const disconnect = await run(['disconnect', 'claude-code']);
    const { stdout } = disconnect;
    check('disconnect gives the exact bytes back', stdout.includes('byte for byte'), disconnect);
    check('and they are', readFileSync(settings, 'utf8') === settingsText, readFileSync(settings, 'utf8'));
    const asked = upstream.requests.length;
    const after = await claudeAlone(home.path, ['-p', 'say hello']);
    check(
      'Claude Code has nowhere to go after',
      after.code !== 0 && upstream.requests.length === asked,
      after,
    );
  } finally {
    serve?.signal('SIGTERM');
    await serve?.exit;
    await upstream.close();
    await home.remove();
  }
};
