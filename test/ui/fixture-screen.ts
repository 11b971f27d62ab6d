// A screen over sample data, run by the terminal tests from what the compiler made of the source: Node strips the
// types of .ts, but cannot run .tsx.
//   node fixture-screen.ts [busy|empty] [ascii] [plain-colors] [stream] [pid] [still] [osc9] [mouse]
// `stream`: requests keep arriving; `pid`: a notice says which process it is; `still`: its clock stands at the moment of
// the sample, so that two screens can be compared whenever they were drawn. q, ctrl+c and SIGTERM close it, and the exit code says which.
import type { State } from '../../source/store/state.ts';
import { asEpoch, type EpochMs } from '../../source/shared/types.ts';
import type { openScreen as open } from '../../source/ui/open-screen.tsx';
import { systemClock } from '../../source/shared/clock.ts';
import { usualLook } from '../../source/ui/look.ts';
import { busyState, doneRow, emptyState, later, now, sampleSession } from './sample.ts';

const flags = new Set(process.argv.slice(2));
const { openScreen } = (await import(
  new URL('../../distribution/ui/open-screen.js', import.meta.url).href
)) as { openScreen: typeof open };

/** The sample as if it happened just now. */
const shifted = (state: State): State => {
  const by = Date.now() - now;
  const shift = (at: EpochMs): EpochMs => asEpoch(at + by);
  const move = (at: EpochMs | null): EpochMs | null => (at === null ? null : shift(at));
  return {
    ...state,
    accounts: state.accounts.map((account) => ({
      ...account,
      availableAt: move(account.availableAt),
      windows: account.windows.map((each) => ({
        ...each,
        resetsAt: move(each.resetsAt),
        seenAt: shift(each.seenAt),
      })),
    })),
    rows: state.rows.map((row) =>
      row.kind === 'live'
        ? { ...row, request: { ...row.request, at: shift(row.request.at) } }
        : { ...row, request: { ...row.request, at: shift(row.request.at) } },
    ),
    log: state.log.map((entry) => ({ ...entry, at: shift(entry.at) })),
  };
};

const sample = flags.has('still') ? busyState : shifted(busyState);
let state = flags.has('empty') ? emptyState : sample;
const session = sampleSession(state, async (name, args) => {
  const account = 'account' in args ? args.account : '';
  const paused = name === 'account.pause';
  state = {
    ...state,
    accounts: state.accounts.map((each) =>
      each.name === account || each.id === account
        ? { ...each, paused, state: paused ? 'paused' : 'ready', reason: null }
        : each,
    ),
  };
  session.set(state);
  return state.accounts.find(({ id }) => id === account) as never;
});

let seq = state.seen;
const timer = flags.has('stream')
  ? setInterval(() => {
      seq += 1;
      const row = doneRow(seq, { at: later(0, asEpoch(Date.now())) });
      state = { ...state, rows: [...state.rows, row].slice(-1000), seen: seq };
      session.set(state);
    }, 50)
  : undefined;

const { stdin, stdout } = process;
// A key may come before the promise of the first frame is kept.
const leave = async (code: number): Promise<void> => {
  clearInterval(timer);
  await (await opening).close();
  process.exit(code);
};
const opening = openScreen({
  session,
  stdin,
  stdout,
  clock: flags.has('still') ? { ...systemClock, now: () => now } : systemClock,
  ascii: flags.has('ascii'),
  color: !flags.has('plain-colors'),
  holdsProxy: true,
  look: { ...usualLook, ...(flags.has('osc9') ? { notify: 'osc9' } : {}), mouse: flags.has('mouse') },
  signIn: () => Promise.resolve(0),
  demo: () => Promise.resolve(0),
  onQuit: (key) => void leave(key === 'q' ? 0 : 130),
});
process.once('SIGTERM', () => void leave(143));
(await opening).setNotice(flags.has('pid') ? `pid ${process.pid}` : null);
