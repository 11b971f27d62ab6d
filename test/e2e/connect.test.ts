import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeCode } from '../../source/clients/claude-code.ts';
import { disconnect } from '../../source/clients/disconnect.ts';
import { openReceipts } from '../../source/clients/receipt.ts';
import { runProgram, type ProgramExit } from '../kit/program.ts';
import { killAtStep } from './kill-at-step.ts';
import { ask, sdkFor, unlimited, useWorld } from './world.ts';

const world = useWorld();

/** A place of its own for every death: a home and the folder of a client. */
type Place = { home: string; client: string; settings: string };

const newPlace = (): Place => {
  const root = mkdtempSync(join(world.home, 'place-'));
  const client = join(root, 'claude');
  return { home: join(root, 'home'), client, settings: join(client, 'settings.json') };
};

const run = ({ home, client }: Place, args: readonly string[], env: Record<string, string> = {}) =>
  runProgram([...args, 'claude-code', '--dir', client], {
    home: world.home,
    env: { CCR_TUI_HOME: home, ...env },
  });

const contentOf = ({ settings }: Place): string | null =>
  existsSync(settings) ? readFileSync(settings, 'utf8') : null;

/** What lies in and at the client's folder; null when there is none. */
const stateOf = ({ client, settings }: Place): unknown => {
  if (!existsSync(client)) return null;
  const names = readdirSync(client);
  const { mode, uid, gid } = existsSync(settings) ? lstatSync(settings) : { mode: 0, uid: 0, gid: 0 };
  return { names, mode, uid, gid, text: contentOf({ settings } as Place) };
};

/** Undoes it as a person would after the crash; that there is nothing to undo is fine, too. */
const undo = async ({ home, settings }: Place): Promise<void> => {
  const receipts = openReceipts({ home, receipts: join(home, 'receipts') });
  const options = { client: 'claude-code', edit: claudeCode, file: settings, receipts };
  await disconnect({ ...options, force: false, revoke: async () => undefined }).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'not_connected' });
  });
};

type Story = {
  /** Brings the place to where the command that dies begins. */
  before(place: Place): Promise<unknown>;
  command: readonly string[];
  env?: Record<string, string>;
  /** What the file must be after everything was undone, as made by `before`; the state before it by default. */
  after?(place: Place): string;
};

const original = '\uFEFF{\r\n\t"model": "opus",\r\n\t"env": { "ANTHROPIC_BASE_URL": "http://old" }\r\n}';
const put = ({ client, settings }: Place, text = original): void => {
  mkdirSync(client, { recursive: true });
  writeFileSync(settings, text);
  chmodSync(settings, 0o640);
};
const connected = async (place: Place): Promise<void> => {
  expect((await run(place, ['connect'])).code).toBe(0);
};
const otherPort = { CCR_TUI_PORT: '4999' };

const stories: [name: string, story: Story][] = [
  ['connect with settings', { before: async (place) => put(place), command: ['connect'] }],
  ['connect without a folder', { before: async () => undefined, command: ['connect'] }],
  [
    'connect again to another port',
    {
      before: async (place) => {
        put(place);
        await connected(place);
      },
      command: ['connect'],
      env: otherPort,
      after: () => original,
    },
  ],
  [
    'connect again to another port after others have changed the file',
    {
      before: async (place) => {
        put(place);
        await connected(place);
        put(place, (contentOf(place) ?? '').replace('"opus"', '"haiku"'));
      },
      command: ['connect'],
      env: otherPort,
      after: () => original.replace('"opus"', '"haiku"'),
    },
  ],
  [
    'disconnect',
    {
      before: async (place) => {
        put(place);
        await connected(place);
      },
      command: ['disconnect'],
      after: () => original,
    },
  ],
];

/** Dies at every step in turn, several at a time; returns how many steps there were. */
const dieAtEvery = async (
  story: Story,
  check: (place: Place, at: number) => Promise<void>,
): Promise<number> => {
  let next = 1;
  let steps = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const at = next;
      next += 1;
      if (steps > 0) return;
      const place = newPlace();
      await story.before(place);
      const exit: ProgramExit = await run(place, story.command, {
        ...story.env,
        NODE_OPTIONS: killAtStep(at),
      });
      if (exit.signal === null) {
        expect(exit).toMatchObject({ code: 0, stderr: '' });
        steps = at - 1;
        return;
      }
      expect(exit.signal).toBe('SIGKILL');
      await check(place, at);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return steps;
};

describe('kill -9 at every step', () => {
  it.each(stories)(
    '%s: the file is whole, and can be undone exactly',
    { timeout: 120_000 },
    async (_, story) => {
      // What the command makes of the file when nobody kills it.
      const untouched = newPlace();
      await story.before(untouched);
      const from = contentOf(untouched);
      await run(untouched, story.command, story.env);
      const to = contentOf(untouched);
      expect(to).not.toBe(from);

      const steps = await dieAtEvery(story, async (place, at) => {
        expect([from, to], `step ${at}`).toContain(contentOf(place));
        await undo(place);
        const wanted = newPlace();
        if (story.after !== undefined) put(wanted, story.after(wanted));
        else await story.before(wanted);
        expect(stateOf(place), `step ${at}`).toEqual(stateOf(wanted));
      });
      expect(steps).toBeGreaterThan(story.command[0] === 'connect' ? 15 : 8);
    },
  );

  it('the next command takes over what the dead one held, and ends its work', async () => {
    const place = newPlace();
    put(place);
    await run(place, ['connect'], { NODE_OPTIONS: killAtStep(20) });
    expect((await run(place, ['connect'])).code).toBe(0);
    expect(contentOf(place)).toContain('ANTHROPIC_AUTH_TOKEN');
    expect((await run(place, ['disconnect'])).stdout).toContain('byte for byte');
    expect(contentOf(place)).toBe(original);
    expect(readdirSync(join(place.home, 'receipts'))).toEqual([]);
  });
});

it('a death without help is found by the counter: it ends at the last step and no sooner', async () => {
  const place = newPlace();
  put(place);
  expect(await run(place, ['connect'], { NODE_OPTIONS: killAtStep(1) })).toMatchObject({ signal: 'SIGKILL' });
  expect(contentOf(place)).toBe(original);
  expect(await run(place, ['connect'], { NODE_OPTIONS: killAtStep(1000) })).toMatchObject({ code: 0 });
});

describe('two at once', () => {
  it('leave one connection and one way back', async () => {
    const place = newPlace();
    put(place);
    const exits = await Promise.all([0, 1, 2, 3].map(() => run(place, ['connect'])));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(exits.filter(({ stdout }) => stdout.includes('already'))).toHaveLength(3);
    await run(place, ['disconnect']);
    expect(contentOf(place)).toBe(original);
  });
});

it('what connect wrote leads to the account', async () => {
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  await world.serve();
  const dir = join(world.home, 'claude');
  expect((await world.run(['connect', 'claude-code', '--dir', dir])).code).toBe(0);
  const { env } = JSON.parse(readFileSync(join(dir, 'settings.json'), 'utf8')) as {
    env: Record<string, string>;
  };
  const client = sdkFor(env['ANTHROPIC_BASE_URL'] ?? '', { authToken: env['ANTHROPIC_AUTH_TOKEN'] ?? '' });
  const { response } = await client.messages.create(ask('hello')).withResponse();
  expect(response.headers.get('x-ccr-account')).toBe('work');
});
