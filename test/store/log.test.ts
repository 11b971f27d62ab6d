import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents } from '../../source/store/reduce.ts';
import { logLimit } from '../../source/store/state.ts';
import { awkwardText, hostileCharacter, hostileText } from '../kit/hostile-text.ts';
import * as sample from './samples.ts';
import {
  after,
  at1419,
  calm,
  empty,
  fold,
  limited,
  listening,
  minute,
  moved,
  overloaded,
  second,
  texts,
  turn,
  view,
} from './story.ts';

const { accountView, logged } = sample;

describe('a limit', () => {
  test('is told with the time of its end, in local time, and so is its end', () => {
    expect(texts(view(0, 'team-a', limited()), view(12 * minute, 'team-a'))).toEqual([
      'team-a reached its 5h limit, back at 14:19',
      'team-a is back: its 5h window was reset',
    ]);
  });

  test('names the day of an end that is far away', () => {
    const friday = asEpoch(new Date(2026, 10, 27, 9, 0, 0).getTime());
    const fields = { ...limited(friday), reason: 'reached its 7d limit' };
    expect(texts(view(0, 'team-a', fields))).toEqual(['team-a reached its 7d limit, back at Fri 09:00']);
  });

  test('is told once, however often the account tells of itself, and anew when another window ends later', () => {
    const longer = { ...limited(after(3 * 60 * minute)), reason: 'reached its 7d limit' };
    expect(
      texts(
        view(0, 'team-a', { ...limited(), inFlight: 3 }),
        view(10, 'team-a', { ...limited(), inFlight: 2 }),
        view(20, 'team-a', { ...limited(asEpoch(at1419 + 900)), inFlight: 0 }),
        view(30, 'team-a', longer),
      ),
    ).toEqual(['team-a reached its 5h limit, back at 14:19', 'team-a reached its 7d limit, back at 17:07']);
  });

  test('that ends before its time is not said to have been reset', () => {
    expect(texts(view(0, 'team-a', limited()), view(minute, 'team-a')).at(-1)).toBe(
      'team-a is back earlier than was said',
    );
  });
});

describe('what a person does', () => {
  test('is told each time, in order', () => {
    const paused = { state: 'paused', reason: 'paused by you' } as const;
    expect(texts(view(0, 'work', paused), view(second, 'work'), view(2 * second, 'work', paused))).toEqual([
      'work paused',
      'work resumed',
      'work paused',
    ]);
  });

  test('who is preferred, and another strategy', () => {
    const preferred = { preferred: true } as const;
    const chosen = { type: 'strategyChosen', at: after(3 * second), strategy: 'drain' } as const;
    expect(texts(view(0, 'work'), view(second, 'work', preferred), view(2 * second, 'work'), chosen)).toEqual(
      ['new work goes to work first', 'work is not preferred any more', 'accounts are chosen by drain now'],
    );
  });

  test('an account that is resumed although it cannot serve says so', () => {
    const paused = { state: 'paused', reason: 'paused by you' } as const;
    const refused = { state: 'error', reason: 'keychain locked' } as const;
    expect(texts(view(0, 'work', paused), view(second, 'work', limited())).at(-1)).toBe(
      'work resumed, but it reached its 5h limit, back at 14:19',
    );
    expect(texts(view(0, 'work', paused), view(second, 'work', refused)).at(-1)).toBe(
      'work resumed, but it cannot serve: keychain locked',
    );
  });

  test('accounts added, renamed and removed are told; those that are there at the start are not', () => {
    const renamed = view(second, 'spare');
    const removed = {
      type: 'accountRemoved',
      at: after(minute),
      account: sample.accountId('spare'),
    } as const;
    const name = { ...renamed, account: { ...accountView('spare'), name: 'extra' } } as ProxyEvent;
    expect(texts(view(0, 'spare'), name, removed, removed)).toEqual([
      'account spare added',
      'spare is now called extra',
      'account extra removed',
    ]);
  });
});

describe('an account in trouble', () => {
  test('is told once a minute, counted, and ends with its next answer', () => {
    expect(
      texts(
        view(0, 'relay'),
        view(second, 'relay', overloaded(after(2 * second))),
        view(2 * second, 'relay'),
        view(3 * second, 'relay', overloaded(after(5 * second))),
        view(5 * second, 'relay'),
        view(6 * second, 'relay', overloaded(after(10 * second))),
        turn(11 * second, 'a', 'work'),
        turn(12 * second, 'a', 'relay'),
        turn(13 * second, 'a', 'relay'),
      ),
    ).toEqual([
      'account relay added',
      'relay is overloaded (529), trying again in 4s (3 times in a minute)',
      'relay answers again',
    ]);
  });

  test('is told with the time from which its newest figures count', () => {
    const { log } = fold(
      ...calm,
      view(second, 'work', overloaded(after(2 * second))),
      view(2 * second, 'work'),
      view(6 * second, 'work', overloaded(after(10 * second))),
    );
    expect(log.map(({ at, text }) => [at, text])).toEqual([
      [after(6 * second), 'work is overloaded (529), trying again in 4s (2 times in a minute)'],
    ]);
  });

  test('stands behind what came meanwhile when it is true once more, so that times are in their order', () => {
    const benched = (ms: number, name: string) => view(ms, name, overloaded(after(ms + second)));
    const { log } = fold(
      ...calm,
      benched(second, 'work'),
      benched(2 * second, 'home'),
      view(3 * second, 'work'),
      benched(4 * second, 'work'),
    );
    expect(log.map(({ at, text, again }) => [at, text, again])).toEqual([
      [after(2 * second), 'home is overloaded (529), trying again in 1s', undefined],
      [after(4 * second), 'work is overloaded (529), trying again in 1s (2 times in a minute)', true],
    ]);
    const seqs = log.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  });

  test('answers again without a count', () => {
    const benched = (ms: number) => view(ms, 'work', overloaded(after(ms + second)));
    expect(
      texts(
        benched(0),
        view(2 * second, 'work'),
        turn(3 * second, 'a', 'work'),
        benched(4 * second),
        view(6 * second, 'work'),
        turn(7 * second, 'a', 'work'),
      ).at(-1),
    ).toBe('work answers again');
  });

  test('is told anew after a minute, and the last line about it is always the newest', () => {
    const benched = (ms: number) => view(ms, 'work', overloaded(after(ms + second)));
    const said = texts(
      benched(0),
      turn(2 * second, 'a', 'work'),
      view(2 * second, 'work'),
      benched(3 * second),
      view(9 * second, 'work'),
      benched(61 * second),
    );
    expect(said).toEqual([
      'work answers again',
      'work is overloaded (529), trying again in 1s (2 times in a minute)',
      'work is overloaded (529), trying again in 1s',
    ]);
  });

  test('whose key was refused says what to do, one without its secret why', () => {
    const refused = {
      state: 'error',
      reason: 'the provider refused its key (401)',
      availableAt: after(5 * minute),
    } as const;
    const locked = { state: 'error', reason: 'the keychain is locked' } as const;
    expect(
      texts(
        view(0, 'work', refused),
        view(0, 'home', locked),
        view(second, 'home', locked),
        view(2 * second, 'home'),
      ),
    ).toEqual([
      'work cannot serve: the provider refused its key (401); trying again at 14:12; if the key is wrong, remove the account and add it again',
      'home cannot serve: the keychain is locked',
      'home can serve again',
    ]);
  });

  test('is told even when it was so from the start', () => {
    const locked = { state: 'error', reason: 'the keychain is locked' } as const;
    const first = view(100 - minute, 'home', locked);
    expect(fold(listening, first).log.map(({ text, level }) => [level, text])).toEqual([
      ['error', 'home cannot serve: the keychain is locked'],
    ]);
  });

  test('that waits for a moment, or is merely busy, says nothing', () => {
    const pacing = (ms: number): ProxyEvent =>
      view(0, 'work', { state: 'pacing', reason: 'asked to slow down', availableAt: after(ms) });
    expect(
      texts(
        view(0, 'work', { state: 'serving', inFlight: 1 }),
        view(10, 'work', { inFlight: 0 }),
        pacing(9 * second),
        view(9 * second, 'work'),
      ),
    ).toEqual([]);
    expect(texts(pacing(30 * second))).toEqual(['work was asked to slow down, back in 30s']);
  });
});

describe('nobody', () => {
  test('can serve: told once, with the earliest end, until somebody can again', () => {
    const names = ['home', 'team-a', 'work'];
    const all = (ms: number): ProxyEvent[] =>
      names.map((name, index) => view(ms, name, limited(after((12 + index) * minute))));
    expect(texts(...all(0), ...all(second)).filter((text) => text.startsWith('no '))).toEqual([
      'no account can serve until 14:19',
    ]);
    const again = texts(
      ...all(0),
      view(12 * minute, 'home'),
      view(12.5 * minute, 'home', limited(after(1e7))),
    );
    expect(again.filter((text) => text.startsWith('no '))).toEqual([
      'no account can serve until 14:19',
      'no account can serve until 14:20',
    ]);
  });

  test('can serve because all are paused', () => {
    const paused = { state: 'paused', reason: 'paused by you' } as const;
    expect(texts(...['home', 'team-a', 'work'].map((name) => view(0, name, paused))).at(-1)).toBe(
      'no account can serve: all are paused',
    );
  });

  test('is no word for a moment without one', () => {
    const rest = (name: string): ProxyEvent => view(0, name, overloaded(after(2 * second)));
    expect(
      texts(rest('home'), rest('team-a'), rest('work')).filter((text) => text.startsWith('no ')),
    ).toEqual([]);
  });
});

describe('a proxy thread that starts again', () => {
  test('does not make news of what it has forgotten', () => {
    expect(
      texts(view(0, 'team-a', limited()), { ...listening, at: after(minute) }, view(minute + 50, 'team-a')),
    ).toEqual(['team-a reached its 5h limit, back at 14:19']);
  });
});

describe('the log', () => {
  test('keeps the newest sentences, numbered on', () => {
    const state = fold(...Array.from({ length: logLimit + 3 }, (_, n) => logged(`sentence ${n}`)));
    expect(state.log).toHaveLength(logLimit);
    expect(state.log[0]).toMatchObject({ seq: 4, text: 'sentence 3' });
    expect(state.log.at(-1)?.seq).toBe(logLimit + 3);
  });

  test.each([...hostileText, ...awkwardText])('%s is shown, not obeyed', (_, text) => {
    const window = {
      id: text,
      scope: text,
      utilization: 0.9,
      status: 'allowed',
      resetsAt: at1419,
      source: 'header' as const,
      seenAt: after(0),
    };
    const hostile = { ...accountView('x'), name: text, reason: text, windows: [window] };
    const events: ProxyEvent[] = (['limited', 'benched', 'error', 'paused', 'capped', 'ready'] as const).map(
      (state, index) => ({
        type: 'accountChanged',
        at: after(index * minute),
        account: { ...hostile, state, paused: state === 'paused', availableAt: at1419 },
      }),
    );
    const said = texts(
      { type: 'logged', at: after(0), level: 'info', text },
      ...events,
      { type: 'accountRemoved', at: after(1e6), account: hostile.id },
      turn(0, text, text),
      moved(1, text, `${text}2`),
      view(2, text, { paused: true, state: 'paused' }),
    );
    expect(said.length).toBeGreaterThan(7);
    for (const line of said) expect(line).not.toMatch(hostileCharacter);
  });

  test('is bounded in what it remembers, and its numbers rise, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(sample.anyEvent, { maxLength: 300 }), (events) => {
        const { log, told } = applyEvents(empty, events, priceOf);
        const seqs = log.map(({ seq }) => seq);
        expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
        expect(log.length).toBeLessThanOrEqual(logLimit);
        expect(told.sentences.length).toBeLessThanOrEqual(200);
        expect(told.failing.length).toBeLessThanOrEqual(3);
        expect(told.moves.length).toBeLessThanOrEqual(500);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a login', () => {
  const place = { account: sample.accountId('home'), accountName: 'home' };
  const renewed: ProxyEvent = { type: 'tokenRefreshed', at: after(0), ...place, expiresAt: at1419 };
  const failed = (ms: number, failures: number, retryAt: ReturnType<typeof after> | null): ProxyEvent => ({
    type: 'tokenRefreshFailed',
    at: after(ms),
    ...place,
    reason: retryAt === null ? 'the provider says invalid_grant' : 'the token endpoint answered 503',
    failures,
    retryAt,
  });

  test('that was renewed is told with its end', () => {
    expect(texts(renewed)).toEqual(['home renewed its login until 14:19']);
  });

  test('that was not is told at the first failure and at the last, and not between them', () => {
    const told = [failed(0, 1, at1419), failed(second, 2, at1419), failed(minute, 3, null)];
    expect(texts(...told)).toEqual([
      'home could not renew its login: the token endpoint answered 503; trying again at 14:19',
      'home could not renew its login: the provider says invalid_grant',
    ]);
  });

  test('that has ended says what its owner can do', () => {
    const reason =
      'its login has ended (the provider says invalid_grant); sign in again: ccr-tui account login home';
    const ended = view(0, 'home', { state: 'needs-login', reason });
    expect(texts(ended)).toEqual([`home cannot serve: ${reason}`]);
  });
});
