import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { browserCommand, startBrowser } from '../../source/commands/open-browser.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

const url = 'https://claude.example/authorize?a=1&b=$(touch x)&c=%22';

test.each([
  ['darwin', {}, { file: 'open', args: [url] }],
  ['win32', {}, { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }],
  ['linux', { DISPLAY: ':0' }, { file: 'xdg-open', args: [url] }],
  ['freebsd', { WAYLAND_DISPLAY: 'wayland-0' }, { file: 'xdg-open', args: [url] }],
  ['linux', {}, null],
  ['linux', { DISPLAY: '' }, null],
] as const)('on %s with %j a page is opened by %j', (platform, env, command) => {
  expect(browserCommand(url, { platform, env })).toEqual(command);
});

test('the opener gets the address as it is, without a shell, and nobody waits for it', async () => {
  const home = await temporaryHome();
  const seen = join(home.path, 'seen');
  const opener = join(home.path, 'opener');
  writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$1" > '${seen}.new' && mv '${seen}.new' '${seen}'\n`);
  chmodSync(opener, 0o700);
  expect(await startBrowser({ file: opener, args: [url] }, process.env)).toBe(true);
  while (!existsSync(seen)) await sleep(5);
  expect(readFileSync(seen, 'utf8')).toBe(url);
  await home.remove();
});

test('an opener that is not there is no error', async () => {
  expect(await startBrowser({ file: '/nonexistent/opener', args: [url] }, process.env)).toBe(false);
});
