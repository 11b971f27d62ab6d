import { describe, expect, it } from 'vitest';
import type { Pty } from '../kit/pty.ts';
import { instanceOf, shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, useWorld } from './world.ts';
import { inRun } from '../kit/long-run.ts';

const world = useWorld();

const styles = /\x1b\[[\d;:]*m/;
/** The 16 colours as foreground, bold, dim and inverse, and their ends. */
const sixteen = /^\x1b\[(?:(?:0|1|2|7|22|27|39|3[0-7]|9[0-7])(?:;|m))+$/;
/** What a character set of 7 bits shows, and what moves the cursor. */
const sevenBits = /^[\x00-\x7e]*$/;
const pictures = /\p{Emoji_Presentation}|\ufe0f/u;

const raw = (pty: Pty): string => pty.raw().toString('utf8');

/** A screen with an account in each state a person must tell apart, help opened once, and an error among the requests. */
const troubled = async (args: readonly string[], env: Record<string, string>): Promise<Pty> => {
  const upstream = await world.provider({
    spent: { kind: 'unified', used: { '5h': 1 } },
    asleep: unlimited,
    fine: unlimited,
  });
  const names = ['spent', 'asleep', 'fine'];
  await Promise.all(
    names.map((name) => world.add(name, upstream, '--priority', name === 'spent' ? '1' : '2')),
  );
  await world.given(['account', 'pause', 'asleep']);
  const pty = world.open(['--port', '0', ...args], { env });
  await pty.waitFor(shows('quit'));
  const { url } = await instanceOf(world);
  await sdkFor(url).messages.create(ask('passes over the spent one'));
  await sdkFor(url)
    .messages.create({ ...ask('refused'), max_tokens: -1 })
    .catch(() => undefined);
  await pty.waitFor(shows('400 error'));
  return pty;
};

const openHelp = async (pty: Pty): Promise<void> => {
  pty.send('?');
  await pty.waitFor(shows('Esc close'));
};

/** Ways to the same end: the short run takes the first of each, the long one all. */
const plain = [
  ['NO_COLOR', [], { NO_COLOR: '1' }],
  ['--no-color', ['--no-color'], {}],
] as const;
const coloured = [
  ['an empty NO_COLOR', [], { NO_COLOR: '' }],
  ['CLICOLOR=0, which is not for this program', [], { CLICOLOR: '0' }],
  ['a terminal of 24 bits', [], { COLORTERM: 'truecolor' }],
] as const;
const narrow = [
  ['--ascii', ['--ascii'], {}],
  ['TERM=linux', [], { TERM: 'linux' }],
  ['a locale without UTF-8', [], { LANG: 'C', LC_ALL: 'C' }],
] as const;

describe('without colours', () => {
  it.each(plain.slice(0, inRun(1, plain.length)))(
    '(%s) nothing has a style, and every state is told in words',
    async (_, args, env) => {
      const pty = await troubled(args, env);
      const text = pty.screen.text();
      for (const word of [
        /spent +limited/,
        /asleep +paused/,
        /fine +(?:ready|serving)/,
        /200 ok/,
        /400 error/,
      ]) {
        expect(text).toMatch(word);
      }
      await openHelp(pty);
      expect(raw(pty)).not.toMatch(styles);
    },
  );
});

describe('with colours', () => {
  it.each(coloured.slice(0, inRun(1, coloured.length)))(
    '(%s) they are the 16 of the terminal, on its own background',
    async (_, args, env) => {
      const pty = await troubled(args, env);
      await openHelp(pty);
      const used = raw(pty).match(new RegExp(styles, 'g')) ?? [];
      expect(used.length).toBeGreaterThan(10);
      expect(used.filter((style) => !sixteen.test(style))).toEqual([]);
      expect(raw(pty)).not.toMatch(pictures);
    },
  );
});

describe('in 7 bits', () => {
  it.each(narrow.slice(0, inRun(1, narrow.length)))('(%s) not a byte is more', async (_, args, env) => {
    const pty = await troubled(args, env);
    await openHelp(pty);
    expect(raw(pty)).toMatch(sevenBits);
    expect(pty.screen.text()).toContain('Esc close');
  });
});

describe('INK_SCREEN_READER', () => {
  it('has only what changes said, without an escape or a line for each request', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = world.open(['--port', '0'], { env: { INK_SCREEN_READER: 'true' } });
    await pty.waitFor(shows('1 of 1 account can serve'));
    const { url } = await instanceOf(world);
    await sdkFor(url).messages.create(ask('one'));
    expect((await world.run(['account', 'pause', 'work'])).code).toBe(0);
    await pty.waitFor(shows('work paused'));
    expect(raw(pty)).not.toMatch(/200 ok|\x1b/);
  });
});

describe('TERM=dumb', () => {
  it('is no screen: lines, and not one escape', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = world.open(['--port', '0'], { env: { TERM: 'dumb' } });
    await pty.waitFor(shows('listening on'));
    const { url } = await instanceOf(world);
    await sdkFor(url).messages.create(ask('one'));
    await pty.waitFor(shows(/work .*200 ok/));
    expect(raw(pty)).not.toContain('\x1b');
  });
});
