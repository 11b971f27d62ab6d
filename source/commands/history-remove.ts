import { resolvePaths } from '../config/paths.ts';
import { newestRow, readHistory } from '../history/queries.ts';
import { removeAside, removeHistory } from '../history/removal.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import { exportHistory } from './history-export.ts';
import { printLines } from './print.ts';
import { askYes } from './visible-line.ts';

/** The time before which `prune` removes. */
const pruneTime = ({ options, clock }: CommandContext): EpochMs => {
  const age = ageOption(options, 'older-than');
  if (age !== null) return asEpoch(clock.now() - age);
  throw new CcrError('usage', 'history prune needs --older-than AGE', {
    hint: 'such as --older-than 30d; history clear removes everything',
  });
};

const agree = async ({ options, stdin, stderr }: CommandContext): Promise<boolean> => {
  if (options['force'] === true) return true;
  if (!stdin.isTTY) {
    throw new CcrError('usage', 'history clear removes the whole history', {
      hint: 'give --force where nobody can be asked',
    });
  }
  return askYes(stdin, stderr, 'Remove the whole history? Type yes, or press Enter to keep it: ');
};

/** Writes what is going to be removed to the file of `--export`, if there is one. */
const keepBefore = async (
  { options, stdout }: CommandContext,
  file: string,
  before: EpochMs | null,
  newest: number,
): Promise<void> => {
  const path = options['export'];
  if (typeof path !== 'string') return;
  const span = before === null ? {} : { before };
  const count = exportHistory(path, readHistory({ file, since: asEpoch(0), limit: null, newest, ...span }));
  await printLines(stdout, [`wrote ${plural(count, 'request')} to ${path}`]);
};

/**
 * `history prune` and `history clear`: remove requests for good, with and without a running instance, which goes on
 * writing meanwhile. With `--export` no request is removed that is not in the new file; what was captured of those that go
 * goes with them, and is not in it.
 */
export const run = async (context: CommandContext): Promise<number> => {
  const { action, env, stdout, stderr } = context;
  const { history: file } = resolvePaths(env);
  const isClear = action === 'history.clear';
  const before = isClear ? null : pruneTime(context);
  if (isClear && !(await agree(context))) {
    await printLines(stderr, ['ccr-tui: kept the history']);
    return 1;
  }
  const newest = newestRow(file) ?? 0;
  await keepBefore(context, file, before, newest);
  const removed = await removeHistory({ file, before, newest });
  await printLines(stdout, [`removed ${plural(removed, 'request')}`]);
  const aside = isClear ? removeAside(file) : 0;
  if (aside > 0) await printLines(stdout, [`removed ${plural(aside, 'file')} that had been set aside`]);
  return 0;
};
