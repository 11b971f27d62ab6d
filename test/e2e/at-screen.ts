import { availableParallelism, loadavg } from 'node:os';
import type { Upstream } from '../../source/demo/upstream.ts';
import { ask, sdkFor, until, type World } from './world.ts';

type Lines = (lines: string[]) => boolean;

/** A limit for a quiet machine, as much longer here as more programs want to run than there are processors. */
export const onThisMachine = (quietMs: number): number =>
  quietMs * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** Some line of the screen has that text. */
export const shows =
  (text: string | RegExp): Lines =>
  (lines) =>
    lines.some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)));

/** Where the proxy behind a screen listens, and its process. */
export const instanceOf = async (world: World): Promise<{ url: string; pid: number }> => {
  const [status] = await until(
    () => world.json<{ url: string | null; pid: number }>(['status']),
    ([seen]) => (seen?.url ?? null) !== null,
  );
  const { url = null, pid = 0 } = status ?? {};
  if (url === null) throw new Error('no instance');
  return { url, pid };
};

export type HeldStream = {
  /** Lets it go on to its end. */
  release(): void;
  /** The message, or the error that ended it. */
  ended: Promise<unknown>;
};

/** A stream through the proxy that is under way until it is released. */
export const holdStream = async (url: string, upstream: Upstream): Promise<HeldStream> => {
  const release = upstream.fail({ fault: 'stall-mid-body', times: 1 });
  const stream = sdkFor(url).messages.stream(ask('long'));
  const ended = stream.finalMessage().then(
    (message) => message,
    (error: unknown) => error,
  );
  await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
  return { release, ended };
};
