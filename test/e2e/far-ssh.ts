import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFile } from '../kit/program-environment.ts';
import type { World } from './world.ts';

export type FarSsh = {
  /** For the near end: its `ssh` runs the far end on this machine. */
  env: { PATH: string };
  /** The words behind `ssh` of every call. */
  calls(): string[];
  /** Number of the process at the far end; it is the ssh of the near end as well. */
  pid(): number;
  /** From now on ssh fails with these words; null = it works again. */
  fail(words: string | null): void;
};

/** What the stand-in does before it becomes the far end; `$HOME` is the world's home. */
const script = `#!/bin/sh
printf '%s\\n' "$*" >> "$HOME/calls"
if [ -e "$HOME/broken" ]; then cat "$HOME/broken" >&2; exit 255; fi
[ "$1" = -- ] && [ "$2" = me@there ] || exit 99
shift 2
echo $$ > "$HOME/pid"
`;

const write = (path: string, text: string): void => {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
};

/** An \`ssh\` and a \`ccr-tui\` in a folder of their own. \`before\` is shell that runs where ssh would ask a person. */
export const farSsh = (world: World, before = ''): FarSsh => {
  const bin = join(world.home, 'bin');
  const file = (name: string): string => join(world.home, name);
  mkdirSync(bin);
  write(join(bin, 'ssh'), `${script}${before}\necho 'Welcome to there'\neval "exec $*"\n`);
  write(join(bin, 'ccr-tui'), `#!/bin/sh\nexec '${process.execPath}' '${programFile}' "$@"\n`);
  return {
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    calls: () => (existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').trimEnd().split('\n') : []),
    pid: () => Number(readFileSync(file('pid'), 'utf8')),
    fail(words) {
      if (words === null) rmSync(file('broken'));
      else writeFileSync(file('broken'), `${words}\n`);
    },
  };
};
