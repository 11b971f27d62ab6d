import type { SshTarget } from '../control/ssh.ts';
import type { Clock } from '../shared/clock.ts';
import type { Environment } from '../shared/environment.ts';
import type { GivenOptions } from './parse-command-line.ts';

/** Where the proxy is to listen, as given on the command line; checked where the settings are. */
export type ListenFlags = { port?: string; host?: string; insecureBind?: 'true' };

export type ServeOptions = {
  flags: ListenFlags;
  json: boolean;
  env: Environment;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
};

/** A screen on an instance that runs already. */
export type AttachOptions = {
  /** Null for this machine, this home. */
  target: SshTarget | null;
  /** The instance refuses to change anything. */
  readOnly: boolean;
};

export type ScreenOptions = ServeOptions & {
  attach?: AttachOptions;
  /** Simulated accounts and traffic instead of one's own. */
  demo: boolean;
  plain: boolean;
  ascii: boolean;
  /** False for --no-color; the environment may say so, too. */
  color: boolean;
  /** As in a narrow terminal, also where there is room for more. */
  compact?: boolean;
  /** The terminal tells of the mouse, and no longer selects text by itself. */
  mouse?: boolean;
  stdin: NodeJS.ReadStream;
};

/** The composition root as the commands see it; both end with the exit code. */
export type App = {
  serve(options: ServeOptions): Promise<number>;
  screen(options: ScreenOptions): Promise<number>;
};

/** What a subcommand is given. It touches nothing of the process but this. */
export type CommandContext = {
  /** Name in the action table, for files that carry out more than one. */
  action: string;
  positionals: readonly string[];
  options: GivenOptions;
  env: Environment;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  clock: Clock;
  version: string;
  /** Loads the program behind `serve` and the screen; nothing else needs it. */
  openApp: () => Promise<App>;
};

export type CommandModule = {
  /** Ends with the exit code, or rejects with a CcrError. */
  run(context: CommandContext): Promise<number>;
};
