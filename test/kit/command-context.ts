import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach } from 'vitest';
import type { CommandContext } from '../../source/commands/context.ts';
import { systemClock, type Clock } from '../../source/shared/clock.ts';
import { temporaryHome, type TemporaryHome } from './temporary-home.ts';

type Given = Partial<Pick<CommandContext, 'positionals' | 'options'>> & {
  clock?: Clock;
  columns?: number;
  env?: CommandContext['env'];
};

export type GivenContext = { context: CommandContext; stdout(): string; stderr(): string };

export type ContextHome = {
  readonly path: string;
  /** What a command inside this process is given. */
  context(given?: Given): GivenContext;
};

const collect = (columns: number | undefined) => {
  const texts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      texts.push(chunk.toString('utf8'));
      done();
    },
  });
  return {
    stream: Object.assign(stream, columns === undefined ? {} : { columns }) as unknown as NodeJS.WriteStream,
    text: () => texts.join(''),
  };
};

/** A home of its own for each test of the file it is called in, for commands that run inside it; secrets go to the vault. */
export const useContextHome = (): ContextHome => {
  let home: TemporaryHome | null = null;
  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(() => home?.remove());
  const path = (): string => home?.path ?? '';
  return {
    get path() {
      return path();
    },
    context({ positionals = [], options = {}, clock = systemClock, columns, env = {} } = {}) {
      const [stdout, stderr] = [collect(columns), collect(undefined)];
      const context: CommandContext = {
        action: '',
        positionals,
        options,
        env: { CCR_TUI_HOME: path(), CCR_TUI_CREDENTIAL_STORE: 'vault', ...env },
        stdin: new PassThrough() as unknown as NodeJS.ReadStream,
        stdout: stdout.stream,
        stderr: stderr.stream,
        clock,
        version: '0.0.0',
        openApp: () => Promise.reject(new Error('nothing here opens the program')),
      };
      return { context, stdout: stdout.text, stderr: stderr.text };
    },
  };
};
