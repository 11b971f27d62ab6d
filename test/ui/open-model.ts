import type { Commander } from '../../source/shared/session.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { State } from '../../source/store/state.ts';
import { createScreenModel, type ScreenModelOptions } from '../../source/ui/screen-model.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { keyOf } from './key.ts';
import { busyState, sampleSession } from './sample.ts';

/** A letter. */
export const plain = keyOf();

/** A screen over a state that the test sets, under the test's timers; `marked` is the selected lines. */
export const openModel = (
  state: State = busyState,
  run?: Commander['run'],
  busy?: () => boolean,
  more: Partial<ScreenModelOptions> = {},
) => {
  const session = sampleSession(state, run);
  const quits: string[] = [];
  let painted = 0;
  const model = createScreenModel({
    session,
    clock: { now: () => asEpoch(Date.now()), monotonic: () => performance.now() },
    theme: createTheme({ ascii: false, color: false }),
    size: { columns: 100, rows: 30 },
    onQuit: (key) => quits.push(key),
    ...(busy === undefined ? {} : { busy }),
    ...more,
  });
  model.subscribe(() => {
    painted += 1;
  });
  const marked = (): string =>
    [...model.frame().accounts, ...model.frame().requests].filter((line) => line.startsWith('>')).join('\n');
  return { session, quits, model, marked, paints: () => painted };
};
